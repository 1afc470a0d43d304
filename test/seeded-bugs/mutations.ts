/**
 * Bugs that are planted one at a time into a copy of the built code, and what has to catch each. The
 * simulation proves something only as far as it finds these.
 */
import { fuzzBugs } from './fuzz-bugs.ts';
import { forgottenSyncs } from './forgotten-syncs.ts';
import { acceptedRot } from './accepted-rot.ts';
import { brokenRules } from './broken-rules.ts';
import type { Mutation } from './mutation.ts';

/** Bugs that are caught within a second or so: planted in every run of the tests. */
export const quickNames: ReadonlySet<string> = new Set([
  'a torn tail is taken for damage',
  'block 0 of a head is not synced before block 1',
  'fuzzing: the length of a frame has no bound',
  'settled entries are not synced before their head',
  'the journal is not synced',
  'the name of a segment is not synced',
  'the names of sessions are not synced',
]);

/** All seeded bugs. */
export const mutations: readonly Mutation[] = [
  ...forgottenSyncs,
  ...acceptedRot,
  ...brokenRules,
  ...fuzzBugs,
];
