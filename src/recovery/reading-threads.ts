/**
 * Reading many sessions at the same time, each in a thread of its own: to read every byte takes a
 * processor and not the disk. A thread tells only of a session in which everything is as it should
 * be. Whatever else it meets, damage or a refusal of the machine, comes back undone: the caller
 * reads that session himself, so that there is one place from which damage is told.
 */
import type { Head } from '../format/head.ts';
import type { WalkResult } from '../history/history-walk.ts';
import { moduleBeside } from '../platform/compiled-module.ts';
import type { FileSystem } from '../platform/file-system.ts';
import { processors, TaskThreads } from '../platform/task-threads.ts';
import { decodeFold, encodeFold } from '../session/fold-value.ts';
import { readSession } from './read-session.ts';
import type { SessionReading } from './read-session.ts';

/** A session whose entries all stand in its history. */
export interface ReadingTask {
  readonly path: string;
  readonly head: Head;
}

/** What a thread tells of a sound session; the fold as in a base. */
export interface ReadingDone {
  readonly fold: Uint8Array;
  readonly walk: WalkResult;
  readonly notes: SessionReading['notes'];
}

/** When threads are used, and how many. */
export interface ReadingLimits {
  readonly bytesMin: number;
  readonly threadsMax: number;
}

/**
 * To begin a thread and to compile in it what the caller has compiled already takes as long as to
 * read some hundred MiB in one; and each takes about 35 MiB of memory.
 */
const usual: ReadingLimits = {
  bytesMin: 256 * 1024 * 1024,
  threadsMax: Math.min(processors(), 4),
};
/** Sessions that are given to each thread ahead of the one that is asked for. */
const aheadEach = 4;

/** In the thread: null unless everything is as it should be. Fails as the machine fails. */
export async function readHere(
  fileSystem: FileSystem,
  { path, head }: ReadingTask,
): Promise<ReadingDone | null> {
  const { fold, walk, notes, undecodable, badBases } = await readSession(
    fileSystem,
    path,
    head,
    null,
  );
  const faults = [...walk.lost, ...walk.damagedDerived, ...undecodable, ...badBases];
  if (walk.damage !== null || faults.length > 0) return null;
  return { fold: encodeFold(fold), walk, notes };
}

/** A session to read, and how many bytes its history has. */
export interface Readable extends ReadingTask {
  readonly bytes: number;
}

/** Readings of the sessions of one look, in the order in which they are asked for. */
export interface AheadReadings {
  /** Null when no thread has read this history, or it is not sound; and when asked once more. */
  of(path: string): Promise<SessionReading | null>;
  /** Waits for what is being read. */
  end(): Promise<void>;
}

const none: AheadReadings = { of: () => Promise.resolve(null), end: () => Promise.resolve() };

/** How sessions are read ahead. */
export type ReadAhead = (sessions: readonly Readable[]) => AheadReadings;

/** Threads for many bytes in several sessions, when there is more than one processor. */
export function readAheadInThreads({ bytesMin, threadsMax }: ReadingLimits = usual): ReadAhead {
  return (sessions) => {
    const bytes = sessions.reduce((sum, one) => sum + one.bytes, 0);
    const count = Math.min(threadsMax, sessions.length);
    return count < 2 || bytes < bytesMin ? none : new ThreadReadings(sessions, count);
  };
}

class ThreadReadings implements AheadReadings {
  readonly #threads: TaskThreads<ReadingTask, ReadingDone>;
  readonly #ahead: number;
  readonly #sessions: Iterator<Readable>;
  readonly #begun = new Map<string, Promise<ReadingDone | null>>();

  constructor(sessions: readonly Readable[], count: number) {
    this.#threads = new TaskThreads(moduleBeside('reading-worker', import.meta.url), count);
    this.#sessions = sessions[Symbol.iterator]();
    this.#ahead = count * aheadEach;
    this.#begin();
  }

  async of(path: string): Promise<SessionReading | null> {
    const begun = this.#begun.get(path);
    if (begun === undefined) return null;
    const done = await begun;
    this.#begun.delete(path);
    this.#begin();
    const fold = done === null ? null : decodeFold(done.fold);
    if (done === null || fold === null) return null;
    return { fold, walk: done.walk, notes: done.notes, undecodable: [], badBases: [] };
  }

  end(): Promise<void> {
    return this.#threads.end();
  }

  #begin(): void {
    while (this.#begun.size < this.#ahead) {
      const { done, value } = this.#sessions.next();
      if (done === true) return;
      const { path, head } = value;
      this.#begun.set(path, this.#threads.run({ path, head }));
    }
  }
}
