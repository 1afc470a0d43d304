/** The steps by which a process gets the session, made or opened, and what it checks then. */
import type { Context } from './context.ts';
import { forgetSessions, isAlive, isListed, livesOf, unlockSessions, violate } from './context.ts';
import type { Rules } from './rules.ts';
import { violation } from './rules.ts';
import { field, lifeField, pc, sessionField, waits } from './state.ts';
import type { State } from './state.ts';

/** In the flags of a life: the head names it; it has opened the session and appended nothing. */
export const holds = 0x80;
export const fresh = 0x40;

/** All steps of an idle process that concern the session. */
export function idleSteps(context: Context, life: number): void {
  const { now, scope } = context;
  if (now.name !== 0) {
    const next = context.begin();
    next.setLife(life, lifeField.session, now.name);
    next.setLife(life, lifeField.pc, pc.openFound);
    context.emit('internal', life);
    return;
  }
  if (now.get(field.sessionsUsed) < scope.incarnations) createAside(context, life);
}

function createAside(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  if ((next.get(field.created) & ~next.get(field.deleteBegun)) !== 0) {
    violate(next, violation.vanished);
  }
  const session = next.get(field.sessionsUsed) + 1;
  next.set(field.sessionsUsed, session);
  next.setSession(session, sessionField.lock, life);
  next.setSession(session, sessionField.headDurable, (rules.attached ? life : 0) << 3);
  next.setLife(life, lifeField.session, session);
  next.setLife(life, lifeField.flags, holds);
  next.setLife(life, lifeField.pc, pc.createAside);
  context.emit('sessionMade', life, session);
}

/** All steps between idle and having the session. */
export function openingSteps(context: Context, life: number): void {
  const next = context.begin();
  const session = next.life(life, lifeField.session);
  switch (next.life(life, lifeField.pc)) {
    case pc.createAside:
      return giveName(context, next, life);
    case pc.createNamed:
      next.syncNames(waits.sessions);
      haveCreated(next, life, session);
      return context.emit('sessionsSynced', life);
    case pc.openFound:
      return lockFound(context, next, life);
    case pc.openSeen:
      next.settleWriters(next.writers);
      haveOpened(next, context.rules, life, session);
      return context.emit('rootSynced', life);
    case pc.openRefused:
      next.setLife(life, lifeField.pc, pc.openWait);
      next.setLife(life, lifeField.session, 0);
      unlockSessions(next, life);
      return context.emit('sessionUnlocked', life, session);
    default:
      return;
  }
}

function giveName(context: Context, next: State, life: number): void {
  const session = next.life(life, lifeField.session);
  if (next.name !== 0) {
    becomeIdle(next, life);
    unlockSessions(next, life);
    return context.emit('sessionUnlocked', life, session);
  }
  next.changeName(session, waits.sessions);
  if (context.rules.namesSynced) next.setLife(life, lifeField.pc, pc.createNamed);
  else haveCreated(next, life, session);
  return context.emit('nameGiven', life, session);
}

function haveCreated(next: State, life: number, session: number): void {
  next.setLife(life, lifeField.pc, pc.open);
  next.set(field.created, next.get(field.created) | (1 << session));
  checkAlone(next, life, session);
}

/** Lock, look whether the lock file still stands at the path, then let the head decide. */
function lockFound(context: Context, next: State, life: number): void {
  const { rules } = context;
  const found = next.life(life, lifeField.session);
  if (next.session(found, sessionField.lock) !== 0) {
    // Another one has it: waiting is bounded.
    becomeIdle(next, life);
    forgetSessions(next);
    return context.emit('internal', life);
  }
  const session = next.name;
  if (session === 0 || (rules.sameInode && session !== found)) {
    becomeIdle(next, life);
    forgetSessions(next);
    return context.emit('internal', life);
  }
  next.setSession(found, sessionField.lock, life);
  next.setLife(life, lifeField.session, session);
  const writer = next.head(session) >> 3;
  if (rules.attached && writer !== 0 && writer !== life && isListed(next, rules, writer)) {
    next.setLife(life, lifeField.settle, writer);
    next.setLife(life, lifeField.pc, pc.openRefused);
    return context.emit('sessionLocked', life, found);
  }
  const isSeen = writer !== 0 && writer !== life && next.pendingWriters().length > 0;
  if (rules.syncSeenWriters && isSeen) next.setLife(life, lifeField.pc, pc.openSeen);
  else haveOpened(next, rules, life, session);
  return context.emit('sessionLocked', life, found);
}

function haveOpened(next: State, rules: Rules, life: number, session: number): void {
  const vouched = next.head(session) & 7;
  next.setLife(life, lifeField.pc, pc.open);
  next.setLife(life, lifeField.flags, fresh | (rules.attached ? 0 : holds) | vouched);
  if (next.session(session, sessionField.emptied) !== 0) violate(next, violation.damaged);
  checkContent(next, rules, session, vouched);
  checkAlone(next, life, session);
}

/** What an opener is shown: whole, its own, and everything that was promised. */
function checkContent(next: State, rules: Rules, session: number, vouched: number): void {
  for (let seq = 1; seq <= vouched; seq += 1) {
    const value = next.slot(session, seq) & 0x0f;
    if (value === 0) violate(next, violation.damaged);
    else if (next.sessionOf(value) !== session || next.seqOf(value) !== seq) {
      violate(next, violation.foreign);
    } else next.set(field.told, next.get(field.told) | (1 << value));
  }
  for (let value = 1; value <= next.get(field.valuesUsed); value += 1) {
    const isTold = ((next.get(field.told) >> value) & 1) === 1;
    if (!isTold || next.sessionOf(value) !== session) continue;
    const seq = next.seqOf(value);
    if (seq > vouched || (next.slot(session, seq) & 0x0f) !== value) violate(next, violation.lost);
  }
  if (((next.get(field.deleteTold) >> session) & 1) === 1) violate(next, violation.returned);
}

function checkAlone(next: State, life: number, session: number): void {
  for (let other = 1; other <= livesOf(next); other += 1) {
    if (other === life || !isAlive(next, other)) continue;
    const place = next.life(other, lifeField.pc);
    const isOwner = place >= pc.open && place <= pc.deleteDone;
    if (isOwner && next.life(other, lifeField.session) === session) {
      violate(next, violation.twoOwners);
    }
  }
}

/** Holds nothing of a session any more. */
export function becomeIdle(next: State, life: number): void {
  next.setLife(life, lifeField.pc, pc.idle);
  next.setLife(life, lifeField.session, 0);
  next.setLife(life, lifeField.flags, 0);
  next.setLife(life, lifeField.settle, 0);
}
