/**
 * A store that is measured: the real engine, by its public interface, with the settings in
 * question, in a directory of its own. What it writes is taken from the bytes of the run before it
 * is appended, by an estimate that is never too low.
 */
import { fileHeaderBytes, segmentBytesFirst, segmentBytesMax } from '../base/quantities.ts';
import type { Session, StoreApi, StoreOptions } from '../store/api.ts';
import type { Durability } from '../store/durability.ts';
import type { Pace } from './pace.ts';
import type { Turn } from './rounds.ts';
import { medianOf } from './spread.ts';

/** Opens a store: `Store.open` of the library. */
export type OpenStore = (root: string, options: StoreOptions) => Promise<StoreApi>;

/** What a slice told. */
export interface SliceResult {
  /** Messages per second until all of them were durable. */
  readonly perSecond: number;
  /** Median time of one call, in milliseconds. */
  readonly medianMs: number;
}

/** How a slice appends. */
export interface Load {
  readonly durability: Durability;
  /** Sessions that each await their appends. */
  readonly sessions: number;
  /** Messages of one call; more than one are an `appendAll`. */
  readonly group: number;
  readonly textBytes: number;
  /** Takes the time of each call, but not while warming up. */
  readonly record: (ms: number) => void;
}

/** Headers, commit, directory and the rest of a message beside its text, generously. */
const entryOverheadBytes = 400;

/** A history: its head when it is made, at its first entries and at its end, and more. */
const sessionBytes = 6 * fileHeaderBytes;

/** What a store has beside segments and histories: its own file, lists of writers, locks. */
const storeBytes = 64 * 1024;

/** One open store. */
export class Subject implements AsyncDisposable {
  readonly #store: StoreApi;
  readonly #pace: Pace;
  readonly #segmentBytes: number;
  readonly #sessions: Session[] = [];
  #journalBytes = 0;

  constructor(store: StoreApi, pace: Pace, segmentBytes: number) {
    this.#store = store;
    this.#pace = pace;
    this.#segmentBytes = segmentBytes;
  }

  /** Null when there are not enough bytes left for its first segments. */
  static async open(
    open: OpenStore,
    root: string,
    pace: Pace,
    options: StoreOptions,
  ): Promise<Subject | null> {
    const segmentBytes = options.segmentBytes ?? segmentBytesFirst;
    if (!pace.take(storeBytes + zeroBytes(0, segmentBytes))) return null;
    // Restore points would be entries that nobody counts.
    const store = await open(root, { ...options, checkpoints: false });
    return new Subject(store, pace, segmentBytes);
  }

  /** Appends until the slice is over; null when no bytes are left. */
  async slice(turn: Turn, load: Load): Promise<SliceResult | null> {
    const sessions = await this.#open(load.sessions);
    if (sessions === null) return null;
    const messages = Array.from({ length: load.group }, () => {
      return { role: 'assistant', content: 'x'.repeat(load.textBytes) };
    });
    const callBytes = load.group * (load.textBytes + entryOverheadBytes);
    let calls = Math.max(sessions.length, Math.floor(turn.sliceBytes / callBytes));
    const times: number[] = [];
    const begunMs = this.#pace.nowMs();
    const lane = async (session: Session): Promise<void> => {
      for (let nowMs = begunMs, own = 0; own === 0 || nowMs < begunMs + turn.sliceMs; own += 1) {
        calls -= 1;
        if (calls < 0 || this.#pace.signal.aborted || !this.#take(callBytes)) return;
        await session.appendAll(messages, { durability: load.durability });
        const doneMs = this.#pace.nowMs();
        times.push(doneMs - nowMs);
        if (turn.round > 0) load.record(doneMs - nowMs);
        nowMs = doneMs;
      }
    };
    // All of them end before a failure of one is told: what still runs would append behind it.
    const ends = await Promise.allSettled(sessions.map(lane));
    for (const end of ends) if (end.status === 'rejected') throw end.reason as Error;
    if (load.durability === 'batched') await sessions[0]?.flush();
    if (times.length === 0) return null;
    const seconds = (this.#pace.nowMs() - begunMs) / 1000;
    return { perSecond: (times.length * load.group) / seconds, medianMs: medianOf(times) };
  }

  /** A close that fails tells nothing here: what was to be learned is known, and all of it goes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#store.close().catch(() => undefined);
  }

  /** At least so many sessions; null when there are not enough bytes left for them. */
  async #open(count: number): Promise<readonly Session[] | null> {
    const missing = Math.max(0, count - this.#sessions.length);
    // Each tells the journal that it begins.
    if (missing > 0 && !this.#take(missing * entryOverheadBytes)) return null;
    if (missing > 0 && !this.#pace.take(missing * sessionBytes)) return null;
    const more = Array.from({ length: missing }, () => this.#store.createSession());
    this.#sessions.push(...(await Promise.all(more)));
    return this.#sessions.slice(0, count);
  }

  #take(bytes: number): boolean {
    const zeros =
      zeroBytes(this.#journalBytes + bytes, this.#segmentBytes) -
      zeroBytes(this.#journalBytes, this.#segmentBytes);
    // Once in the journal, once in the history.
    if (!this.#pace.take(2 * bytes + zeros)) return false;
    this.#journalBytes += bytes;
    return true;
  }
}

/**
 * Zeros that were written at most for segments, once so many bytes are in the journal: the first
 * two, then the largest one behind each that is nearly full.
 */
export function zeroBytes(journalBytes: number, segmentBytes: number): number {
  const first = segmentBytes + Math.min(2 * segmentBytes, segmentBytesMax) + 4 * fileHeaderBytes;
  if (journalBytes < 0.9 * segmentBytes) return first;
  const second = 2.9 * segmentBytes;
  const more = Math.max(0, journalBytes - second) / segmentBytesMax;
  return first + segmentBytesMax * (journalBytes < second ? 1 : 2 + Math.floor(more));
}
