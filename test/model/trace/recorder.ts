/**
 * Records what the real engine does to the disk and to the locks as steps of the model. It stands
 * between the engine and a simulated machine and changes nothing; what the protocol does not speak
 * of (headers, zeros, the second block of a head, lists, reads) is not recorded.
 *
 * A process of the machine is a life of the model, from the moment it takes the gate. Writers,
 * sessions and entries are numbered in the order in which they appear, as in the model.
 */
import { toHex } from '../../../src/format/bytes.ts';
import { fileHeaderBytes } from '../../../src/base/quantities.ts';
import type { Lock, Locks } from '../../../src/platform/locks.ts';
import type { Parts } from '../../../src/recovery/parts.ts';
import { decodeWriters } from '../../../src/recovery/store-files.ts';
import { headDetail } from '../actions.ts';
import type { ActionName } from '../actions.ts';
import { framesIn } from './frames.ts';
import { headIn, incarnationIn } from './heads.ts';
import { watchedFiles } from './watched-files.ts';
import type { FileEvents } from './watched-files.ts';

/** One recorded step. `opened` is no step: it says what a process sees at that moment. */
export interface Step {
  readonly name: ActionName;
  readonly life: number;
  readonly detail: number;
}

interface HeldLock {
  /** Where it was taken: a directory that is made aside keeps its lock when it gets its name. */
  readonly path: string;
  readonly kind: 'gate' | 'session' | 'journal';
  /** Number of the session or the writer. */
  readonly of: number;
}

/** All that is recorded of one store, over several processes and machines. */
export class Recorder {
  readonly steps: Step[] = [];
  /** Called behind every step; a test kills the process here. */
  onStep: ((step: Step, process: string) => void) | null = null;
  readonly #root: string;
  readonly #sessionId: string;
  readonly #lives = new Map<string, number>();
  readonly #writers = new Map<string, number>();
  readonly #locks = new Map<string, HeldLock[]>();
  readonly #aside = new Map<string, number>();
  readonly #incarnations = new Map<string, number>();
  /** The head of the session that is being made aside. */
  #newHead: Uint8Array = new Uint8Array(0);
  /** Files with something that the model knows of, written and not synced. */
  readonly #dirty = new Set<string>();
  /** Lives that run no more: what they still try has no effect. */
  readonly #dead = new Set<number>();
  #writersFile: Uint8Array = new Uint8Array(0);
  #lifeCount = 0;
  #sessionCount = 0;
  #entryCount = 0;
  #named = 0;
  /** Journals whose removal is under way, and by whom: the model removes them in one step. */
  #removed: { readonly process: string; readonly mask: number } | null = null;
  /** A gate that was taken and not used yet. */
  #gate: string | null = null;

  constructor(root: string, sessionId: string) {
    this.#root = root;
    this.#sessionId = sessionId;
  }

  /** The parts of a process, watched. */
  watch(parts: Parts, process: string): Parts {
    const fileSystem = watchedFiles(parts.fileSystem, this.#eventsOf(process));
    return { ...parts, fileSystem, locks: this.#watchLocks(parts.locks, process) };
  }

  /** What a caller was told. */
  told(name: 'acknowledged' | 'deletionTold', process: string): void {
    if (this.#runs(process)) this.#record(process, name);
  }

  /** What a caller sees. */
  sees(process: string, seq: number): void {
    if (this.#runs(process)) this.#record(process, 'opened', seq);
  }

  #runs(process: string): boolean {
    const life = this.#lives.get(process);
    return life !== undefined && !this.#dead.has(life);
  }

  /** Paths of the locks that a process holds. */
  locksOf(process: string): readonly string[] {
    return (this.#locks.get(process) ?? []).map(({ path }) => path);
  }

  /** The process runs no more; its locks have not fallen yet. */
  killed(process: string): void {
    this.#record(process, 'killed');
    this.#dead.add(this.#lifeOf(process));
  }

  /** One lock of a process that was killed has fallen. */
  fell(process: string, path: string): void {
    const held = (this.#locks.get(process) ?? []).find((one) => one.path === path);
    if (held !== undefined) this.#letGo(process, held);
  }

  /** A process of this name that starts later is another life. */
  forget(process: string): void {
    this.#lives.delete(process);
    this.#locks.delete(process);
  }

  /** Power is lost; nothing runs, nothing is locked. The head that is left tells whose name it is. */
  powerLost(head: Uint8Array | null): void {
    this.#flush(null);
    this.steps.push({ name: 'powerLost', life: 0, detail: 0 });
    for (const life of this.#lives.values()) this.#dead.add(life);
    this.#lives.clear();
    this.#locks.clear();
    this.#dirty.clear();
    this.#named = head === null ? 0 : (this.#incarnations.get(incarnationIn(head)) ?? 0);
  }

  /** Ends the record. */
  end(): readonly Step[] {
    this.#flush(null);
    return this.steps;
  }

  #record(process: string, name: ActionName, detail = 0): void {
    this.#flush(process);
    this.#push(process, name, detail);
    const step = this.steps.at(-1);
    if (step !== undefined) this.onStep?.(step, process);
  }

  #push(process: string, name: ActionName, detail: number): void {
    this.steps.push({ name, life: this.#lifeOf(process), detail });
  }

  /** What was held back for the sake of one step comes before the next. */
  #flush(process: string | null): void {
    if (this.#gate !== null && this.#gate === process) {
      this.#gate = null;
      this.#push(process, 'gateTaken', 0);
    }
    const removed = this.#removed;
    this.#removed = null;
    if (removed !== null) this.#push(removed.process, 'journalRemoved', removed.mask);
  }

  #lifeOf(process: string): number {
    const known = this.#lives.get(process);
    if (known !== undefined) return known;
    this.#lifeCount += 1;
    this.#lives.set(process, this.#lifeCount);
    return this.#lifeCount;
  }

  #hold(process: string, held: HeldLock): void {
    this.#locks.set(process, [...(this.#locks.get(process) ?? []), held]);
  }

  #letGo(process: string, held: HeldLock): void {
    const locks = this.#locks.get(process) ?? [];
    if (!locks.includes(held)) return;
    this.#locks.set(
      process,
      locks.filter((one) => one !== held),
    );
    if (held.kind === 'gate') {
      // A writer that took the gate and found nothing to do in it: that is no step of the model.
      const isIdle = this.#gate === process && this.#isWriter(process);
      if (isIdle) this.#gate = null;
      else this.#record(process, 'gateFreed');
    } else if (held.kind === 'session') {
      if (held.of !== 0) this.#record(process, 'sessionUnlocked', held.of);
    } else {
      this.#record(process, 'journalUnlocked');
      // Who lets go of its journal while it runs has left: what it does next is another life.
      if (this.#runs(process)) this.#lives.delete(process);
    }
  }

  #isWriter(process: string): boolean {
    return (this.#locks.get(process) ?? []).some(({ kind }) => kind === 'journal');
  }

  #watchLocks(inner: Locks, process: string): Locks {
    return {
      unavailable: () => inner.unavailable(),
      probe: (path) => inner.probe(path),
      owner: (path) => inner.owner(path),
      tryLock: (path) => {
        const lock = inner.tryLock(path);
        return lock === null ? null : this.#locked(process, path, lock);
      },
    };
  }

  #locked(process: string, path: string, lock: Lock): Lock {
    const told = this.#lockOf(process, path);
    if (told === null) return lock;
    const held = told;
    if (held.kind !== 'journal') this.#hold(process, held);
    const life = this.#lifeOf(process);
    if (held.kind === 'gate') {
      this.#flush(process);
      this.#gate = process;
    } else if (held.kind === 'session' && held.of !== 0) {
      this.#record(process, 'sessionLocked', held.of);
    }
    return {
      path: lock.path,
      held: () => lock.held(),
      moved: (to) => lock.moved(to),
      release: () => {
        const mine = (this.#locks.get(process) ?? []).find((one) => {
          return one.path === held.path && one.kind === held.kind;
        });
        lock.release();
        if (mine !== undefined && !this.#dead.has(life)) this.#letGo(process, mine);
      },
    };
  }

  #lockOf(process: string, path: string): HeldLock | null {
    if (path === `${this.#root}/GATE`) return { path, kind: 'gate', of: 0 };
    if (path === `${this.#root}/sessions/${this.#sessionId}/LOCK`) {
      return { path, kind: 'session', of: this.#named };
    }
    if (path.startsWith(`${this.#root}/journals/`)) {
      return { path, kind: 'journal', of: this.#lifeOf(process) };
    }
    if (path.startsWith(`${this.#root}/sessions/.new-`)) return { path, kind: 'session', of: 0 };
    return null;
  }

  #eventsOf(process: string): FileEvents {
    return {
      directoryMade: (path) => this.#directoryMade(process, path),
      directorySynced: (path) => this.#directorySynced(process, path),
      renamed: (from, to) => this.#renamed(process, from, to),
      removed: (path) => this.#journalRemoved(process, path),
      written: (path, bytes, at) => this.#written(process, path, bytes, at),
      synced: (path) => this.#synced(process, path),
    };
  }

  #directorySynced(process: string, path: string): void {
    const steps: Readonly<Record<string, ActionName>> = {
      [this.#root]: 'rootSynced',
      [`${this.#root}/journals`]: 'journalsSynced',
      [`${this.#root}/sessions`]: 'sessionsSynced',
      [`${this.#root}/trash`]: 'trashSynced',
    };
    const name = steps[path];
    if (name !== undefined) this.#record(process, name);
  }

  #directoryMade(process: string, path: string): void {
    const writer = this.#below('journals', path);
    if (writer === null) return;
    this.#writers.set(writer, this.#lifeOf(process));
    const life = this.#lifeOf(process);
    this.#hold(process, { path: `${path}/LOCK`, kind: 'journal', of: life });
    this.#record(process, 'journalMade');
  }

  #renamed(process: string, from: string, to: string): void {
    const session = `${this.#root}/sessions/${this.#sessionId}`;
    if (to === `${this.#root}/writers`) {
      this.#record(process, 'writersWritten', this.#maskOf(decodeWriters(this.#writersFile) ?? []));
    } else if (to === session) {
      this.#dirty.delete(`${session}/history`);
      this.#named = this.#aside.get(from) ?? 0;
      this.#record(process, 'nameGiven', this.#named);
    } else if (from === session) {
      this.#named = 0;
      this.#record(process, 'nameMoved');
    }
  }

  /** The first part of a journal that goes counts: without it the journal is none. */
  #journalRemoved(process: string, path: string): void {
    if (!path.startsWith(`${this.#root}/journals/`)) return;
    const [writer = ''] = path.slice(`${this.#root}/journals/`.length).split('/');
    // Without the gate a living writer retires a segment of its own.
    const hasGate = (this.#locks.get(process) ?? []).some(({ kind }) => kind === 'gate');
    const life = this.#writers.get(writer);
    if (life === undefined || !hasGate) return;
    this.#writers.delete(writer);
    const before = this.#removed?.process === process ? this.#removed.mask : 0;
    this.#removed = { process, mask: before | (1 << life) };
  }

  #maskOf(writers: readonly string[]): number {
    return writers.reduce((mask, writer) => mask | (1 << (this.#writers.get(writer) ?? 0)), 0);
  }

  #below(directory: string, path: string): string | null {
    const prefix = `${this.#root}/${directory}/`;
    if (!path.startsWith(prefix)) return null;
    const name = path.slice(prefix.length);
    return name.includes('/') ? null : name;
  }

  #written(process: string, path: string, bytes: Uint8Array, at: number): void {
    if (path === `${this.#root}/writers.new`) this.#writersFile = bytes.slice();
    else if (path.startsWith(`${this.#root}/journals/`) && !path.endsWith('/LOCK')) {
      if (at >= fileHeaderBytes) this.#journalWritten(process, path, bytes);
    } else if (path.startsWith(`${this.#root}/sessions/.new-`)) {
      if (at === 0) this.#newHead = bytes.slice();
    } else if (path === `${this.#root}/sessions/${this.#sessionId}/history`) {
      // Block 1 of a head repeats block 0.
      if (at > 0 && at < fileHeaderBytes) return;
      this.#dirty.add(path);
      if (at === 0) this.#headWritten(process, bytes);
      else this.#historyWritten(process, bytes);
    }
  }

  #journalWritten(process: string, path: string, bytes: Uint8Array): void {
    for (const { kind } of framesIn(bytes)) {
      if (kind === 'other') continue;
      this.#dirty.add(path);
      if (kind === 'entry') this.#entryCount += 1;
      const detail = kind === 'entry' ? this.#entryCount : 0;
      this.#record(process, `${kind}Written`, detail);
    }
  }

  #headWritten(process: string, bytes: Uint8Array): void {
    const head = headIn(bytes);
    const attached = head.attached === null ? 0 : (this.#writers.get(toHex(head.attached)) ?? 0);
    this.#record(process, 'headWritten', headDetail(attached, head.vouched.seq));
  }

  #historyWritten(process: string, bytes: Uint8Array): void {
    const last = Math.max(...framesIn(bytes).map(({ seq }) => seq));
    this.#record(process, 'historyWritten', last);
  }

  #synced(process: string, path: string): void {
    if (path.startsWith(`${this.#root}/journals/`)) {
      if (this.#dirty.delete(path)) this.#record(process, 'journalSynced');
    } else if (path === `${this.#root}/sessions/${this.#sessionId}/history`) {
      if (this.#dirty.delete(path)) this.#record(process, 'historySynced');
    } else if (path.startsWith(`${this.#root}/sessions/.new-`) && path.endsWith('/history')) {
      this.#sessionMade(process, path.slice(0, path.lastIndexOf('/')));
    }
  }

  #sessionMade(process: string, directory: string): void {
    this.#sessionCount += 1;
    this.#aside.set(directory, this.#sessionCount);
    this.#incarnations.set(incarnationIn(this.#newHead), this.#sessionCount);
    const locks = this.#locks.get(process) ?? [];
    const of = this.#sessionCount;
    this.#locks.set(
      process,
      locks.map((held) => (held.path === `${directory}/LOCK` ? { ...held, of } : held)),
    );
    this.#record(process, 'sessionMade', of);
  }
}
