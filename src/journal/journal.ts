/**
 * The owner's side of a journal: hands frames over, turns the writer's events into answered
 * promises, and keeps what was written but not yet settled findable. One per writing process.
 *
 * It holds the process alive exactly while something is unsynced, never while it is idle.
 */
import { assert, present } from '../base/assert.ts';
import { HoldfastError, fromSystem } from '../base/errors.ts';
import { batchFramesMax, queuedBytesMax } from '../base/quantities.ts';
import { frameBytes } from '../format/frame.ts';
import { isEntryType } from '../format/control.ts';
import { inThisTurn } from '../platform/real-timers.ts';
import { JournalWatch, underWay } from './journal-watch.ts';
import type { JournalObserver, SubmissionTotals, UnderWay } from './journal-watch.ts';
import type { JournalPort } from './journal-port.ts';
import { revivedError } from './journal-protocol.ts';
import type { JournalCounters, JournalEvent, Placement, PlainError } from './journal-protocol.ts';
import type { StreamOpening } from './streams.ts';
import type { SubmittedFrame, Submission, Ticket } from './submission.ts';

/** How an append is answered and told to be durable. */
export interface Submitted {
  readonly ticket: Ticket;
  /** Resolves when the durability that was asked for is reached. */
  readonly answered: Promise<Placement>;
}

/**
 * Takes the answer to a submission: one of the two is called, once, in a later turn than that of
 * the submission.
 */
export interface Answer {
  /** The durability that was asked for is reached. */
  placed(placement: Placement): void;
  failed(error: unknown): void;
}

/** Called when submissions of a stream became durable, in order, behind their answers. */
export interface StreamListener {
  durable(ticket: Ticket): void;
}

interface Pending {
  readonly stream: number;
  readonly bytes: number;
  readonly entries: number;
  readonly timeMs: number;
  /** Null once it was given. */
  answer: Answer | null;
}

/** About a quarter of what a hundred appenders of short messages say in one turn. */
const earlyBytesMin = 32 * 1024;

const unwatched = { observer: null, segmentBytes: 0 };

/** A journal as its process sees it: submissions in, promises out. */
export class Journal {
  readonly #port: JournalPort;
  readonly #pending = new Map<Ticket, Pending>();
  readonly #listeners = new Map<number, StreamListener>();
  #outbox: Submission[] = [];
  #outboxBytes = 0;
  #nextTicket: Ticket = 1;
  #nextStream = 1;
  #queuedBytes = 0;
  #room: (() => void)[] = [];
  #poison: HoldfastError<'POISONED'> | null = null;
  #leftUnsynced: UnderWay | null = null;
  #retiredListener: ((below: number) => void) | null = null;
  #closing: Promise<void> | null = null;
  #closed: { resolve: () => void; reject: (error: Error) => void } | null = null;
  /** The writer said that it ended, or its thread died. */
  #ended: { readonly error: PlainError | null } | null = null;
  #retiring: { below: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly #watch: JournalWatch;

  /** `about.segmentBytes` is the size of its first segment. */
  constructor(
    port: JournalPort,
    about: { readonly observer: JournalObserver | null; readonly segmentBytes: number } = unwatched,
  ) {
    this.#port = port;
    this.#watch = new JournalWatch(about.observer, about.segmentBytes);
    port.onEvent((event) => this.#take(event));
    port.keepAlive('idle');
  }

  /** The error that ended this journal, or null while it works. */
  get poison(): HoldfastError<'POISONED'> | null {
    return this.#poison;
  }

  /** Those of the writer, as they were with its newest answer. */
  get counters(): JournalCounters {
    return this.#watch.counters;
  }

  get totals(): SubmissionTotals {
    return this.#watch.totals;
  }

  /** Looks at everything that is not durable yet; once poisoned, at what was not by then. */
  get underWay(): UnderWay & { readonly bytes: number } {
    const now = this.#leftUnsynced ?? underWay(this.#pending.values());
    return { ...now, bytes: this.#queuedBytes };
  }

  /** Tells which segments are gone. */
  onRetired(listener: (below: number) => void): void {
    this.#retiredListener = listener;
  }

  openStream(opening: Omit<StreamOpening, 'stream'>, listener: StreamListener): number {
    const stream = this.#nextStream;
    this.#nextStream += 1;
    this.#listeners.set(stream, listener);
    this.#port.post({ kind: 'open-stream', opening: { ...opening, stream } });
    return stream;
  }

  closeStream(stream: number): void {
    this.#listeners.delete(stream);
    this.#postOutbox();
    this.#port.post({ kind: 'close-stream', stream });
  }

  /** True when so many bytes can be submitted at once. */
  hasRoom(bytes: number): boolean {
    return this.#queuedBytes === 0 || this.#queuedBytes + bytes <= queuedBytesMax;
  }

  /**
   * Waits until the bound on queued bytes lets so many more in. A journal that ended has nothing
   * queued: whoever submits then is told.
   */
  async room(bytes: number): Promise<void> {
    while (!this.hasRoom(bytes)) {
      await new Promise<void>((resolve) => this.#room.push(resolve));
    }
  }

  /**
   * Frames that are written together or not at all. The order of calls is the order in the journal.
   * The caller waits for `room` first.
   */
  hand(
    stream: number,
    frames: readonly SubmittedFrame[],
    durability: 'durable' | 'batched',
    answer: Answer,
  ): Ticket {
    assert(this.#closing === null, 'nothing is submitted after close');
    assert(frames.length < batchFramesMax, 'a batch holds the frames and an introduction');
    const ticket = this.#nextTicket;
    this.#nextTicket += 1;
    const poison = this.#poison;
    if (poison !== null) {
      inThisTurn(() => answer.failed(poison));
      return ticket;
    }
    let [bytes, entries] = [0, 0];
    for (const { type, payload } of frames) {
      bytes += frameBytes(payload.length);
      if (isEntryType(type)) entries += 1;
    }
    const timeMs = frames[0]?.timeMs ?? 0;
    this.#pending.set(ticket, { stream, bytes, entries, timeMs, answer });
    this.#queuedBytes += bytes;
    if (this.#pending.size === 1) this.#port.keepAlive('unsynced');
    this.#post({ ticket, stream, frames, entries, bytes, durability });
    return ticket;
  }

  /** As `hand`, with a promise for the answer. */
  submit(
    stream: number,
    frames: readonly SubmittedFrame[],
    durability: 'durable' | 'batched',
  ): Submitted {
    let answer: Answer | null = null;
    const answered = new Promise<Placement>((placed, failed) => {
      answer = { placed, failed };
    });
    const ticket = this.hand(stream, frames, durability, present<Answer>(answer, 'it was made'));
    return { ticket, answered };
  }

  /** What is submitted in one turn of the caller goes over in one message, and into one batch. */
  #post(submission: Submission): void {
    this.#outbox.push(submission);
    this.#outboxBytes += submission.bytes;
    if (this.#outbox.length === 1) inThisTurn(() => this.#postOutbox());
    // Or the first part of it early, when the writer has nothing else to do.
    const isFirst = this.#outbox.length === this.#pending.size;
    if (isFirst && this.#outboxBytes >= earlyBytesMin && this.#port.isQuick) this.#postOutbox();
  }

  #postOutbox(): void {
    if (this.#outbox.length === 0) return;
    const submissions = this.#outbox;
    this.#outbox = [];
    this.#outboxBytes = 0;
    this.#port.post({ kind: 'submit', submissions, measured: this.#watch.isMeasuring });
  }

  /** Resolves when everything that was submitted before is durable. */
  async flush(): Promise<void> {
    if (this.#poison !== null) throw this.#poison;
    if (this.#pending.size === 0) return;
    await this.submit(0, [], 'durable').answered;
  }

  /** Takes a submission back; it fails with this reason as it is, if nothing of it was written. */
  withdraw(ticket: Ticket, reason: unknown): void {
    const pending = this.#pending.get(ticket);
    if (pending === undefined || pending.answer === null) return;
    this.#withdrawals.set(ticket, reason);
    this.#postOutbox();
    this.#port.post({ kind: 'withdraw', ticket });
  }

  readonly #withdrawals = new Map<Ticket, unknown>();

  /**
   * Segments below this number, at most that of the newest placement, hold nothing that is still
   * needed. Resolves when they are removed. A failure is told here and harms nothing else.
   */
  async retire(below: number): Promise<void> {
    if (this.#poison !== null) throw this.#poison;
    if (this.#closing !== null) throw closedError();
    this.#port.keepAlive('unsynced');
    await new Promise<void>((resolve, reject) => {
      this.#retiring.push({ below, resolve, reject });
      this.#port.post({ kind: 'retire', below });
    });
  }

  /**
   * Writes the close frame and ends the writer. Idempotent. Rejects when the journal was poisoned.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve, reject) => {
      this.#closed = { resolve, reject };
    });
    this.#port.keepAlive('unsynced');
    this.#postOutbox();
    if (this.#ended === null) this.#port.post({ kind: 'close' });
    else this.#end(this.#ended.error);
    try {
      await closed;
    } finally {
      await this.#port.end();
    }
  }

  #take(event: JournalEvent): void {
    switch (event.kind) {
      case 'progress':
        for (const placement of event.written) this.#answer(placement);
        for (const ticket of event.durable) this.#finish(ticket);
        this.#watch.told(event.counters, event.measures);
        break;
      case 'failed':
        for (const ticket of event.tickets) this.#fail(ticket, this.#failure(event.error));
        break;
      case 'withdrawn': {
        assert(this.#withdrawals.has(event.ticket), 'a withdrawal was asked for');
        this.#reject(event.ticket, this.#withdrawals.get(event.ticket));
        break;
      }
      case 'poisoned':
        this.#poisonedBy(event);
        break;
      case 'retired':
        this.#retired(event.below);
        if (event.error !== null) this.#retireFailed(this.#failure(event.error));
        this.#watch.retired(event);
        break;
      case 'closed':
        this.#watch.told(event.counters, event.measures);
        this.#ended = event;
        this.#retireFailed(closedError());
        this.#end(event.error);
        break;
    }
    const isIdle = this.#pending.size === 0 && this.#retiring.length === 0;
    if (isIdle && this.#closing === null) this.#port.keepAlive('idle');
    const waiting = this.#room;
    this.#room = [];
    for (const resume of waiting) resume();
  }

  #poisonedBy(event: Extract<JournalEvent, { kind: 'poisoned' }>): void {
    const isFirst = this.#poison === null;
    const poison = this.#poison ?? poisonError(event);
    this.#poison = poison;
    // What was acknowledged stays exposed until recovery has looked; nothing waits any more.
    this.#leftUnsynced ??= { ...underWay(this.#pending.values()), waitingEntries: 0 };
    for (const ticket of this.#pending.keys()) this.#fail(ticket, poison);
    this.#retireFailed(poison);
    if (isFirst) this.#watch.poisoned(poison);
  }

  #end(error: PlainError | null): void {
    if (error === null) this.#closed?.resolve();
    else this.#closed?.reject(this.#poison ?? this.#failure(error));
  }

  #retired(below: number): void {
    this.#retiredListener?.(below);
    const done = this.#retiring.filter((one) => one.below <= below);
    this.#retiring = this.#retiring.filter((one) => one.below > below);
    for (const one of done) one.resolve();
  }

  #retireFailed(error: Error): void {
    const failed = this.#retiring;
    this.#retiring = [];
    for (const one of failed) one.reject(error);
  }

  #answer(placement: Placement): void {
    const pending = this.#pending.get(placement.ticket);
    if (pending === undefined || pending.answer === null) return;
    const { answer } = pending;
    pending.answer = null;
    this.#watch.acknowledged(pending.entries);
    answer.placed(placement);
  }

  #finish(ticket: Ticket): void {
    const pending = this.#pending.get(ticket);
    if (pending === undefined) return;
    this.#answer({ ticket, segment: 0, offset: 0, firstSeq: 0, journalSeq: 0 });
    this.#remove(ticket, pending);
    this.#listeners.get(pending.stream)?.durable(ticket);
  }

  #fail(ticket: Ticket, error: Error): void {
    const pending = this.#pending.get(ticket);
    if (pending !== undefined && pending.answer !== null) this.#watch.failed(pending.entries);
    this.#reject(ticket, error);
  }

  #reject(ticket: Ticket, error: unknown): void {
    const pending = this.#pending.get(ticket);
    if (pending === undefined) return;
    this.#remove(ticket, pending);
    pending.answer?.failed(error);
  }

  #remove(ticket: Ticket, pending: Pending): void {
    this.#pending.delete(ticket);
    this.#withdrawals.delete(ticket);
    this.#queuedBytes -= pending.bytes;
  }

  #failure(error: PlainError): Error {
    return fromSystem(revivedError(error), 'write to the journal', error.path);
  }
}

function closedError(): HoldfastError<'CLOSED'> {
  const message = 'Cannot let segments go: the journal is closed; open it again';
  return new HoldfastError('CLOSED', message, { what: 'journal' });
}

function poisonError(
  event: Extract<JournalEvent, { kind: 'poisoned' }>,
): HoldfastError<'POISONED'> {
  const { durableSeq, writtenSeq, error } = event;
  const inDoubt = writtenSeq > durableSeq ? { from: durableSeq + 1, to: writtenSeq } : null;
  return new HoldfastError(
    'POISONED',
    `Cannot go on: a sync of the journal failed (${error.code ?? error.message}); ` +
      'close the store and open it again, recovery then keeps what is proven',
    { durableUpTo: durableSeq, inDoubt, syscall: error.syscall, errno: error.code },
    { cause: revivedError(error) },
  );
}
