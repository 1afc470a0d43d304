/** The library behind the commands. */
import { acceptLoss, dump, recover, salvage, Store } from '../index.ts';
import type { Engine } from './engine.ts';

/** The verbs of `holdfast`, as commands ask for them. */
export const engine: Engine = {
  openStore: (root, options) => Store.open(root, options),
  recover,
  salvage,
  acceptLoss,
  dump,
};
