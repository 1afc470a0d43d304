/** Everything that is fuzzed, in one list. */
import { fileTargets } from './file-targets.ts';
import { formatTargets } from './format-targets.ts';
import type { Target } from './target.ts';
import { validTargets } from './valid-targets.ts';
import { valueTargets } from './value-targets.ts';

/** By their shares, which add up to a thousand. */
export const targets: readonly Target[] = [
  ...formatTargets,
  ...valueTargets,
  ...fileTargets,
  ...validTargets,
];
