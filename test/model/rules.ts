/**
 * The rules of the protocol between writers, as switches. With all of them on the model has no
 * violation; each one that is switched off says what it was for.
 */

/** What each rule says. The names are the switches. */
export const ruleTexts = {
  gate: 'starting, recovering and leaving happen under one lock of the whole store',
  gateOnly: 'a recoverer holds the gate, and not the lock of the dead journal as well',
  writersFile: 'a journal counts if and only if the writers file lists it',
  writersSynced: 'the writers file is durable before a journal that it no longer lists goes',
  journalSynced: 'the name of a journal is durable before the writers file lists it',
  attached: 'the head says which writer may hold newer entries',
  durableAttach: 'the head says so, durably, before the first answer',
  namesSynced: "the name of the session's directory is durable before the first answer",
  durableAnswer: 'an append is answered after the sync of the journal',
  settleAtClose: 'everything is settled before a session is unlocked',
  detach: 'a detach frame ends the entries of a session in a journal',
  detachFirst: 'the detach frame is durable before the head says "attached to nobody"',
  closedBeforeDelete:
    'who deletes a session opens it for that, so that all its entries are settled',
  tombstone: 'a tombstone is durable in the journal before the directory goes',
  tombstonesFirst: 'tombstones of all dead journals come before any replay',
  replayIntoExisting: 'replay goes into sessions that are there, and makes none anew',
  keepsAttached: 'recovery leaves "attached" as it is, until the writer leaves the writers file',
  syncBeforeRetire: 'both directories are durable before a tombstone retires',
  syncBeforeRemoval: 'what recovery moves is durable before the journal is removed',
  syncObserved: 'what recovery only sees in its place, or gone, is made durable as well',
  emptySynced: 'both directories are durable before a deleted session is emptied',
  syncSeenWriters: 'who opens a session because its writer left the file makes that durable',
  incarnation: 'every life of an id has a key of its own',
  vouchAfterSync: 'the head vouches for entries once they are durable in the history',
  vouchedOnly: 'recovery believes a history up to its vouched end, and writes the rest again',
  rebuild: 'a history whose sync failed is written anew, and not synced again',
  sameInode: 'after locking, the lock file is still the one at the path',
} as const;

/** The name of a rule. */
export type RuleName = keyof typeof ruleTexts;

/** All names, in the order of the table. */
export const ruleNames = Object.keys(ruleTexts) as RuleName[];

/** Which rules hold. */
export type Rules = Readonly<Record<RuleName, boolean>>;

/** All rules but these. */
export function rulesWithout(...off: readonly RuleName[]): Rules {
  return Object.fromEntries(ruleNames.map((name) => [name, !off.includes(name)])) as Rules;
}

/** What may go wrong, by the code in a state. */
export const violationTexts = [
  'none',
  'an acknowledged entry is missing',
  'a foreign entry stands in the session',
  'entries that the head vouches for cannot be read',
  'a deleted session is back',
  'a session that nobody deleted is gone',
  'two processes own the session',
  'a sound store is reported as if entries had lost their session',
  'a sound store is refused',
] as const;

/** Codes of violations: the index of their text. */
export const violation = {
  none: 0,
  lost: 1,
  foreign: 2,
  damaged: 3,
  returned: 4,
  vanished: 5,
  twoOwners: 6,
  homeless: 7,
  refused: 8,
} as const;
