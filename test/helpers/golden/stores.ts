/** All golden stores: what makes them, with which seed, and where they are kept. */
import { storeText } from '../store-fixture.ts';
import { historySituations } from './history-situations.ts';
import { journalSituations } from './journal-situations.ts';
import { emptyLab } from './situation.ts';
import type { Situation } from './situation.ts';
import { storeSituations } from './store-situations.ts';

/** Stores of format 1.0. Another format gets a folder of its own; this one stays. */
export const goldenFolder: URL = new URL('../../../fixtures/stores/1.0/', import.meta.url);

/** The same for all: what tells stores apart are their steps. */
const seed = 42;

const situations: Readonly<Record<string, Situation>> = {
  ...storeSituations,
  ...journalSituations,
  ...historySituations,
};

/** Names of all situations. */
export const situationNames: readonly string[] = Object.keys(situations);

/** Makes the store of a situation anew. The same code gives the same text, every time. */
export async function makeStore(name: string): Promise<string> {
  const situation = situations[name];
  if (situation === undefined) throw new Error(`There is no situation ${name}`);
  const lab = await situation(await emptyLab(seed));
  return storeText(lab.disk);
}
