/** The spaces that are gone through: small ones in the tests, larger ones by command. */
import type { Scope } from './state.ts';

const nothing: Scope = {
  writers: 3,
  incarnations: 1,
  appends: 1,
  kills: 0,
  powerLosses: 0,
  deletes: 0,
  syncFailures: 0,
  leaves: 0,
  retires: 0,
  frames: 4,
};

/** A scope by what differs from three writers that append once. */
export function scopeOf(change: Partial<Scope>): Scope {
  return { ...nothing, ...change };
}

/** Gone through in every run of the tests. */
export const smallScopes: readonly Scope[] = [
  scopeOf({ kills: 1, powerLosses: 1, deletes: 1 }),
  scopeOf({ writers: 2, kills: 1, deletes: 1, incarnations: 2, leaves: 1, retires: 1 }),
  scopeOf({ powerLosses: 1, deletes: 1, incarnations: 2, retires: 1 }),
  scopeOf({ kills: 1, powerLosses: 1, syncFailures: 1 }),
  scopeOf({ kills: 1, appends: 2, frames: 5 }),
];

/** Gone through by command. */
export const largeScopes: readonly Scope[] = [
  scopeOf({ kills: 1, powerLosses: 1, deletes: 1, incarnations: 2, retires: 1 }),
  scopeOf({ kills: 1, powerLosses: 1, appends: 2, retires: 1, frames: 5 }),
  scopeOf({ kills: 1, powerLosses: 1, deletes: 1, retires: 1, leaves: 1 }),
  scopeOf({ kills: 2, powerLosses: 1, deletes: 1 }),
  scopeOf({ kills: 1, powerLosses: 2, deletes: 1 }),
  scopeOf({ writers: 4, kills: 2, powerLosses: 1, deletes: 1 }),
  scopeOf({ kills: 1, appends: 2, deletes: 1, incarnations: 2, frames: 6 }),
  scopeOf({ writers: 2, kills: 1, powerLosses: 1, appends: 3, retires: 1, frames: 6 }),
];
