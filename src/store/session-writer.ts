/**
 * A session that is open for writing: its lock, its stream in the journal, its history. An append
 * goes to the journal and is answered from there; settling moves it to the history behind
 * everybody's back.
 *
 * - Before the first entry is written the head says "attached", synced, so that no other process
 *   takes the session for complete while this journal holds its newest entries.
 * - Closing goes in this order: everything settled, synced and vouched for; a detach frame, synced
 *   in the journal; the head says "attached to nobody"; then the lock falls. A close that fails
 *   keeps the lock and can be tried again.
 */
import { HoldfastError, fromSystem } from '../base/errors.ts';
import type { SeqRange } from '../base/errors.ts';
import { frameBytes } from '../format/frame.ts';
import type { HistoryFile } from '../history/history-file.ts';
import type { Placement } from '../journal/journal-protocol.ts';
import type { SubmittedFrame } from '../journal/submission.ts';
import type { Lock } from '../platform/locks.ts';
import type { Parts } from '../recovery/parts.ts';
import type { SessionReading } from '../recovery/read-session.ts';
import { incarnationOf } from '../recovery/scan.ts';
import type { Entry, Outcome, RecordableEvent, SessionEvent, ToolCall } from '../session/event.ts';
import { encodeEvent } from '../session/event-codec.ts';
import { copyEvent } from '../session/event-copy.ts';
import { rangeOfKey, snapshotState } from '../session/fold.ts';
import type { SessionState } from '../session/state.ts';
import { streamFrameType } from '../session/frame-types.ts';
import type { Message } from '../session/message.ts';
import type { AppendOptions, ReadOptions, RecoveryNotice, Session } from './api.ts';
import { requireBatch, requireCount, requireDurability } from './append-limits.ts';
import { AppendQueue } from './append-queue.ts';
import { Attachment } from './attachment.ts';
import type { BatchIndex, ContentView } from './content.ts';
import { readEntries } from './content.ts';
import { LateFold } from './late-fold.ts';
import { messagesOf, noticesOf } from './session-view.ts';
import { SessionContent } from './session-content.ts';
import { sessionClosed } from './soundness.ts';
import type { Writer } from './writer.ts';

/** What the store gives to a session and wants to hear of it. */
export interface SessionHost {
  readonly parts: Parts;
  readonly writer: Writer;
  /** True while the journal is over its bound. */
  isPressed(): boolean;
  /** Waits until the journal is within its bound; FULL after a bounded time. */
  relief(): Promise<void>;
  /** A session has something to settle in this segment. */
  placed(segment: number): void;
  /** Makes the name of the session's directory durable. */
  syncNames(): Promise<void>;
  closed(session: SessionWriter): void;
  /** True while a handle of this store has the session open for writing. */
  hasOpen(id: string): boolean;
  /** This process, for messages. */
  readonly owner: { readonly pid: number; readonly host: string };
}

/** The entries of one append. */
type Range = SeqRange & { readonly to: number };

interface Work {
  readonly events: readonly SessionEvent[];
  readonly frames: readonly SubmittedFrame[];
  /** Payload sizes: a large payload moves to the journal's thread and is empty here afterwards. */
  readonly sizes: readonly number[];
  readonly timeMs: number;
  readonly key: string | undefined;
}

/** The one writer of a session. */
export class SessionWriter implements Session {
  readonly id: string;
  readonly recoveries: readonly RecoveryNotice[];
  readonly mode = 'write';
  readonly #host: SessionHost;
  readonly #lock: Lock;
  readonly #late: LateFold;
  readonly #history: HistoryFile;
  readonly #content: SessionContent;
  readonly #attachment: Attachment;
  readonly #queue: AppendQueue;
  readonly #stream: number;
  /** Work by ticket, until it is answered. */
  readonly #work = new Map<number, Work>();
  readonly #keys = new Map<string, Promise<Range>>();
  /** The last append that waits in line for its turn, or null. */
  #waiting: Promise<unknown> | null = null;
  #closing: Promise<void> | null = null;
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(
    host: SessionHost,
    own: {
      readonly id: string;
      readonly lock: Lock;
      readonly history: HistoryFile;
      readonly reading: Pick<SessionReading, 'fold' | 'notes'>;
      readonly index: BatchIndex;
      /** True when the head names this writer already. */
      readonly attached: boolean;
    },
  ) {
    this.id = own.id;
    this.recoveries = noticesOf(own.reading.notes);
    this.#late = new LateFold(own.reading.fold);
    this.#host = host;
    this.#lock = own.lock;
    this.#history = own.history;
    this.#content = new SessionContent(own.history, own.index);
    this.#attachment = new Attachment(own.history, host.writer.idBytes, {
      syncNames: () => host.syncNames(),
      holds: own.attached,
    });
    const { head } = own.history;
    this.#queue = new AppendQueue(head.vouched.seq, (placement) => this.#answered(placement));
    this.#stream = host.writer.journal.openStream(
      {
        key: head.incarnation,
        lastSeq: head.vouched.seq,
        chain: head.vouched.chain,
        introduction: new TextEncoder().encode(own.id),
      },
      { durable: (ticket) => this.#queue.durable(ticket) },
    );
  }

  get durableUpTo(): number {
    return this.#queue.durableUpTo;
  }

  get state(): SessionState {
    return snapshotState(this.#late.fold, this.durableUpTo);
  }

  entries(options: ReadOptions = {}): AsyncIterable<Entry> {
    this.#assertReadable();
    const view = (): ContentView =>
      this.#content.view(this.#host.writer.source, this.#late.fold.lastSeq);
    return readEntries(this.#host.parts.fileSystem, view, options);
  }

  messages(options: ReadOptions = {}): AsyncIterable<{ seq: number; message: Message }> {
    this.#assertReadable();
    return messagesOf((range) => this.entries(range), options);
  }

  /** Random for each life of an id. */
  get incarnation(): string {
    return incarnationOf(this.#history.head);
  }

  /** Oldest segment that still holds entries of this session, or null. */
  get oldestSegment(): number | null {
    return this.#content.oldestSegment;
  }

  async append(message: Message, options: AppendOptions = {}): Promise<{ seq: number }> {
    return { seq: (await this.#submit([{ kind: 'message', message }], options)).from };
  }

  async appendAll(
    messages: readonly Message[],
    options: AppendOptions = {},
  ): Promise<{ firstSeq: number; lastSeq: number }> {
    requireCount(messages);
    const events = messages.map((message) => ({ kind: 'message', message }) as const);
    const { from, to } = await this.#submit(events, options);
    return { firstSeq: from, lastSeq: to };
  }

  async record(event: RecordableEvent, options: AppendOptions = {}): Promise<{ seq: number }> {
    const allowed = ['metadata', 'status', 'custom'];
    if (!allowed.includes(event?.kind)) {
      const message = `Cannot record the event: "kind" must be one of ${allowed.join(', ')}`;
      throw new HoldfastError('INVALID', message, { path: 'event.kind' });
    }
    return { seq: (await this.#submit([event], options)).from };
  }

  async intend(call: ToolCall): Promise<{ seq: number }> {
    return { seq: (await this.#submit([{ kind: 'intent', call }], {})).from };
  }

  async complete(
    callId: string,
    outcome: Outcome,
    options: AppendOptions = {},
  ): Promise<{ seq: number }> {
    return { seq: (await this.#submit([{ kind: 'outcome', callId, outcome }], options)).from };
  }

  async flush(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#assertOpen();
    options.signal?.throwIfAborted();
    await this.#sync();
  }

  /** Idempotent; see the order above. After poison it only lets go: recovery does the rest. */
  close(): Promise<void> {
    if (this.#state === 'closed') return Promise.resolve();
    this.#closing ??= this.#close().finally(() => {
      this.#closing = null;
    });
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Moves what is durable from the journal to the history. One run at a time. */
  settle(): Promise<void> {
    return this.#content.settle(this.#host.writer, () => this.durableUpTo);
  }

  /** Writes the tombstone: durable in the journal before anything of the session goes. */
  async bury(): Promise<Placement> {
    this.#assertOpen();
    await this.#attachment.attach();
    return this.#control(streamFrameType.delete);
  }

  /** Lets go of a session whose directory is gone, or that is left to recovery. */
  async abandon(): Promise<void> {
    this.#state = 'closed';
    await this.#history.close().finally(() => this.#release());
  }

  #assertReadable(): void {
    if (this.#state === 'closed') throw sessionClosed(this.id);
  }

  #assertOpen(): void {
    if (this.#state !== 'open') throw sessionClosed(this.id);
    this.#assertSound();
  }

  #assertSound(): void {
    const { poison } = this.#host.writer.journal;
    if (poison !== null) throw poison;
  }

  async #submit(events: readonly SessionEvent[], options: AppendOptions): Promise<Range> {
    this.#assertOpen();
    options.signal?.throwIfAborted();
    const key = options.idempotencyKey;
    const encoded = events.map((event) => encodeEvent(event, key));
    const known =
      key === undefined ? undefined : (this.#keys.get(key) ?? rangeOfKey(this.#late.fold, key));
    if (known !== undefined) return this.#repeated(known, options);
    const timeMs = this.#host.parts.clock.nowMs();
    const frames = encoded.map((one) => ({ ...one, timeMs }));
    const sizes = frames.map((frame) => frame.payload.length);
    requireBatch(sizes);
    requireDurability(options.durability);
    const work = { events: events.map(copyEvent), frames, sizes, timeMs, key };
    const placed = this.#inOrder(work, options).then(({ firstSeq }) => {
      return { from: firstSeq, to: firstSeq + events.length - 1 };
    });
    if (key !== undefined) {
      this.#keys.set(key, placed);
      const forget = (): boolean => this.#keys.delete(key);
      placed.then(forget, forget);
    }
    return placed;
  }

  /** The answer to a repeated append, once it is as durable as this one asks for. */
  async #repeated(known: Range | Promise<Range>, options: AppendOptions): Promise<Range> {
    const range = await known;
    if (options.durability !== 'batched' && range.to > this.durableUpTo) await this.#sync();
    return range;
  }

  /** Everything that was appended before the call is durable, and answered. */
  async #sync(): Promise<void> {
    await this.#inLine();
    await this.#host.writer.journal.flush();
    await this.#queue.idle();
  }

  /** Resolves when every append that waits for its turn has had it. */
  async #inLine(): Promise<void> {
    // Its failure is told to its own caller.
    await this.#waiting?.catch(() => undefined);
  }

  /** Submits at once when there is room; when not, later appends queue up behind this one. */
  #inOrder(work: Work, options: AppendOptions): Promise<Placement> {
    const { journal } = this.#host.writer;
    const bytes = work.frames.reduce((sum, frame) => sum + frameBytes(frame.payload.length), 0);
    const free = this.#waiting === null && this.#attachment.holds && journal.hasRoom(bytes);
    if (free && !this.#host.isPressed()) return this.#hand(work, options);
    const before = this.#waiting ?? Promise.resolve();
    const turn = before
      // The failure of an earlier append is its own caller's; this one only waits for its turn.
      .catch(() => undefined)
      .then(() => this.#attachment.attach())
      .then(() => this.#host.relief())
      .then(() => journal.room(bytes));
    const placed = turn.then(() => {
      // Closing waits for those that were in line before it.
      if (this.#state === 'closed') throw sessionClosed(this.id);
      this.#assertSound();
      options.signal?.throwIfAborted();
      return this.#hand(work, options);
    });
    this.#waiting = turn;
    const clear = (): void => {
      if (this.#waiting === turn) this.#waiting = null;
    };
    turn.then(clear, clear);
    return placed;
  }

  #hand(work: Work, options: AppendOptions): Promise<Placement> {
    const { journal } = this.#host.writer;
    const submitted = journal.submit(this.#stream, work.frames, options.durability ?? 'durable');
    this.#work.set(submitted.ticket, work);
    // Behind the hand-over to the journal, while its thread writes.
    queueMicrotask(() => this.#late.catchUp());
    const { signal } = options;
    const withdraw = (): void => journal.withdraw(submitted.ticket, abortReason(signal));
    signal?.addEventListener('abort', withdraw, { once: true });
    const count = work.frames.length;
    const placed = this.#queue.add(submitted, (one) => one.firstSeq + count - 1);
    const done = (): void => {
      this.#work.delete(submitted.ticket);
      signal?.removeEventListener('abort', withdraw);
    };
    placed.then(done, done);
    return placed;
  }

  /** Takes in what is acknowledged, in order, right before its caller hears of it. */
  #answered(placement: Placement): void {
    const work = this.#work.get(placement.ticket);
    if (work === undefined) return;
    let { offset } = placement;
    work.events.forEach((event, index) => {
      const payloadBytes = work.sizes[index] ?? 0;
      const seq = placement.firstSeq + index;
      const entry: Entry = { seq, timeMs: work.timeMs, event };
      this.#late.add(work.key === undefined ? entry : { ...entry, idempotencyKey: work.key });
      this.#content.placed({ seq, segment: placement.segment, offset, payloadBytes });
      offset += frameBytes(payloadBytes);
    });
    this.#host.placed(placement.segment);
  }

  async #close(): Promise<void> {
    this.#state = 'closing';
    const { journal } = this.#host.writer;
    try {
      await this.#inLine();
      await this.#queue.idle();
      if (journal.poison === null) await this.#closeClean();
    } catch (error) {
      if (journal.poison === null) {
        this.#state = 'open';
        throw fromSystem(error, `close session ${JSON.stringify(this.id)}`, this.#history.path);
      }
    }
    await this.#history.close();
    this.#state = 'closed';
    this.#release();
    // Nobody may take a close that succeeded for durability that was never reached.
    if (journal.poison !== null && this.durableUpTo < this.#late.fold.lastSeq) throw journal.poison;
  }

  async #closeClean(): Promise<void> {
    await this.#host.writer.journal.flush();
    await this.settle();
    if (!this.#attachment.holds) return;
    await this.#control(streamFrameType.detach);
    await this.#attachment.detach();
  }

  async #control(type: number): Promise<Placement> {
    const timeMs = this.#host.parts.clock.nowMs();
    const frame = { type, payload: new Uint8Array(0), timeMs };
    return this.#host.writer.journal.submit(this.#stream, [frame], 'durable').answered;
  }

  #release(): void {
    const { journal } = this.#host.writer;
    if (journal.poison === null) journal.closeStream(this.#stream);
    this.#lock.release();
    this.#host.closed(this);
  }
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('The operation was aborted');
}
