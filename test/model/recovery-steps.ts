/**
 * The steps of whoever holds the gate to recover: look, apply tombstones, replay under the lock of
 * the session, make names durable, let the writers leave the file, remove their journals. Killed
 * anywhere, the next one begins from the look.
 */
import { headDetail } from './actions.ts';
import type { Context } from './context.ts';
import {
  clearJournal,
  emptyTrash,
  isJournalsSynced,
  isListed,
  livesOf,
  streamOf,
  syncJournals,
  unlockSessions,
  violate,
} from './context.ts';
import type { Rules } from './rules.ts';
import { violation } from './rules.ts';
import { field, lifeField, page, pc, sessionField, waits } from './state.ts';
import type { State } from './state.ts';

/** Takes the gate, when it is free or nobody keeps to it. */
export function canTakeGate(context: Context): boolean {
  return !context.rules.gate || context.now.get(field.gate) === 0;
}

/** The gate as held by this life. */
export function holdGate(state: State, rules: Rules, life: number): void {
  if (rules.gate) state.set(field.gate, life);
}

/** The gate as free, if this life held it. */
export function freeGate(state: State, life: number): void {
  if (state.get(field.gate) === life) state.set(field.gate, 0);
}

/** The look that comes first: which journals are dead, and what is to be done about them. */
export function look(state: State, rules: Rules, life: number): void {
  let dead = 0;
  let left = 0;
  let seen = 0;
  const head = state.name === 0 ? 0 : state.head(state.name);
  for (let other = 1; other <= livesOf(state); other += 1) {
    if (other === life) {
      if (isListed(state, rules, other)) seen |= 1 << other;
      continue;
    }
    const isThere = (state.life(other, lifeField.directory) & 1) === 1;
    const isFree = state.life(other, lifeField.lock) === 0;
    if (isListed(state, rules, other)) {
      seen |= 1 << other;
      // A journal that counts and is not there: the session that needs it is shut.
      if (!isThere && head >> 3 === other) violate(state, violation.refused);
      if (isFree) dead |= 1 << other;
    } else if (isThere && isFree) left |= 1 << other;
  }
  state.setLife(life, lifeField.seen, seen);
  state.setLife(life, lifeField.dead, dead);
  state.setLife(life, lifeField.left, left);
  if (!rules.gateOnly) lockJournals(state, dead, life);
  plan(state, rules, life, dead);
}

function plan(state: State, rules: Rules, life: number, dead: number): void {
  const { name } = state;
  let victim = 0;
  let planned = 0;
  for (let other = 1; other <= livesOf(state); other += 1) {
    if (((dead >> other) & 1) === 0) continue;
    planned = Math.max(planned, homelessIn(state, rules, other, dead));
    if (name === 0) continue;
    const stream = streamOf(state, rules, other, name);
    if (stream.isDeleted) victim = name;
    const head = state.head(name);
    const isNeeded = rules.attached
      ? head >> 3 === other
      : stream.entries.some((value) => state.seqOf(value) > (head & 7));
    if (isNeeded && !stream.isDeleted) planned = name;
  }
  if (victim !== 0 && rules.tombstonesFirst) planned = 0;
  state.setLife(life, lifeField.session, (victim << 4) | planned);
  if (name !== 0 && state.session(name, sessionField.emptied) !== 0) {
    violate(state, violation.damaged);
  }
  const missing = state.get(field.created) & ~state.get(field.deleteBegun);
  if (name === 0 && missing !== 0) violate(state, violation.vanished);
  goOn(state, life, decide(state, rules, life));
}

/**
 * Entries of a session that is not there, and that nobody closed or deleted, are told as lost. A
 * recovery that made sessions anew would answer with the one to make.
 */
function homelessIn(state: State, rules: Rules, other: number, dead: number): number {
  const { name } = state;
  let anew = 0;
  for (let session = 1; session <= state.get(field.sessionsUsed); session += 1) {
    const { entries, isDeleted } = streamOf(state, rules, other, session);
    const [first] = entries;
    if (isDeleted || first === undefined) continue;
    const head = name === 0 ? 0 : state.head(name);
    const isKey = name !== 0 && (!rules.incarnation || name === session);
    const isHome = isKey && (head >> 3 === other || state.seqOf(first) - 1 <= (head & 7));
    if (isHome) continue;
    if (rules.replayIntoExisting) violate(state, violation.homeless);
    else if (name === 0 && !isBuried(state, rules, session, dead)) anew = session;
  }
  return anew;
}

/** Tombstones of all dead journals count, when they come first; else each journal for itself. */
function isBuried(state: State, rules: Rules, session: number, dead: number): boolean {
  if (!rules.tombstonesFirst) return false;
  for (let other = 1; other <= livesOf(state); other += 1) {
    if (((dead >> other) & 1) === 0) continue;
    if (streamOf(state, rules, other, session).isDeleted) return true;
  }
  return false;
}

/** What comes next for a life that recovers. */
function decide(state: State, rules: Rules, life: number): number {
  const work = state.life(life, lifeField.session);
  const [victim, planned] = [work >> 4, work & 0x0f];
  if (victim !== 0) return pc.recMove;
  if (planned !== 0) return pc.recLock;
  return decideNames(state, rules, life);
}

function decideNames(state: State, rules: Rules, life: number): number {
  if (state.life(life, lifeField.dead) !== 0) {
    const isNeeded = rules.syncBeforeRemoval && rules.syncObserved;
    return isNeeded ? namesStep(state) : pc.recWriters;
  }
  return state.life(life, lifeField.left) !== 0 ? pc.recWriters : afterRemoval(state, rules);
}

/** Moves and new names that are only seen. */
function namesStep(state: State): number {
  if (!state.isNamesSynced(waits.sessions)) return pc.recNames;
  return state.isNamesSynced(waits.trash) ? pc.recWriters : pc.recTrash;
}

/** When the trash holds something, both directories are synced before it is emptied. */
function afterRemoval(state: State, rules: Rules): number {
  if (rules.emptySynced && !state.isNamesSynced(waits.trash)) return pc.recEmptyNames;
  emptyTrash(state);
  return afterSweep(state);
}

/** A sync that would change nothing is no step: it differs from none in nothing but time. */
function afterSweep(state: State): number {
  if (!isJournalsSynced(state)) return pc.recSwept;
  return state.isNamesSynced(waits.sessions) ? pc.recDone : pc.recSweptSynced;
}

/** All steps of a life that recovers. */
export function recoverySteps(context: Context, life: number): void {
  const { now } = context;
  switch (now.life(life, lifeField.pc)) {
    case pc.recMove:
    case pc.recMoved:
    case pc.recMovedSynced:
      return moveSteps(context, life);
    case pc.recLock:
    case pc.recLocked:
      return replaySteps(context, life);
    case pc.recDataWritten:
    case pc.recDataSynced:
    case pc.recHeadWritten:
    case pc.recHeadSynced:
      return vouchSteps(context, life);
    default:
      return commitSteps(context, life);
  }
}

function moveSteps(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  switch (next.life(life, lifeField.pc)) {
    case pc.recMove:
      if (next.name !== 0) next.changeName(0, waits.sessions | waits.trash);
      next.setLife(life, lifeField.flags, next.life(life, lifeField.session) >> 4);
      next.setLife(life, lifeField.session, next.life(life, lifeField.session) & 0x0f);
      next.setLife(
        life,
        lifeField.pc,
        rules.syncBeforeRemoval ? pc.recMoved : decide(next, rules, life),
      );
      return context.emit('nameMoved', life);
    case pc.recMoved:
      next.syncNames(waits.sessions);
      next.setLife(life, lifeField.pc, pc.recMovedSynced);
      return context.emit('sessionsSynced', life);
    default:
      next.syncNames(waits.trash);
      next.setLife(life, lifeField.pc, decide(next, rules, life));
      return context.emit('trashSynced', life);
  }
}

function replaySteps(context: Context, life: number): void {
  const { now, rules } = context;
  const session = now.life(life, lifeField.session) & 0x0f;
  if (now.life(life, lifeField.pc) === pc.recLock) {
    if (now.session(session, sessionField.lock) !== 0) return;
    const next = context.begin();
    if (!rules.replayIntoExisting && next.name === 0) makeAnew(next, rules, life, session);
    next.setSession(session, sessionField.lock, life);
    next.setLife(life, lifeField.pc, pc.recLocked);
    const writer = next.head(session) >> 3;
    const isSame = !rules.attached || ((now.life(life, lifeField.dead) >> writer) & 1) === 1;
    // Somebody else has opened it: there is nothing that recovery could do.
    if (next.name !== session || !isSame) violate(next, violation.refused);
    return context.emit('sessionLocked', life, session);
  }
  const next = context.begin();
  const last = settleJournals(next, rules, life, session);
  next.setLife(life, lifeField.settle, last);
  next.setLife(life, lifeField.pc, pc.recDataWritten);
  context.emit('historyWritten', life, last);
  // An earlier run came this far: only the head is written again.
  if (last === (now.head(session) & 7)) writeRecoveredHead(context, life);
}

/** What the model of the protocol does that this engine does not: a directory made from a journal. */
function makeAnew(next: State, rules: Rules, life: number, session: number): void {
  const dead = next.life(life, lifeField.dead);
  next.changeName(session, waits.sessions);
  for (let other = 1; other <= livesOf(next); other += 1) {
    if (((dead >> other) & 1) === 0) continue;
    if (streamOf(next, rules, other, session).entries.length === 0) continue;
    next.setSession(session, sessionField.headDurable, other << 3);
  }
}

/** Writes what the dead journals hold behind the vouched end; answers the newest seq. */
function settleJournals(next: State, rules: Rules, life: number, session: number): number {
  const head = next.head(session);
  const dead = next.life(life, lifeField.dead);
  let last = head & 7;
  for (let other = 1; other <= livesOf(next); other += 1) {
    if (((dead >> other) & 1) === 0 || (rules.attached && head >> 3 !== other)) continue;
    const { entries, isDeleted } = streamOf(next, rules, other, session);
    if (isDeleted) continue;
    for (const value of entries) {
      const seq = next.seqOf(value);
      if (seq <= last) continue;
      // A hole: recovery calls the session damaged.
      if (seq !== last + 1) violate(next, violation.refused);
      last = seq;
      const isThere = (next.slot(session, seq) & 0x0f) === value;
      if (rules.vouchedOnly || !isThere) next.setSlot(session, seq, value | page.dirty);
    }
  }
  for (let seq = last + 1; seq <= next.scope.appends; seq += 1) next.setSlot(session, seq, 0);
  return last;
}

function writeRecoveredHead(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  const session = next.life(life, lifeField.session) & 0x0f;
  const pcNow = next.life(life, lifeField.pc);
  const last =
    pcNow === pc.recDataSynced ? next.life(life, lifeField.settle) : next.head(session) & 7;
  const attached = rules.keepsAttached ? next.head(session) >> 3 : 0;
  next.writeHead(session, attached, last);
  next.setLife(life, lifeField.settle, 0);
  next.setLife(life, lifeField.pc, pc.recHeadWritten);
  context.emit('headWritten', life, headDetail(attached, last));
}

function vouchSteps(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  const session = next.life(life, lifeField.session) & 0x0f;
  switch (next.life(life, lifeField.pc)) {
    case pc.recDataWritten:
    case pc.recHeadWritten:
      next.syncHistory(session);
      next.setLife(
        life,
        lifeField.pc,
        next.life(life, lifeField.pc) === pc.recDataWritten ? pc.recDataSynced : pc.recHeadSynced,
      );
      return context.emit('historySynced', life);
    case pc.recDataSynced:
      return writeRecoveredHead(context, life);
    default:
      unlockSessions(next, life);
      next.setLife(life, lifeField.session, next.life(life, lifeField.session) & 0xf0);
      next.setLife(life, lifeField.pc, decide(next, rules, life));
      return context.emit('sessionUnlocked', life, session);
  }
}

function commitSteps(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  const to = (place: number): void => next.setLife(life, lifeField.pc, place);
  switch (next.life(life, lifeField.pc)) {
    case pc.recNames:
      next.syncNames(waits.sessions);
      to(namesStep(next));
      return context.emit('sessionsSynced', life);
    case pc.recTrash:
      next.syncNames(waits.trash);
      to(namesStep(next));
      return context.emit('trashSynced', life);
    case pc.recWriters: {
      const staying = next.life(life, lifeField.seen) & ~next.life(life, lifeField.dead);
      next.changeWriters(staying);
      to(rules.writersSynced ? pc.recRoot : pc.recSweep);
      return context.emit('writersWritten', life, staying);
    }
    case pc.recRoot:
      next.settleWriters(next.writers);
      to(pc.recSweep);
      return context.emit('rootSynced', life);
    default:
      return sweepSteps(context, life);
  }
}

function sweepSteps(context: Context, life: number): void {
  const next = context.begin();
  switch (next.life(life, lifeField.pc)) {
    case pc.recSweep: {
      const gone = next.life(life, lifeField.dead) | next.life(life, lifeField.left);
      removeJournals(next, gone);
      if (!context.rules.gateOnly) unlockJournals(next, life);
      goOn(next, life, afterRemoval(next, context.rules));
      return context.emit('journalRemoved', life, gone);
    }
    case pc.recEmptyNames:
      next.syncNames(waits.sessions);
      goOn(next, life, pc.recEmptyTrash);
      return context.emit('sessionsSynced', life);
    case pc.recEmptyTrash:
      next.syncNames(waits.trash);
      emptyTrash(next);
      goOn(next, life, afterSweep(next));
      return context.emit('trashSynced', life);
    case pc.recSwept:
      syncJournals(next);
      goOn(next, life, afterSweep(next));
      return context.emit('journalsSynced', life);
    default:
      next.syncNames(waits.sessions);
      goOn(next, life, pc.recDone);
      return context.emit('sessionsSynced', life);
  }
}

/** The next step; at the end the report is told, and the look is forgotten. */
function goOn(next: State, life: number, place: number): void {
  next.setLife(life, lifeField.pc, place);
  if (place !== pc.recDone) return;
  const moved = next.life(life, lifeField.flags);
  if (moved !== 0) next.set(field.deleteTold, next.get(field.deleteTold) | (1 << moved));
  clearLook(next, life);
}

function clearLook(next: State, life: number): void {
  next.setLife(life, lifeField.session, 0);
  next.setLife(life, lifeField.flags, 0);
  next.setLife(life, lifeField.seen, 0);
  next.setLife(life, lifeField.dead, 0);
  next.setLife(life, lifeField.left, 0);
}

/** Removes journals, in the cache: power loss may bring them back. */
export function removeJournals(next: State, mask: number): void {
  for (let other = 1; other <= livesOf(next); other += 1) {
    if (((mask >> other) & 1) === 0) continue;
    const directory = next.life(other, lifeField.directory) & ~1;
    next.setLife(other, lifeField.directory, directory);
    if (directory === 0) clearJournal(next, other);
  }
}

function lockJournals(state: State, mask: number, owner: number): void {
  for (let other = 1; other <= livesOf(state); other += 1) {
    if (((mask >> other) & 1) === 1) state.setLife(other, lifeField.lock, owner);
  }
}

function unlockJournals(state: State, owner: number): void {
  for (let other = 1; other <= livesOf(state); other += 1) {
    if (other !== owner && state.life(other, lifeField.lock) === owner) {
      state.setLife(other, lifeField.lock, 0);
    }
  }
}
