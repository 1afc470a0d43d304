/** What can catch a seeded bug, as it is named in the list. */
import type { Pair } from '../exhaustive/pairs.ts';

/**
 * A walk through a small history, rot at its end, a race of settling, two calls at the same time, a
 * random life, so many inputs for a target of the fuzzing, or a file of tests, which
 * `tsconfig.sim.json` has to compile.
 */
export type Check =
  | { readonly history: string }
  | { readonly rot: string }
  | { readonly race: string }
  | { readonly pair: Pair }
  | { readonly test: string }
  | { readonly fuzz: string; readonly inputs: number }
  | { readonly seed: number; readonly steps: number };

/** The check as a person reads it, and how it is run by hand where that is possible. */
export function nameOf(check: Check): string {
  if ('history' in check) return `exhaustive, history: ${check.history}`;
  if ('rot' in check) return `exhaustive, rot: ${check.rot}`;
  if ('test' in check) return `test/${check.test}.test.ts`;
  if ('fuzz' in check) return `fuzzing, ${check.fuzz}`;
  if ('pair' in check) {
    const { first, second, start } = check.pair;
    return `exhaustive, pairs: ${first} & ${second}, ${start}`;
  }
  if ('race' in check) return `exhaustive, race: ${check.race}`;
  return `simulation, seed ${check.seed}, ${check.steps} steps`;
}
