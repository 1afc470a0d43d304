/**
 * The writing side of a bare log: entries go to the journal as frames of its only stream, and what
 * the journal answers becomes sequences of entries. Appends are submitted in the order of their
 * calls, also when some of them wait for room, and answered in that order, so that a reader of this
 * handle never sees an entry before the one in front of it.
 */
import { HoldfastError } from '../base/errors.ts';
import { frameBytes } from '../format/frame.ts';
import type { Journal } from '../journal/journal.ts';
import type { Placement } from '../journal/journal-protocol.ts';
import type { SubmittedFrame, Ticket } from '../journal/submission.ts';
import type { Clock } from '../platform/clock.ts';
import type { Lock } from '../platform/locks.ts';
import { logEntryType } from './read-entries.ts';
import type { Spans } from './spans.ts';
import type { WalAppendOptions } from './wal-options.ts';

/** The sequences of one append. */
interface Appended {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** An append on its way. */
interface Entered {
  readonly ticket: Ticket;
  readonly answered: Promise<Appended>;
}

/** What a writer starts from. Its stream is opened in the journal here. */
export interface WriterStart {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly spans: Spans;
  /** Identity of the log, and key of its stream. */
  readonly id: Uint8Array;
  readonly lastSeq: number;
  readonly chain: bigint;
  /** See `Parts`. */
  readonly ended: (() => Error | null) | undefined;
}

/** The writing side of a bare log. */
export class LogWriter {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #lock: Lock;
  readonly #spans: Spans;
  readonly #stream: number;
  readonly #ended: (() => Error | null) | undefined;
  /** Entries of each submission that is not durable yet. */
  readonly #undurable = new Map<Ticket, number>();
  #durableUpTo: number;
  #lastSeq: number;
  /** Resolves when every call before was submitted. */
  #entering: Promise<void> = Promise.resolve();
  /** Resolves when every call that was submitted before is answered, one way or the other. */
  #answering: Promise<unknown> = Promise.resolve();
  #truncating: Promise<void> = Promise.resolve();
  #closing: Promise<void> | null = null;

  constructor(start: WriterStart) {
    this.#journal = start.journal;
    this.#clock = start.clock;
    this.#lock = start.lock;
    this.#spans = start.spans;
    this.#ended = start.ended;
    this.#lastSeq = start.lastSeq;
    this.#durableUpTo = start.lastSeq;
    const { id: key, lastSeq, chain } = start;
    const opening = { key, lastSeq, chain, introduction: new Uint8Array(0) };
    const durable = (ticket: Ticket): void => this.#durable(ticket);
    this.#stream = this.#journal.openStream(opening, { durable });
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** The journal may tell of durability a moment before the append itself is answered. */
  get durableUpTo(): number {
    return Math.min(this.#durableUpTo, this.#lastSeq);
  }

  /** Appends all payloads or none. They are the journal's from here on. */
  async append(payloads: readonly Uint8Array[], options: WalAppendOptions): Promise<Appended> {
    this.#requireOpen();
    const { signal } = options;
    signal?.throwIfAborted();
    const timeMs = this.#clock.nowMs();
    const frames = payloads.map((payload) => ({ type: logEntryType, payload, timeMs }));
    const { ticket, answered } = await this.#enter(frames, options);
    const withdraw = (): void => this.#journal.withdraw(ticket, signal?.reason);
    signal?.addEventListener('abort', withdraw, { once: true });
    try {
      return await answered;
    } catch (error) {
      const told = this.#inSeqs(error);
      this.#undurable.delete(ticket);
      throw told;
    } finally {
      signal?.removeEventListener('abort', withdraw);
    }
  }

  /** Resolves when everything that was appended before is durable. */
  async flush(): Promise<void> {
    this.#requireOpen();
    await this.#entering;
    try {
      await this.#journal.flush();
    } catch (error) {
      throw this.#inSeqs(error);
    }
  }

  /** Removes whole segments below the entry; resolves when they are gone. */
  async truncateBefore(seq: number): Promise<void> {
    this.#requireOpen();
    const before = this.#truncating;
    const mine = before.then(() => this.#truncate(seq));
    this.#truncating = mine.catch(ignore);
    await mine;
  }

  /**
   * Waits until everything is durable, then lets the lock go. Rejects when the log was poisoned.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #enter(frames: readonly SubmittedFrame[], options: WalAppendOptions): Promise<Entered> {
    const bytes = frames.reduce((sum, frame) => sum + frameBytes(frame.payload.length), 0);
    const durability = options.durability ?? 'durable';
    const submit = async (): Promise<Entered> => {
      await this.#journal.room(bytes);
      options.signal?.throwIfAborted();
      const { ticket, answered } = this.#journal.submit(this.#stream, frames, durability);
      this.#undurable.set(ticket, frames.length);
      return { ticket, answered: this.#inOrder(answered, frames.length) };
    };
    const mine = this.#entering.then(submit);
    this.#entering = mine.then(ignore, ignore);
    try {
      return await mine;
    } catch (error) {
      throw this.#inSeqs(error);
    }
  }

  #inOrder(answered: Promise<Placement>, entries: number): Promise<Appended> {
    const placed = Promise.allSettled([answered, this.#answering]).then(async () => {
      const { firstSeq, segment } = await answered;
      const lastSeq = firstSeq + entries - 1;
      this.#spans.note(segment, firstSeq, lastSeq);
      this.#lastSeq = lastSeq;
      return { firstSeq, lastSeq };
    });
    this.#answering = placed.then(ignore, ignore);
    return placed;
  }

  /** Submissions become durable in the order of their sequences. */
  #durable(ticket: Ticket): void {
    this.#durableUpTo += this.#undurable.get(ticket) ?? 0;
    this.#undurable.delete(ticket);
  }

  async #truncate(seq: number): Promise<void> {
    const below = this.#spans.keepFrom(seq);
    if (below === 0) return;
    try {
      await this.#journal.retire(below);
    } catch (error) {
      throw this.#inSeqs(error);
    }
    this.#spans.dropBelow(below);
  }

  async #close(): Promise<void> {
    await this.#entering;
    await this.#truncating;
    try {
      await this.#journal.close();
    } catch (error) {
      throw this.#inSeqs(error);
    } finally {
      this.#lock.release();
    }
  }

  #requireOpen(): void {
    if (this.#closing === null) return;
    throw new HoldfastError('CLOSED', 'Cannot use the log: it is closed; open it again', {
      what: 'log',
    });
  }

  /** The journal counts its own frames; users count entries. */
  #inSeqs(error: unknown): unknown {
    if (!HoldfastError.is(error, 'POISONED')) return error;
    const ended = this.#ended?.() ?? null;
    // Where a simulated machine went off, no sync failed.
    if (ended !== null) return ended;
    const durableUpTo = this.#durableUpTo;
    const last = [...this.#undurable.values()].reduce((sum, entries) => sum + entries, durableUpTo);
    this.#poisoned ??= new HoldfastError(
      'POISONED',
      `Cannot go on behind entry ${durableUpTo}: a sync of the log failed ` +
        `(${error.details.errno ?? 'its thread ended'}); close it and open it again, ` +
        'recovery then keeps what is proven',
      {
        ...error.details,
        durableUpTo,
        inDoubt: last > durableUpTo ? { from: durableUpTo + 1, to: last } : null,
      },
      { cause: error },
    );
    return this.#poisoned;
  }

  #poisoned: HoldfastError<'POISONED'> | null = null;
}

/** For those who wait in a row: the caller gets the error, they only keep their order. */
function ignore(): void {}
