/**
 * Power loss: every process is gone with its locks, and of what was not synced any combination
 * survives: a prefix of the changes of a name, of the writers file and of each journal; the old or
 * the new head; any of the entries that were being settled.
 */
import type { Context } from './context.ts';
import { clearJournal, forgetSessions, livesOf } from './context.ts';
import { field, lifeField, page, pc, sessionField } from './state.ts';
import type { State } from './state.ts';

/** One thing that the crash decides: how many ways there are, and what each leaves. */
interface Choice {
  readonly ways: number;
  apply(state: State, way: number): void;
}

/** Gives every disk that power loss may leave. */
export function crashSteps(context: Context): void {
  const choices = choicesOf(context.now);
  const total = choices.reduce((product, { ways }) => product * ways, 1);
  for (let number = 0; number < total; number += 1) {
    const next = context.begin();
    let rest = number;
    for (const choice of choices) {
      choice.apply(next, rest % choice.ways);
      rest = Math.floor(rest / choice.ways);
    }
    endAll(next);
    if (context.rules.vouchedOnly) dropScratch(next);
    forgetSessions(next);
    context.emit('powerLost');
  }
}

function choicesOf(now: State): Choice[] {
  const names = [now.nameDurable, ...now.pendingNames().map((one) => one & 0x0f)];
  const writers = [now.writersDurable, ...now.pendingWriters()];
  const choices: Choice[] = [
    { ways: names.length, apply: (state, way) => state.settleName(names[way] ?? 0) },
    { ways: writers.length, apply: (state, way) => state.settleWriters(writers[way] ?? 0) },
  ];
  for (let life = 1; life <= livesOf(now); life += 1) choices.push(...journalChoices(now, life));
  for (let session = 1; session <= now.get(field.sessionsUsed); session += 1) {
    choices.push(...historyChoices(now, session));
  }
  return choices;
}

function journalChoices(now: State, life: number): Choice[] {
  const directory = now.life(life, lifeField.directory);
  if (directory === 0) return [];
  const synced = now.life(life, lifeField.synced);
  const frames = now.frames(life);
  const ways = frames - synced + 1;
  const cut: Choice = {
    ways,
    apply(state, way) {
      for (let index = synced + way; index < frames; index += 1) state.setFrame(life, index, 0);
      state.setLife(life, lifeField.synced, synced + way);
    },
  };
  const there: Choice = {
    ways: directory === 3 ? 1 : 2,
    apply(state, way) {
      state.setLife(life, lifeField.directory, way === 0 ? 3 : 0);
      if (way === 1) clearJournal(state, life);
    },
  };
  return [cut, there];
}

function historyChoices(now: State, session: number): Choice[] {
  const choices: Choice[] = [];
  if (now.session(session, sessionField.emptied) !== 0) {
    choices.push({
      ways: 2,
      apply: (state, way) => state.setSession(session, sessionField.emptied, way),
    });
  }
  const pending = now.session(session, sessionField.headPending);
  if (pending !== 0) {
    choices.push({
      ways: 2,
      apply(state, way) {
        if (way === 1) state.setSession(session, sessionField.headDurable, pending & 0x3f);
        state.setSession(session, sessionField.headPending, 0);
      },
    });
  }
  for (let seq = 1; seq <= now.scope.appends; seq += 1) {
    const slot = now.slot(session, seq);
    const isDirty = (slot & 0x30) === page.dirty;
    if (!isDirty && (slot & 0x30) !== page.clean) continue;
    choices.push({
      ways: isDirty ? 2 : 1,
      apply: (state, way) => {
        state.setSlot(session, seq, way === 1 ? (slot & 0x0f) | page.synced : 0);
      },
    });
  }
  return choices;
}

function endAll(next: State): void {
  next.set(field.powerLosses, next.get(field.powerLosses) - 1);
  next.set(field.gate, 0);
  for (let life = 1; life <= livesOf(next); life += 1) {
    next.setLife(life, lifeField.pc, pc.dead);
    next.setLife(life, lifeField.lock, 0);
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
  for (let session = 1; session <= next.get(field.sessionsUsed); session += 1) {
    next.setSession(session, sessionField.lock, 0);
  }
}

/** What nobody vouches for is read by nobody: states that differ in it are alike. */
function dropScratch(next: State): void {
  for (let session = 1; session <= next.get(field.sessionsUsed); session += 1) {
    for (let seq = (next.head(session) & 7) + 1; seq <= next.scope.appends; seq += 1) {
      next.setSlot(session, seq, 0);
    }
  }
}
