/**
 * The steps of the model. Those that can be seen from outside a process carry the name under which
 * a run of the real code records them; `internal` ones are decisions.
 */

/** Steps by name; the number is what a trace keeps. */
export const action = {
  internal: 0,
  gateTaken: 1,
  gateFreed: 2,
  journalMade: 3,
  journalsSynced: 4,
  journalRemoved: 5,
  journalUnlocked: 6,
  writersWritten: 7,
  rootSynced: 8,
  sessionMade: 9,
  nameGiven: 10,
  nameMoved: 11,
  sessionsSynced: 12,
  trashSynced: 13,
  sessionLocked: 14,
  sessionUnlocked: 15,
  headWritten: 16,
  historyWritten: 17,
  historySynced: 18,
  historySyncFailed: 19,
  entryWritten: 20,
  detachWritten: 21,
  tombstoneWritten: 22,
  journalSynced: 23,
  retired: 24,
  acknowledged: 25,
  opened: 26,
  deletionTold: 27,
  killed: 28,
  powerLost: 29,
} as const;

/** The name of a step. */
export type ActionName = keyof typeof action;

const names = Object.keys(action) as ActionName[];

/** One step: what, by which life, and with what (a head, a mask of writers, a session). */
export function labelOf(name: ActionName, life = 0, detail = 0): number {
  return action[name] | (life << 8) | (detail << 12);
}

/** The detail of a head: who is attached, and up to which seq it vouches. */
export function headDetail(attached: number, vouched: number): number {
  return (attached << 3) | vouched;
}

/** The parts of a label. */
export function partsOf(label: number): { name: ActionName; life: number; detail: number } {
  return {
    name: names[label & 255] ?? 'internal',
    life: (label >> 8) & 15,
    detail: label >> 12,
  };
}

const texts: Readonly<Record<ActionName, (detail: number) => string>> = {
  internal: () => 'decides',
  gateTaken: () => 'takes the gate, and looks',
  gateFreed: () => 'frees the gate',
  journalMade: () => 'makes and locks its journal',
  journalsSynced: () => 'syncs journals/',
  journalRemoved: (mask) => `removes the journals of ${writersText(mask)}`,
  journalUnlocked: () => 'its lock of the journal falls',
  writersWritten: (mask) => `replaces the writers file: ${writersText(mask)}`,
  rootSynced: () => 'syncs the root',
  sessionMade: (session) => `makes life ${session} of the session aside, locked, attached`,
  nameGiven: (session) => `gives life ${session} its name`,
  nameMoved: () => 'moves the session to trash/',
  sessionsSynced: () => 'syncs sessions/',
  trashSynced: () => 'syncs trash/',
  sessionLocked: (session) => `locks life ${session} of the session`,
  sessionUnlocked: (session) => `its lock of life ${session} of the session falls`,
  headWritten: (head) =>
    `writes the head: attached ${(head >> 3) === 0 ? 'nobody' : `W${head >> 3}`}, vouched ${head & 7}`,
  historyWritten: (to) => `writes the history up to seq ${to}`,
  historySynced: () => 'syncs the history',
  historySyncFailed: () => 'the sync of the history fails, its pages are clean now',
  entryWritten: (value) => `writes entry ${value} to its journal`,
  detachWritten: () => 'writes a detach frame',
  tombstoneWritten: () => 'writes a tombstone',
  journalSynced: () => 'syncs its journal',
  retired: () => 'retires the oldest frame of its journal',
  acknowledged: () => 'acknowledges what is synced',
  opened: (seq) => `has the session open, up to seq ${seq}`,
  deletionTold: () => 'tells that the session is deleted',
  killed: () => 'is killed; its locks have not fallen yet',
  powerLost: () => 'power is lost',
};

function writersText(mask: number): string {
  const listed = [1, 2, 3, 4, 5, 6].filter((life) => (mask >> life) & 1);
  return listed.length === 0 ? 'nobody' : listed.map((life) => `W${life}`).join(', ');
}

/** A step in words. */
export function stepText(label: number): string {
  const { name, life, detail } = partsOf(label);
  const who = life === 0 ? '' : `W${life} `;
  return `${who}${texts[name](detail)}`;
}
