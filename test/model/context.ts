/** What the steps of the model share: the state before, the state after, the rules, the sink. */
import { labelOf } from './actions.ts';
import type { ActionName } from './actions.ts';
import type { Rules } from './rules.ts';
import { violation } from './rules.ts';
import { field, frame, lifeField, pc, sessionField, State } from './state.ts';
import type { Scope } from './state.ts';

/** Takes the label of a step; the state after it stands in `next`. */
export type Sink = (label: number) => void;

/** One state that is being expanded. */
export class Context {
  readonly scope: Scope;
  readonly rules: Rules;
  readonly now: State;
  readonly next: State;
  /** Whether kills and power loss are among the steps; a trace that is followed says when. */
  stops: 'shown' | 'hidden' = 'shown';
  readonly #sink: Sink;

  constructor(scope: Scope, rules: Rules, sink: Sink) {
    this.scope = scope;
    this.rules = rules;
    this.now = new State(scope);
    this.next = new State(scope);
    this.#sink = sink;
  }

  /** A fresh copy of the state, to be changed into one after it. */
  begin(): State {
    this.next.bytes.set(this.now.bytes);
    return this.next;
  }

  /** The changed copy is a state that follows. */
  emit(name: ActionName, life = 0, detail = 0): void {
    this.#sink(labelOf(name, life, detail));
  }

  /** A step that only moves a life to another place in its program. */
  go(life: number, to: number, name: ActionName = 'internal', detail = 0): void {
    this.begin().setLife(life, lifeField.pc, to);
    this.emit(name, life, detail);
  }
}

/** The first violation counts. */
export function violate(state: State, code: number): void {
  if (state.get(field.violation) === violation.none) state.set(field.violation, code);
}

/** Life 1 to the newest. */
export function livesOf(state: State): number {
  return state.get(field.writersUsed);
}

/** True when a sync of the directory of journals would change nothing. */
export function isJournalsSynced(state: State): boolean {
  for (let life = 1; life <= livesOf(state); life += 1) {
    const directory = state.life(life, lifeField.directory);
    if (directory === 1 || directory === 2) return false;
  }
  return true;
}

/** True for a life that was born and runs. */
export function isAlive(state: State, life: number): boolean {
  return state.life(life, lifeField.pc) > pc.dead;
}

/** What a journal holds of one session, as recovery sees it. */
export interface Stream {
  /** Values since the last detach frame. */
  readonly entries: readonly number[];
  readonly isDeleted: boolean;
}

/** Reads a journal. Without incarnations all lives of the id are one stream. */
export function streamOf(state: State, rules: Rules, life: number, session: number): Stream {
  let entries: number[] = [];
  let isDeleted = false;
  for (let index = 0; ; index += 1) {
    const found = state.frame(life, index);
    if (found === 0) break;
    const what = found & 0x0f;
    const isEntry = (found & 0xc0) === frame.entry;
    if (rules.incarnation && (isEntry ? state.sessionOf(what) : what) !== session) continue;
    if (isEntry) {
      isDeleted = false;
      entries.push(what);
    } else if ((found & 0xc0) === frame.detach) entries = [];
    else isDeleted = true;
  }
  return { entries, isDeleted };
}

/** True when the journal of the writer counts. */
export function isListed(state: State, rules: Rules, life: number): boolean {
  if (rules.writersFile) return ((state.writers >> life) & 1) === 1;
  if ((state.life(life, lifeField.directory) & 1) === 1) return true;
  return state.name !== 0 && state.head(state.name) >> 3 === life;
}

/** Lets go of every session lock that a life holds. */
export function unlockSessions(state: State, life: number): number {
  let found = 0;
  for (let session = 1; session <= state.get(field.sessionsUsed); session += 1) {
    if (state.session(session, sessionField.lock) !== life) continue;
    state.setSession(session, sessionField.lock, 0);
    found = session;
  }
  forgetSessions(state);
  return found;
}

/** Sessions that nobody can reach any more are all alike, so that fewer states differ. */
export function forgetSessions(state: State): void {
  const names = [state.nameDurable, state.name, ...state.pendingNames().map((one) => one & 0x0f)];
  for (let session = 1; session <= state.get(field.sessionsUsed); session += 1) {
    if (names.includes(session) || isInUse(state, session)) continue;
    state.setSession(session, sessionField.headDurable, 0);
    state.setSession(session, sessionField.headPending, 0);
    state.setSession(session, sessionField.emptied, 0);
    for (let seq = 1; seq <= state.scope.appends; seq += 1) state.setSlot(session, seq, 0);
  }
}

function isInUse(state: State, session: number): boolean {
  if (state.session(session, sessionField.lock) !== 0) return true;
  for (let life = 1; life <= livesOf(state); life += 1) {
    if (!isAlive(state, life) || state.life(life, lifeField.pc) < pc.createAside) continue;
    if (state.life(life, lifeField.session) === session) return true;
  }
  return false;
}

/** The content of sessions that were moved away is removed; a name may still come back. */
export function emptyTrash(state: State): void {
  for (let session = 1; session <= state.get(field.sessionsUsed); session += 1) {
    const wasNamed = ((state.get(field.created) >> session) & 1) === 1;
    if (session === state.name || !wasNamed) continue;
    state.setSession(session, sessionField.emptied, 1);
  }
  forgetSessions(state);
}

/** A sync of the directory of journals: what is there stays, what was removed is gone. */
export function syncJournals(state: State): void {
  for (let life = 1; life <= livesOf(state); life += 1) {
    const isThere = (state.life(life, lifeField.directory) & 1) === 1;
    state.setLife(life, lifeField.directory, isThere ? 3 : 0);
    if (!isThere) clearJournal(state, life);
  }
}

/** A journal that is gone for good. */
export function clearJournal(state: State, life: number): void {
  state.setLife(life, lifeField.synced, 0);
  for (let index = 0; index < state.scope.frames; index += 1) state.setFrame(life, index, 0);
}
