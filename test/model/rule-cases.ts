/** What each rule is needed for: the space in which a store without it comes to harm. */
import { abandonedState } from './explore.ts';
import type { RuleName } from './rules.ts';
import { violation } from './rules.ts';
import { scopeOf } from './scopes.ts';
import type { Scope, State } from './state.ts';

/** A rule without which there is a violation, whatever the others do. */
export interface NeededRule {
  readonly rule: RuleName;
  readonly scope: Scope;
  readonly code: number;
}

const power = scopeOf({ writers: 2, powerLosses: 1 });

/** Rules that are needed by themselves. */
export const neededRules: readonly NeededRule[] = [
  { rule: 'gate', scope: scopeOf({ powerLosses: 1 }), code: violation.refused },
  { rule: 'writersFile', scope: power, code: violation.refused },
  {
    rule: 'writersSynced',
    scope: scopeOf({ kills: 1, powerLosses: 1 }),
    code: violation.refused,
  },
  { rule: 'journalSynced', scope: power, code: violation.refused },
  { rule: 'attached', scope: scopeOf({ writers: 2, kills: 1 }), code: violation.lost },
  { rule: 'durableAttach', scope: power, code: violation.lost },
  { rule: 'namesSynced', scope: power, code: violation.vanished },
  { rule: 'durableAnswer', scope: power, code: violation.lost },
  { rule: 'settleAtClose', scope: scopeOf({ writers: 2 }), code: violation.lost },
  { rule: 'detach', scope: scopeOf({ powerLosses: 1, deletes: 1 }), code: violation.homeless },
  { rule: 'detachFirst', scope: scopeOf({ kills: 1, deletes: 1 }), code: violation.homeless },
  {
    rule: 'closedBeforeDelete',
    scope: scopeOf({ kills: 1, powerLosses: 1, deletes: 1 }),
    code: violation.homeless,
  },
  {
    rule: 'keepsAttached',
    scope: scopeOf({ writers: 4, kills: 1, powerLosses: 1, deletes: 1 }),
    code: violation.homeless,
  },
  {
    rule: 'syncBeforeRetire',
    scope: scopeOf({ writers: 2, powerLosses: 1, deletes: 1 }),
    code: violation.damaged,
  },
  { rule: 'emptySynced', scope: scopeOf({ powerLosses: 1, deletes: 1 }), code: violation.damaged },
  {
    rule: 'incarnation',
    scope: scopeOf({ powerLosses: 1, deletes: 1, incarnations: 2 }),
    code: violation.vanished,
  },
  {
    rule: 'syncSeenWriters',
    scope: scopeOf({ writers: 4, kills: 1, powerLosses: 1, deletes: 1, frames: 3 }),
    code: violation.homeless,
  },
  { rule: 'vouchAfterSync', scope: power, code: violation.damaged },
  {
    rule: 'vouchedOnly',
    scope: scopeOf({ kills: 1, powerLosses: 1, syncFailures: 1 }),
    code: violation.damaged,
  },
  {
    rule: 'rebuild',
    scope: scopeOf({ writers: 2, powerLosses: 1, syncFailures: 1 }),
    code: violation.damaged,
  },
  {
    rule: 'sameInode',
    scope: scopeOf({ writers: 2, deletes: 1, incarnations: 2 }),
    code: violation.twoOwners,
  },
];

/** A rule that others make up for, and what happens when they are off as well. */
export interface RedundantRule {
  readonly rule: RuleName;
  /** In words, for the title of the test. */
  readonly because: string;
  readonly others: readonly RuleName[];
  readonly scope: Scope;
  /** The violation that needs all of them to be off. */
  readonly code: number;
  readonly from?: (scope: Scope) => State;
}

/** Rules that are a second line of defence in this engine. */
export const redundantRules: readonly RedundantRule[] = [
  {
    rule: 'gateOnly',
    because: 'the head says that the session waits for the recovery of another writer',
    others: ['attached'],
    scope: scopeOf({ kills: 1 }),
    code: violation.lost,
    from: abandonedState,
  },
  {
    rule: 'tombstone',
    because: 'nothing of a session that was opened to be deleted is left to replay',
    others: ['closedBeforeDelete'],
    scope: scopeOf({ kills: 1, deletes: 1 }),
    code: violation.homeless,
  },
  {
    rule: 'tombstonesFirst',
    because: 'closed sessions are detached, and replay makes no session anew',
    others: ['detach', 'replayIntoExisting'],
    scope: scopeOf({ powerLosses: 1, deletes: 1 }),
    code: violation.returned,
  },
  {
    rule: 'replayIntoExisting',
    because: 'with tombstones first, none of the sessions without a home was deleted',
    others: ['detach', 'tombstonesFirst'],
    scope: scopeOf({ powerLosses: 1, deletes: 1 }),
    code: violation.returned,
  },
  {
    rule: 'syncBeforeRemoval',
    because: 'before the trash is emptied the move is durable, and the report is told behind that',
    others: ['emptySynced'],
    scope: scopeOf({ powerLosses: 2, deletes: 1 }),
    code: violation.returned,
  },
  {
    rule: 'syncObserved',
    because: 'a session that is deleted has nothing in the journal that could be lost with it',
    others: ['closedBeforeDelete'],
    scope: scopeOf({ kills: 1, powerLosses: 1, deletes: 1, frames: 3 }),
    code: violation.lost,
  },
];
