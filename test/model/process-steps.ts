/**
 * All steps that a state allows: of processes that start, work, wait and leave, of kills with locks
 * that fall one by one, and of power loss.
 */
import type { Context } from './context.ts';
import { isAlive, isListed, livesOf, syncJournals, unlockSessions } from './context.ts';
import { crashSteps } from './crash-steps.ts';
import { attachSteps, closeSteps, deleteSteps, openSteps } from './owner-steps.ts';
import {
  canTakeGate,
  freeGate,
  holdGate,
  look,
  recoverySteps,
  removeJournals,
} from './recovery-steps.ts';
import { idleSteps, openingSteps } from './session-steps.ts';
import { field, frame, lifeField, pc, sessionField } from './state.ts';
import type { State } from './state.ts';

/** Processes that run at the same time. */
const processesMax = 2;

/** Gives every state that follows `context.now` to the sink. */
export function expand(context: Context): void {
  const { now, scope } = context;
  const lives = livesOf(now);
  let running = 0;
  for (let life = 1; life <= lives; life += 1) if (isAlive(now, life)) running += 1;
  if (running < processesMax && lives < scope.writers) start(context);
  for (let life = 1; life <= lives; life += 1) {
    if (!isAlive(now, life)) lettingGoSteps(context, life);
    else {
      lifeSteps(context, life);
      if (now.get(field.kills) > 0 && context.stops === 'shown') kill(context, life);
    }
  }
  if (now.get(field.powerLosses) > 0 && context.stops === 'shown') crashSteps(context);
}

function start(context: Context): void {
  if (!canTakeGate(context)) return;
  const next = context.begin();
  const life = livesOf(next) + 1;
  next.set(field.writersUsed, life);
  holdGate(next, context.rules, life);
  look(next, context.rules, life);
  context.emit('gateTaken', life);
}

function lifeSteps(context: Context, life: number): void {
  const place = context.now.life(life, lifeField.pc);
  if (place < pc.recDone) return recoverySteps(context, life);
  if (place < pc.idle) return startingSteps(context, life);
  if (place === pc.openWait) return waitingSteps(context, life);
  if (place >= pc.leaveGated) return leavingSteps(context, life);
  retire(context, life);
  if (place === pc.idle) {
    idleSteps(context, life);
    return leave(context, life);
  }
  if (place < pc.open) return openingSteps(context, life);
  if (place === pc.open) {
    openSteps(context, life);
    return syncJournal(context, life);
  }
  if (place < pc.closeDetachWritten) return attachSteps(context, life);
  if (place < pc.deleteTombWritten) return closeSteps(context, life);
  return deleteSteps(context, life);
}

/** From a recovered store to a writer that counts; or to the end, for who only recovers. */
function startingSteps(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  const to = (place: number): void => next.setLife(life, lifeField.pc, place);
  switch (next.life(life, lifeField.pc)) {
    case pc.recDone:
      return afterRecovery(context, life);
    case pc.made:
      syncJournals(next);
      to(pc.madeSynced);
      return context.emit('journalsSynced', life);
    case pc.madeSynced: {
      const listed = next.writers | (1 << life);
      next.changeWriters(listed);
      to(pc.madeListed);
      return context.emit('writersWritten', life, listed);
    }
    case pc.madeListed:
      next.settleWriters(next.writers);
      to(pc.madeDone);
      return context.emit('rootSynced', life);
    default:
      to(pc.idle);
      freeGate(next, life);
      return context.emit('gateFreed', life);
  }

  function afterRecovery({ now }: Context, own: number): void {
    const isWriter = now.life(own, lifeField.lock) === own;
    freeGate(next, own);
    to(isWriter ? pc.idle : pc.dead);
    context.emit('gateFreed', own);
    if (isWriter) return;
    const made = context.begin();
    made.setLife(own, lifeField.lock, own);
    made.setLife(own, lifeField.directory, 1);
    made.setLife(own, lifeField.pc, rules.journalSynced ? pc.made : pc.madeSynced);
    context.emit('journalMade', own);
  }
}

/** Waiting for the recovery of another writer, with no lock held. */
function waitingSteps(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  if (!canTakeGate(context)) return;
  const writer = next.life(life, lifeField.settle);
  next.setLife(life, lifeField.settle, 0);
  holdGate(next, rules, life);
  if (isListed(next, rules, writer) && next.life(writer, lifeField.lock) === 0) {
    look(next, rules, life);
    return context.emit('gateTaken', life);
  }
  // Nothing to do: the gate is free again at once, which nobody can tell from not taking it.
  freeGate(next, life);
  next.setLife(life, lifeField.pc, pc.idle);
  return context.emit('internal', life);
}

function leave(context: Context, life: number): void {
  if (!canTakeGate(context) || context.now.get(field.leaves) === 0) return;
  const next = context.begin();
  next.set(field.leaves, next.get(field.leaves) - 1);
  holdGate(next, context.rules, life);
  next.setLife(life, lifeField.pc, pc.leaveGated);
  context.emit('gateTaken', life);
}

function leavingSteps(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  const to = (place: number): void => next.setLife(life, lifeField.pc, place);
  switch (next.life(life, lifeField.pc)) {
    case pc.leaveGated: {
      const staying = next.writers & ~(1 << life);
      next.changeWriters(staying);
      to(rules.writersSynced ? pc.leaveListed : pc.leaveRoot);
      return context.emit('writersWritten', life, staying);
    }
    case pc.leaveListed:
      next.settleWriters(next.writers);
      to(pc.leaveRoot);
      return context.emit('rootSynced', life);
    case pc.leaveRoot:
      removeJournals(next, 1 << life);
      to(pc.leaveRemoved);
      return context.emit('journalRemoved', life, 1 << life);
    case pc.leaveRemoved:
      syncJournals(next);
      to(pc.leaveDone);
      return context.emit('journalsSynced', life);
    default:
      freeGate(next, life);
      to(pc.dead);
      return context.emit('gateFreed', life);
  }
}

function syncJournal(context: Context, life: number): void {
  const frames = context.now.frames(life);
  if (context.now.life(life, lifeField.synced) === frames) return;
  context.begin().setLife(life, lifeField.synced, frames);
  context.emit('journalSynced', life);
}

/** All frames from the oldest on that nobody needs go. */
function retire(context: Context, life: number): void {
  const { now } = context;
  const oldest = now.frame(life, 0);
  if (oldest === 0 || now.get(field.retires) === 0) return;
  const synced = now.life(life, lifeField.synced);
  let count = 0;
  while (count < synced && isRetirable(now, life, now.frame(life, count))) count += 1;
  if (count === 0) return;
  const next = context.begin();
  for (let index = 0; index < now.scope.frames; index += 1) {
    next.setFrame(life, index, now.frame(life, index + count));
  }
  next.setLife(life, lifeField.synced, synced - count);
  next.set(field.retires, next.get(field.retires) - 1);
  context.emit('retired', life);
}

function isRetirable(now: State, life: number, oldest: number): boolean {
  const what = oldest & 0x0f;
  const kind = oldest & 0xc0;
  if (kind === frame.detach) return true;
  const session = kind === frame.entry ? now.sessionOf(what) : what;
  const place = now.life(life, lifeField.pc);
  const isOpen = now.life(life, lifeField.session) === session && place >= pc.open;
  if (!isOpen || place === pc.deleteUnlocked) return true;
  if (kind === frame.tombstone) return false;
  return now.seqOf(what) <= (now.session(session, sessionField.headDurable) & 7);
}

/** SIGKILL: the process runs no more, and its locks have not fallen yet. */
function kill(context: Context, life: number): void {
  const next = context.begin();
  next.set(field.kills, next.get(field.kills) - 1);
  clearLife(next, life);
  context.emit('killed', life);
}

/** A dead process remembers nothing. */
function clearLife(next: State, life: number): void {
  next.setLife(life, lifeField.pc, pc.dead);
  for (const place of [
    lifeField.session,
    lifeField.flags,
    lifeField.settle,
    lifeField.seen,
    lifeField.dead,
    lifeField.left,
  ]) {
    next.setLife(life, place, 0);
  }
}

/** The locks of a dead process fall one by one, in any order. */
function lettingGoSteps(context: Context, life: number): void {
  const { now } = context;
  if (now.get(field.gate) === life) {
    freeGate(context.begin(), life);
    context.emit('gateFreed', life);
  }
  for (let session = 1; session <= now.get(field.sessionsUsed); session += 1) {
    if (now.session(session, sessionField.lock) !== life) continue;
    unlockSessions(context.begin(), life);
    context.emit('sessionUnlocked', life, session);
    break;
  }
  for (let journal = 1; journal <= livesOf(now); journal += 1) {
    if (now.life(journal, lifeField.lock) !== life) continue;
    context.begin().setLife(journal, lifeField.lock, 0);
    context.emit('journalUnlocked', life);
  }
}
