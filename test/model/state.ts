/**
 * One state of the model in a few dozen bytes: what is on the disk, what of it is durable, who
 * holds which lock, where every process is in its program, and, for the checks, what was promised.
 *
 * Lives are processes from start to death; each has its own writer id, from 1. "Session" here is
 * one life of the one session id (an incarnation), from 1. A value is one appended entry.
 */

/** How large a space is. */
export interface Scope {
  /** Processes over time; two run at once. At most 6. */
  readonly writers: number;
  /** Lives of the session id. At most 7. */
  readonly incarnations: number;
  /** Appended entries. At most 7. */
  readonly appends: number;
  readonly kills: number;
  readonly powerLosses: number;
  readonly deletes: number;
  readonly syncFailures: number;
  /** Times that a process leaves the store cleanly. */
  readonly leaves: number;
  /** Times that a journal lets go of what nobody needs. */
  readonly retires: number;
  /** Frames that one journal holds at a time. */
  readonly frames: number;
}

/** Where a life is in its program. Names say what was done last, or what is waited for. */
export const pc = {
  unborn: 0,
  dead: 1,
  recMove: 2,
  recMoved: 3,
  recMovedSynced: 4,
  recLock: 5,
  recLocked: 6,
  recDataWritten: 7,
  recDataSynced: 8,
  recHeadWritten: 9,
  recHeadSynced: 10,
  recNames: 11,
  recTrash: 12,
  recWriters: 13,
  recRoot: 14,
  recSweep: 15,
  recEmptyNames: 16,
  recEmptyTrash: 17,
  recSwept: 18,
  recSweptSynced: 19,
  recDone: 20,
  made: 21,
  madeSynced: 22,
  madeListed: 23,
  madeDone: 24,
  idle: 25,
  createAside: 26,
  createNamed: 27,
  openFound: 28,
  openSeen: 29,
  openRefused: 30,
  openWait: 31,
  open: 32,
  attachWritten: 33,
  attachSynced: 34,
  closeDetachWritten: 35,
  closeDetachSynced: 36,
  closeHeadWritten: 37,
  closeHeadSynced: 38,
  closeDone: 39,
  deleteTombWritten: 40,
  deleteTombSynced: 41,
  deleteMoved: 42,
  deleteNames: 43,
  deleteDone: 44,
  deleteUnlocked: 45,
  leaveGated: 46,
  leaveListed: 47,
  leaveRoot: 48,
  leaveRemoved: 49,
  leaveDone: 50,
} as const;

/** Kinds of frames in a journal: the value of an entry, or one of these with a session. */
export const frame = { entry: 0x40, detach: 0x80, tombstone: 0xc0 } as const;

/** How far a settled entry is: in the cache, clean in the cache only, or durable. */
export const page = { dirty: 0x10, clean: 0x20, synced: 0x30 } as const;

/** Directories that a change of names waits for. */
export const waits = { sessions: 0x10, trash: 0x20 } as const;

const pendingNamesMax = 5;
const pendingWritersMax = 6;

/** Places of fields that are there once. */
const at = {
  gate: 0,
  violation: 1,
  writersUsed: 2,
  sessionsUsed: 3,
  valuesUsed: 4,
  kills: 5,
  powerLosses: 6,
  deletes: 7,
  syncFailures: 8,
  leaves: 9,
  retires: 10,
  told: 11,
  created: 12,
  deleteBegun: 13,
  deleteTold: 14,
  writersDurable: 15,
  nameDurable: 16 + pendingWritersMax,
  lists: 17 + pendingWritersMax + pendingNamesMax,
} as const;

/** A state that can be read and changed. */
export class State {
  readonly scope: Scope;
  readonly bytes: Uint8Array;
  readonly #lifeBytes: number;
  readonly #sessionBytes: number;
  readonly #lives: number;
  readonly #sessions: number;

  constructor(scope: Scope) {
    this.scope = scope;
    this.#lifeBytes = 10 + scope.frames;
    this.#sessionBytes = 4 + scope.appends;
    this.#lives = at.lists + scope.appends;
    this.#sessions = this.#lives + scope.writers * this.#lifeBytes;
    const used = this.#sessions + scope.incarnations * this.#sessionBytes;
    this.bytes = new Uint8Array(Math.ceil(used / 4) * 4);
  }

  get(place: number): number {
    return this.bytes[place] ?? 0;
  }

  set(place: number, value: number): void {
    this.bytes[place] = value;
  }

  /** The field of a life. */
  life(life: number, field: LifeField): number {
    return this.get(this.#lives + (life - 1) * this.#lifeBytes + field);
  }

  setLife(life: number, field: LifeField, value: number): void {
    this.bytes[this.#lives + (life - 1) * this.#lifeBytes + field] = value;
  }

  /** The field of a session; from `history` on, one slot for each seq. */
  session(session: number, field: number): number {
    return this.get(this.#sessions + (session - 1) * this.#sessionBytes + field);
  }

  setSession(session: number, field: number, value: number): void {
    this.bytes[this.#sessions + (session - 1) * this.#sessionBytes + field] = value;
  }

  /** Frame of a journal, from 0; 0 behind the last one. */
  frame(life: number, index: number): number {
    if (index >= this.scope.frames) return 0;
    return this.get(this.#lives + (life - 1) * this.#lifeBytes + 10 + index);
  }

  setFrame(life: number, index: number, value: number): void {
    this.bytes[this.#lives + (life - 1) * this.#lifeBytes + 10 + index] = value;
  }

  /** How many frames the journal holds. */
  frames(life: number): number {
    let count = 0;
    while (this.frame(life, count) !== 0) count += 1;
    return count;
  }

  /** Session and seq of a value. */
  sessionOf(value: number): number {
    return this.get(at.lists + value - 1) >> 4;
  }

  seqOf(value: number): number {
    return this.get(at.lists + value - 1) & 15;
  }

  placeValue(value: number, session: number, seq: number): void {
    this.set(at.lists + value - 1, (session << 4) | seq);
  }

  /** Which session has the name now; 0 for none. */
  get name(): number {
    let index = 0;
    while (index < pendingNamesMax && this.get(at.nameDurable + 1 + index) !== 0) index += 1;
    return this.get(at.nameDurable + index) & 0x0f;
  }

  get nameDurable(): number {
    return this.get(at.nameDurable);
  }

  /** Changes of the name that power loss may undo, oldest first. */
  pendingNames(): number[] {
    return this.#pending(at.nameDurable + 1, pendingNamesMax);
  }

  changeName(to: number, needs: number): void {
    this.#push(at.nameDurable + 1, pendingNamesMax, 0x80 | needs | to);
  }

  /** A sync of one directory: changes that wait for nothing more are durable, and all before. */
  syncNames(directory: number): void {
    const pending = this.pendingNames().map((change) => change & ~directory);
    const last = pending.findLastIndex((change) => (change & 0x70) === 0);
    if (last >= 0) this.set(at.nameDurable, (pending[last] ?? 0) & 0x0f);
    this.#setPending(at.nameDurable + 1, pendingNamesMax, pending.slice(last + 1));
  }

  settleName(to: number): void {
    this.set(at.nameDurable, to);
    this.#setPending(at.nameDurable + 1, pendingNamesMax, []);
  }

  /** The writers file as a mask of writers, as it is read now. */
  get writers(): number {
    let index = 0;
    while (index < pendingWritersMax && this.get(at.writersDurable + 1 + index) !== 0) index += 1;
    return this.get(at.writersDurable + index) & 0x7f;
  }

  get writersDurable(): number {
    return this.get(at.writersDurable);
  }

  pendingWriters(): number[] {
    return this.#pending(at.writersDurable + 1, pendingWritersMax);
  }

  changeWriters(mask: number): void {
    this.#push(at.writersDurable + 1, pendingWritersMax, 0x80 | mask);
  }

  settleWriters(mask: number): void {
    this.set(at.writersDurable, mask & 0x7f);
    this.#setPending(at.writersDurable + 1, pendingWritersMax, []);
  }

  /** The head as it is read: `attached << 3 | vouched`. */
  head(session: number): number {
    const pending = this.session(session, sessionField.headPending);
    return (pending !== 0 ? pending : this.session(session, sessionField.headDurable)) & 0x3f;
  }

  /** True when a sync of that directory of names would change nothing. */
  isNamesSynced(directory: number): boolean {
    for (let index = 1; index <= pendingNamesMax; index += 1) {
      if ((this.get(at.nameDurable + index) & directory) !== 0) return false;
    }
    return true;
  }

  /** A sync of the history file: content and head. */
  syncHistory(session: number): void {
    for (let seq = 1; seq <= this.scope.appends; seq += 1) {
      const slot = this.slot(session, seq);
      if ((slot & 0x30) === page.dirty) this.setSlot(session, seq, (slot & 0x0f) | page.synced);
    }
    const pending = this.session(session, sessionField.headPending);
    if (pending === 0) return;
    this.setSession(session, sessionField.headDurable, pending & 0x3f);
    this.setSession(session, sessionField.headPending, 0);
  }

  /** What a new head is written over is durable first. */
  writeHead(session: number, attached: number, vouched: number): void {
    const pending = this.session(session, sessionField.headPending);
    if (pending !== 0) this.setSession(session, sessionField.headDurable, pending & 0x3f);
    this.setSession(session, sessionField.headPending, 0x80 | (attached << 3) | vouched);
  }

  /** Value and page of a settled entry; 0 for none. */
  slot(session: number, seq: number): number {
    return this.session(session, sessionField.history + seq - 1);
  }

  setSlot(session: number, seq: number, value: number): void {
    this.setSession(session, sessionField.history + seq - 1, value);
  }

  #pending(from: number, max: number): number[] {
    const found: number[] = [];
    for (let index = 0; index < max; index += 1) {
      const change = this.get(from + index);
      if (change === 0) break;
      found.push(change);
    }
    return found;
  }

  #push(from: number, max: number, change: number): void {
    for (let index = 0; index < max; index += 1) {
      if (this.get(from + index) !== 0) continue;
      this.set(from + index, change);
      return;
    }
    throw new Error('The state has no room for another change that is not durable');
  }

  #setPending(from: number, max: number, changes: readonly number[]): void {
    for (let index = 0; index < max; index += 1) this.set(from + index, changes[index] ?? 0);
  }
}

/** Fields that are there once. */
export const field = at;

/** Fields of a life. */
export const lifeField = {
  pc: 0,
  /** The session that it has open, or is about to; while it recovers, `victim << 4 | planned`. */
  session: 1,
  /** 0x80: the head names it; 0x40: opened, and nothing appended yet; low bits: newest seq. */
  flags: 2,
  /** Settling: `stage << 4 | seq`; while it waits, the writer that it waits for. */
  settle: 3,
  /** Writers that it saw listed, found dead, and found left over when it looked. */
  seen: 4,
  dead: 5,
  left: 6,
  /** Who holds the lock of its journal; 0 for nobody. */
  lock: 7,
  /** 1: the directory is there; 2: it is durably there. */
  directory: 8,
  /** Frames of the journal that are durable. */
  synced: 9,
} as const;

/** The place of a field of a life. */
export type LifeField = (typeof lifeField)[keyof typeof lifeField];

/** Fields of a session. */
export const sessionField = {
  lock: 0,
  headDurable: 1,
  headPending: 2,
  /** 1: it was emptied in the trash; durable or not. */
  emptied: 3,
  history: 4,
} as const;
