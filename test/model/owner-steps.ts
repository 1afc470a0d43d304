/** The steps of a process that has the session: attach, append, settle, close, delete. */
import { headDetail } from './actions.ts';
import type { Context } from './context.ts';
import { forgetSessions, streamOf, unlockSessions } from './context.ts';
import type { Rules } from './rules.ts';
import { becomeIdle, fresh, holds } from './session-steps.ts';
import { field, frame, lifeField, page, pc, sessionField, waits } from './state.ts';
import type { State } from './state.ts';

/** All steps of a process that has the session open. */
export function openSteps(context: Context, life: number): void {
  const { now, rules } = context;
  const flags = now.life(life, lifeField.flags);
  if (now.life(life, lifeField.settle) === 0) {
    if ((flags & holds) === 0 && mayChange(now)) attach(context, life);
    close(context, life);
    remove(context, life);
  }
  if ((flags & holds) !== 0) append(context, life);
  acknowledge(context, life, rules);
  settleSteps(context, life);
}

/** Who attaches is about to append, or to delete. */
function mayChange(now: State): boolean {
  return now.get(field.valuesUsed) < now.scope.appends || now.get(field.deletes) > 0;
}

function attach(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  const session = next.life(life, lifeField.session);
  const vouched = next.head(session) & 7;
  next.writeHead(session, life, vouched);
  if (rules.durableAttach) next.setLife(life, lifeField.pc, pc.attachWritten);
  else next.setLife(life, lifeField.flags, next.life(life, lifeField.flags) | holds);
  context.emit('headWritten', life, headDetail(life, vouched));
}

/** The steps between the written head and the first entry. */
export function attachSteps(context: Context, life: number): void {
  const next = context.begin();
  const session = next.life(life, lifeField.session);
  const isSafe = !context.rules.namesSynced || next.isNamesSynced(waits.sessions);
  const isDone = next.life(life, lifeField.pc) === pc.attachSynced || isSafe;
  if (next.life(life, lifeField.pc) === pc.attachWritten) next.syncHistory(session);
  else next.syncNames(waits.sessions);
  if (isDone) {
    next.setLife(life, lifeField.flags, next.life(life, lifeField.flags) | holds);
    next.setLife(life, lifeField.pc, pc.open);
  } else next.setLife(life, lifeField.pc, pc.attachSynced);
  const isName = context.now.life(life, lifeField.pc) === pc.attachSynced;
  context.emit(isName ? 'sessionsSynced' : 'historySynced', life);
}

function append(context: Context, life: number): void {
  const { now, scope } = context;
  const value = now.get(field.valuesUsed) + 1;
  const seq = (now.life(life, lifeField.flags) & 0x0f) + 1;
  if (value > scope.appends || seq > scope.appends) return;
  const frames = now.frames(life);
  if (frames >= scope.frames) return;
  const next = context.begin();
  next.set(field.valuesUsed, value);
  next.placeValue(value, next.life(life, lifeField.session), seq);
  next.setFrame(life, frames, frame.entry | value);
  next.setLife(life, lifeField.flags, holds | seq);
  context.emit('entryWritten', life, value);
}

function acknowledge(context: Context, life: number, rules: Rules): void {
  const { now } = context;
  const count = rules.durableAnswer ? now.life(life, lifeField.synced) : now.frames(life);
  let told = 0;
  for (let index = 0; index < count; index += 1) {
    const found = now.frame(life, index);
    if ((found & 0xc0) === frame.entry) told |= 1 << (found & 0x0f);
  }
  if ((told & ~now.get(field.told)) === 0) return;
  const next = context.begin();
  next.set(field.told, next.get(field.told) | told);
  context.emit('acknowledged', life);
}

/** The newest seq that is durable in the journal and answered, or what is vouched for. */
function durableSeq(now: State, life: number): number {
  const session = now.life(life, lifeField.session);
  let seq = now.head(session) & 7;
  for (let index = 0; index < now.life(life, lifeField.synced); index += 1) {
    const found = now.frame(life, index);
    const value = found & 0x0f;
    if ((found & 0xc0) !== frame.entry || now.sessionOf(value) !== session) continue;
    if (((now.get(field.told) >> value) & 1) === 1) seq = Math.max(seq, now.seqOf(value));
  }
  return seq;
}

/** Settling goes on beside appends: data, sync, head, sync. */
function settleSteps(context: Context, life: number): void {
  const { now, rules } = context;
  const session = now.life(life, lifeField.session);
  const [stage, to] = [now.life(life, lifeField.settle) >> 4, now.life(life, lifeField.settle) & 7];
  const next = context.begin();
  if (stage === 0) {
    const seq = durableSeq(now, life);
    if (seq === (now.head(session) & 7)) return;
    writeSettled(next, rules, life, seq);
    next.setLife(life, lifeField.settle, 0x10 | seq);
    return context.emit('historyWritten', life, seq);
  }
  if (stage === 1 && rules.vouchAfterSync) {
    next.syncHistory(session);
    next.setLife(life, lifeField.settle, 0x20 | to);
    context.emit('historySynced', life);
    return failSync(context, life);
  }
  if (stage === 3) {
    next.syncHistory(session);
    next.setLife(life, lifeField.settle, 0);
    return context.emit('historySynced', life);
  }
  const attached = next.head(session) >> 3;
  next.writeHead(session, attached, to);
  next.setLife(life, lifeField.settle, 0x30 | to);
  return context.emit('headWritten', life, headDetail(attached, to));
}

function writeSettled(next: State, rules: Rules, life: number, to: number): void {
  const session = next.life(life, lifeField.session);
  const vouched = next.head(session) & 7;
  for (const value of streamOf(next, rules, life, session).entries) {
    const seq = next.seqOf(value);
    if (seq <= vouched || seq > to) continue;
    const isThere = (next.slot(session, seq) & 0x0f) === value;
    if (rules.rebuild || !isThere) next.setSlot(session, seq, value | page.dirty);
  }
  for (let seq = to + 1; seq <= next.scope.appends; seq += 1) next.setSlot(session, seq, 0);
}

/** The kernel tells of the failure once and takes the pages for clean: the disk lacks them. */
function failSync(context: Context, life: number): void {
  if (context.now.get(field.syncFailures) === 0) return;
  const next = context.begin();
  const session = next.life(life, lifeField.session);
  next.set(field.syncFailures, next.get(field.syncFailures) - 1);
  for (let seq = 1; seq <= next.scope.appends; seq += 1) {
    const slot = next.slot(session, seq);
    if ((slot & 0x30) === page.dirty) next.setSlot(session, seq, (slot & 0x0f) | page.clean);
  }
  next.setLife(life, lifeField.settle, 0);
  context.emit('historySyncFailed', life);
}

/** Everything of the session is durable in the journal, answered, and settled. */
function isQuiet(context: Context, life: number): boolean {
  const { now } = context;
  if (now.life(life, lifeField.synced) < now.frames(life)) return false;
  return durableSeq(now, life) === (now.life(life, lifeField.flags) & 0x0f);
}

function close(context: Context, life: number): void {
  const { now, rules } = context;
  if (!isQuiet(context, life)) return;
  const session = now.life(life, lifeField.session);
  const isSettled = (now.head(session) & 7) === (now.life(life, lifeField.flags) & 0x0f);
  if (!isSettled && rules.settleAtClose) return;
  if ((now.life(life, lifeField.flags) & holds) === 0) return letGo(context, life, pc.idle);
  // Who attached has appended; an append that was given up is like one that was not begun.
  if ((now.life(life, lifeField.flags) & fresh) !== 0 && rules.attached) return undefined;
  if (!rules.detach || !rules.detachFirst) return writeDetachedHead(context, life);
  return writeControl(context, life, frame.detach);
}

/** A frame of the life of the session: the end of its entries, or its tombstone. */
function writeControl(context: Context, life: number, kind: number): void {
  const frames = context.now.frames(life);
  if (frames >= context.scope.frames) return;
  const next = context.begin();
  const session = next.life(life, lifeField.session);
  next.setFrame(life, frames, kind | session);
  const isTombstone = kind === frame.tombstone;
  next.setLife(life, lifeField.pc, isTombstone ? pc.deleteTombWritten : pc.closeDetachWritten);
  if (isTombstone) beginDeletion(next, session);
  context.emit(isTombstone ? 'tombstoneWritten' : 'detachWritten', life);
}

function beginDeletion(next: State, session: number): void {
  next.set(field.deletes, next.get(field.deletes) - 1);
  next.set(field.deleteBegun, next.get(field.deleteBegun) | (1 << session));
}

function writeDetachedHead(context: Context, life: number): void {
  const next = context.begin();
  const session = next.life(life, lifeField.session);
  const vouched = next.head(session) & 7;
  next.writeHead(session, 0, vouched);
  next.setLife(life, lifeField.pc, pc.closeHeadWritten);
  context.emit('headWritten', life, headDetail(0, vouched));
}

function letGo(context: Context, life: number, to: number): void {
  const next = context.begin();
  const session = next.life(life, lifeField.session);
  becomeIdle(next, life);
  if (to === pc.deleteUnlocked) next.setLife(life, lifeField.session, session);
  next.setLife(life, lifeField.pc, to);
  unlockSessions(next, life);
  context.emit('sessionUnlocked', life, session);
}

/** The steps of closing, behind the first one. */
export function closeSteps(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  const to = (place: number): void => next.setLife(life, lifeField.pc, place);
  switch (next.life(life, lifeField.pc)) {
    case pc.closeDetachWritten:
      next.setLife(life, lifeField.synced, next.frames(life));
      to(rules.detachFirst ? pc.closeDetachSynced : pc.closeDone);
      return context.emit('journalSynced', life);
    case pc.closeDetachSynced:
      return writeDetachedHead(context, life);
    case pc.closeHeadWritten:
      next.syncHistory(next.life(life, lifeField.session));
      to(rules.detach && !rules.detachFirst ? pc.closeHeadSynced : pc.closeDone);
      return context.emit('historySynced', life);
    case pc.closeHeadSynced:
      return writeControl(context, life, frame.detach);
    default:
      return letGo(context, life, pc.idle);
  }
}

function remove(context: Context, life: number): void {
  const { now, rules } = context;
  const flags = now.life(life, lifeField.flags);
  if (now.get(field.deletes) === 0 || (flags & holds) === 0 || !isQuiet(context, life)) return;
  if (rules.closedBeforeDelete && (flags & fresh) === 0) return;
  if (rules.tombstone) return writeControl(context, life, frame.tombstone);
  return move(context, life);
}

function move(context: Context, life: number): void {
  const { rules } = context;
  const next = context.begin();
  const session = next.life(life, lifeField.session);
  if (!rules.tombstone) beginDeletion(next, session);
  if (next.name !== 0) next.changeName(0, waits.sessions | waits.trash);
  next.setLife(life, lifeField.pc, rules.syncBeforeRetire ? pc.deleteMoved : pc.deleteDone);
  context.emit('nameMoved', life);
}

/** The steps of a deletion, behind the first one. */
export function deleteSteps(context: Context, life: number): void {
  const next = context.begin();
  const session = next.life(life, lifeField.session);
  const to = (place: number): void => next.setLife(life, lifeField.pc, place);
  switch (next.life(life, lifeField.pc)) {
    case pc.deleteTombWritten:
      next.setLife(life, lifeField.synced, next.frames(life));
      to(pc.deleteTombSynced);
      return context.emit('journalSynced', life);
    case pc.deleteTombSynced:
      return move(context, life);
    case pc.deleteMoved:
      next.syncNames(waits.sessions);
      to(pc.deleteNames);
      return context.emit('sessionsSynced', life);
    case pc.deleteNames:
      next.syncNames(waits.trash);
      to(pc.deleteDone);
      return context.emit('trashSynced', life);
    case pc.deleteDone:
      return letGo(context, life, pc.deleteUnlocked);
    default:
      next.set(field.deleteTold, next.get(field.deleteTold) | (1 << session));
      becomeIdle(next, life);
      next.setSession(session, sessionField.emptied, 1);
      forgetSessions(next);
      return context.emit('deletionTold', life);
  }
}
