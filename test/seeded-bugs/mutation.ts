/**
 * What a seeded bug is. A text that it replaces must stand exactly once in its file, so that a
 * change of the code cannot empty the list of bugs in silence.
 */
import type { Check } from './checks.ts';

/** One text that is replaced, in a compiled file of `src` (without its ending). */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A seeded bug. */
export interface Mutation {
  /** What the code then does. */
  readonly name: string;
  /** The check that finds it, or why there is nothing to find. */
  readonly caughtBy: Check | Equivalent;
  readonly edits: readonly Edit[];
}

/** Why the bug changes nothing that anybody can see. */
export interface Equivalent {
  readonly equivalent: string;
}

/** An edit of one text. */
export function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}

/** A bug of one edit. */
export function bug(
  name: string,
  caughtBy: Check | Equivalent,
  ...[file, find, replace]: [string, string, string]
): Mutation {
  return { name, caughtBy, edits: [edit(file, find, replace)] };
}
