/** Words that several commands share: `recover scan`, `snapshot take`. */

/** The first word of several commands. */
export interface Group {
  readonly name: string;
  /** What they are for, in a sentence. */
  readonly lead: string;
  /** The verb that is meant when there is none, or only a directory; null: a verb is needed. */
  readonly alone: string | null;
}

/** All groups. */
export const groups: readonly Group[] = [
  {
    name: 'snapshot',
    lead: 'snapshot takes, labels and cleans up restore points; `holdfast snapshots` lists them.',
    alone: null,
  },
  {
    name: 'recover',
    lead: 'recover looks at a store after a crash, says what is there and what is not, and heals it.',
    alone: 'scan',
  },
];

/** The group of this name, if there is one. */
export function groupOf(name: string | null): Group | undefined {
  return groups.find((group) => group.name === name);
}
