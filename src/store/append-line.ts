/**
 * The line in which the appends of one session stand: from their check to their answer. What is
 * appended first is written first; what is acknowledged is folded in that order.
 */
import { HoldfastError } from '../base/errors.ts';
import { frameBytes } from '../format/frame.ts';
import type { Head } from '../format/head.ts';
import type { Placement } from '../journal/journal-protocol.ts';
import type { SubmittedFrame } from '../journal/submission.ts';
import { inThisTurn } from '../platform/real-timers.ts';
import type { Entry, SessionEvent } from '../session/event.ts';
import { encodeEvent } from '../session/event-codec.ts';
import { copyEvent } from '../session/event-copy.ts';
import { rangeOfKey } from '../session/fold.ts';
import type { AppendOptions } from './api.ts';
import { requireAppendOptions, requireBatch } from './append-limits.ts';
import { AppendQueue, QueuedAppend } from './append-queue.ts';
import type { Attachment } from './attachment.ts';
import type { LateFold } from './late-fold.ts';
import { rangeIfSame } from './repeated.ts';
import type { Range } from './repeated.ts';
import type { SessionContent } from './session-content.ts';
import type { SessionHost, SettlingSession } from './session-host.ts';
import { sessionPoison } from './session-poison.ts';

interface Work {
  readonly events: readonly SessionEvent[];
  readonly frames: readonly SubmittedFrame[];
  /** Payload sizes: a large payload moves to the journal's thread and is empty here afterwards. */
  readonly sizes: readonly number[];
  readonly timeMs: number;
  readonly key: string | undefined;
  /** When it was called for; null while nobody wants that measured. */
  readonly beganMs: number | null;
}

/** What a line works with. */
export interface LineParts {
  readonly session: SettlingSession;
  readonly host: SessionHost;
  readonly late: LateFold;
  readonly content: SessionContent;
  readonly attachment: Attachment;
  /** The entries of a range that is answered. */
  readonly entries: (range: Range) => AsyncIterable<Entry>;
  /** Throws when nothing more may be submitted. */
  assertOpen(): void;
  /** Throws when what waited in line may not be submitted any more. */
  assertUsable(): void;
}

/** One for each session that is open for writing. */
export class AppendLine {
  readonly #own: LineParts;
  readonly #queue: AppendQueue<Work>;
  readonly #stream: number;
  readonly #keys = new Map<string, Promise<Range>>();
  #isCatchingUp = false;
  #poison: HoldfastError<'POISONED'> | null = null;
  /** The last append that waits in line for its turn, or null. */
  #waiting: Promise<unknown> | null = null;

  constructor(own: LineParts, head: Head) {
    this.#own = own;
    this.#queue = new AppendQueue(
      head.vouched.seq,
      (work, placement) => this.#answered(work, placement),
      (error) => this.inSeqs(error),
    );
    this.#stream = own.host.writer.journal.openStream(
      {
        key: head.incarnation,
        lastSeq: head.vouched.seq,
        chain: head.vouched.chain,
        introduction: new TextEncoder().encode(head.sessionId),
      },
      { durable: (ticket) => this.#queue.durable(ticket) },
    );
  }

  get durableUpTo(): number {
    return this.#queue.durableUpTo;
  }

  /**
   * An error of the journal as callers of this session get it: with its own sequences, and one for
   * all, as they were when the journal ended. Where a simulated machine went off no sync failed.
   */
  inSeqs<E>(error: E): E | Error {
    if (!HoldfastError.is(error, 'POISONED')) return error;
    const ended = this.#own.host.parts.ended?.() ?? null;
    if (ended !== null) return ended;
    const { durableUpTo, submittedUpTo } = this.#queue;
    const { id } = this.#own.session;
    this.#poison ??= sessionPoison(error, { id, durableUpTo, submittedUpTo });
    return this.#poison;
  }

  /**
   * Entries that are written together or not at all. What is wrong with them is thrown at once; all
   * else is told by the promise.
   */
  submit(events: readonly SessionEvent[], given: AppendOptions): Promise<Range> {
    this.#own.assertOpen();
    // Its turn may come later: by then the caller may have changed the object for the next call.
    const options = requireAppendOptions(given);
    options.signal?.throwIfAborted();
    const beganMs = this.#own.host.metrics.begin('append');
    const key = options.idempotencyKey;
    const timeMs = this.#own.host.parts.clock.nowMs();
    const frames: SubmittedFrame[] = [];
    const sizes: number[] = [];
    for (const event of events) {
      const { type, payload } = encodeEvent(event, key);
      frames.push({ type, payload, timeMs });
      sizes.push(payload.length);
    }
    const before = key === undefined ? undefined : this.#keys.get(key);
    const known = key === undefined || before !== undefined ? undefined : this.#rangeOf(key);
    if (known !== undefined) return this.#repeated(known, events, options);
    requireBatch(sizes);
    const work = { events: events.map(copyEvent), frames, sizes, timeMs, key, beganMs };
    if (key === undefined) return this.#inOrder(work, options);
    if (before !== undefined) return this.#behind(before, { ...work, key }, options);
    return this.#remembered(key, this.#inOrder(work, options));
  }

  /**
   * Behind an append with the same key that is not answered yet: its range when it was written.
   * When it failed or was taken back, this one is written, and at its own place in line: what was
   * submitted later comes later, and a barrier waits for it.
   */
  async #behind(
    first: Promise<unknown>,
    work: Work & { readonly key: string },
    options: AppendOptions,
  ): Promise<Range> {
    let known: Range | undefined;
    const wait = async (): Promise<void> => {
      // What became of it is told to its own caller; here, only whether the entry is there counts.
      await first.catch(() => undefined);
      known = this.#rangeOf(work.key);
      if (known === undefined) await this.#ready(work);
    };
    const act = async (): Promise<Range> => known ?? this.#hand(work, options);
    const written = this.#inTurn(wait, act, options.signal);
    const range = await this.#remembered(work.key, written);
    return known === undefined ? range : this.#repeated(range, work.events, options);
  }

  #rangeOf(key: string): Range | undefined {
    return rangeOfKey(this.#own.late.fold, key);
  }

  /** A later append with the key waits for this one, while it is on its way. */
  #remembered(key: string, written: Promise<Range>): Promise<Range> {
    this.#keys.set(key, written);
    const forget = (): void => {
      if (this.#keys.get(key) === written) this.#keys.delete(key);
    };
    written.then(forget, forget);
    return written;
  }

  /** The answer to a repeated append, once it is as durable as this one asks for. */
  async #repeated(
    known: Range,
    events: readonly SessionEvent[],
    options: AppendOptions,
  ): Promise<Range> {
    const range = await rangeIfSame(known, events, this.#own.entries);
    if (options.durability !== 'batched' && range.to > this.durableUpTo) await this.sync();
    return range;
  }

  /** Everything that was appended before the call is durable, and answered. */
  async sync(): Promise<void> {
    await this.inLine();
    await this.#told(this.#own.host.writer.journal.flush());
    await this.#queue.idle();
  }

  /** Resolves when everything that was submitted is answered. */
  async idle(): Promise<void> {
    await this.inLine();
    await this.#queue.idle();
  }

  /** Resolves when every append that waits for its turn has had it. */
  async inLine(): Promise<void> {
    // Its failure is told to its own caller.
    await this.#waiting?.catch(() => undefined);
  }

  /** Submits at once when there is room; when not, later appends queue up behind this one. */
  #inOrder(work: Work, options: AppendOptions): Promise<Range> {
    const { journal } = this.#own.host.writer;
    const free =
      this.#waiting === null && this.#own.attachment.holds && journal.hasRoom(bytesOf(work));
    if (free && !this.#own.host.isPressed(this.#own.session)) return this.#hand(work, options);
    return this.#inTurn(
      () => this.#ready(work),
      () => this.#hand(work, options),
      options.signal,
    );
  }

  /**
   * Acts when it is its turn: behind what waits in line already, and in front of what comes. Its
   * caller hears of an abort at once, and then it does not act; its place in line stays.
   */
  #inTurn(
    wait: () => Promise<void>,
    act: () => Promise<Range>,
    signal: AbortSignal | undefined,
  ): Promise<Range> {
    const before = this.#waiting ?? Promise.resolve();
    // The failure of an earlier append is its own caller's; this one only waits for its turn.
    const turn = before.catch(() => undefined).then(wait);
    let hasActed = false;
    const acted = turn.then(() => {
      // Closing waits for those that were in line before it.
      this.#own.assertUsable();
      signal?.throwIfAborted();
      hasActed = true;
      return act();
    });
    this.#waiting = turn;
    const clear = (): void => {
      if (this.#waiting === turn) this.#waiting = null;
    };
    turn.then(clear, clear);
    return signal === undefined ? acted : orAborted(acted, signal, () => hasActed);
  }

  /** Resolves when the journal may take it. */
  #ready(work: Work): Promise<void> {
    const { host, session } = this.#own;
    return Promise.resolve()
      .then(() => this.#own.attachment.attach())
      .then(() => this.#told(host.relief(session)))
      .then(() => host.writer.journal.room(bytesOf(work)));
  }

  #hand(work: Work, options: AppendOptions): Promise<Range> {
    const { signal, durability = 'durable' } = options;
    signal?.throwIfAborted();
    const { journal } = this.#own.host.writer;
    const item = new QueuedAppend(work, work.frames.length);
    item.ticket = journal.hand(this.#stream, work.frames, durability, item);
    const range = this.#queue.add(item);
    this.#catchUpSoon();
    if (signal !== undefined) this.#withdrawnBy(signal, item.ticket, range);
    if (work.beganMs !== null) this.#measured(work.beganMs, work, range, options);
    return range;
  }

  /** Behind the hand-over to the journal, while its thread writes. */
  #catchUpSoon(): void {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    inThisTurn(() => {
      this.#isCatchingUp = false;
      this.#own.late.catchUp();
    });
  }

  #withdrawnBy(signal: AbortSignal, ticket: number, answer: Promise<Range>): void {
    const { journal } = this.#own.host.writer;
    const withdraw = (): void => journal.withdraw(ticket, signal.reason);
    signal.addEventListener('abort', withdraw, { once: true });
    const done = (): void => signal.removeEventListener('abort', withdraw);
    answer.then(done, done);
  }

  /** Told behind the answer; one that fails is told to its caller alone. */
  #measured(beganMs: number, work: Work, answer: Promise<Range>, options: AppendOptions): void {
    const { durability = 'durable' } = options;
    const bytes = work.sizes.reduce((sum, size) => sum + size, 0);
    answer.then(
      (range) => {
        const { metrics } = this.#own.host;
        metrics.appended(beganMs, this.#own.session.id, { range, bytes, durability });
      },
      () => undefined,
    );
  }

  /** Takes in what is acknowledged, in order, right before its caller hears of it. */
  #answered(work: Work, placement: Placement): void {
    let { offset } = placement;
    work.events.forEach((event, index) => {
      const payloadBytes = work.sizes[index] ?? 0;
      const seq = placement.firstSeq + index;
      const entry: Entry = { seq, timeMs: work.timeMs, event };
      const keyed = work.key === undefined ? entry : { ...entry, idempotencyKey: work.key };
      this.#own.late.add(keyed, payloadBytes);
      this.#own.content.placed({ seq, segment: placement.segment, offset, payloadBytes });
      offset += frameBytes(payloadBytes);
    });
    this.#own.host.placed(placement.segment);
  }

  /** A frame of the session's life; durable when it resolves. */
  async control(type: number): Promise<Placement> {
    const timeMs = this.#own.host.parts.clock.nowMs();
    const frame = { type, payload: new Uint8Array(0), timeMs };
    return this.#told(
      this.#own.host.writer.journal.submit(this.#stream, [frame], 'durable').answered,
    );
  }

  async #told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw this.inSeqs(error);
    }
  }

  /** Nothing is submitted any more. */
  close(): void {
    const { journal } = this.#own.host.writer;
    if (journal.poison === null) journal.closeStream(this.#stream);
  }
}

/** The work; or the reason of an abort that comes before it has begun. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal, hasBegun: () => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      if (!hasBegun()) reject(signal.reason as Error);
    };
    signal.addEventListener('abort', aborted, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

function bytesOf({ frames }: Work): number {
  return frames.reduce((sum, frame) => sum + frameBytes(frame.payload.length), 0);
}
