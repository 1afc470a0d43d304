/**
 * A session that is open for writing: its lock, its stream in the journal, its history. An append goes
 * to the journal and is answered from there; settling moves it to the history behind everybody's back.
 *
 * - Before the first answer the head says "attached", synced, so that no other process takes the session
 *   for complete while this journal holds its newest entries.
 * - Closing goes in this order: everything settled, synced and vouched for; a detach frame, synced in
 *   the journal; the head says "attached to nobody"; then the lock falls. A close that fails keeps the
 *   lock and can be tried again.
 */
import { HoldfastError, fromSystem } from '../base/errors.ts';
import { batchFramesMax } from '../base/quantities.ts';
import { frameBytes } from '../format/frame.ts';
import type { HistoryFile } from '../history/history-file.ts';
import type { LooseFrame } from '../journal/batch.ts';
import type { Placement } from '../journal/journal-protocol.ts';
import type { SubmittedFrame } from '../journal/submission.ts';
import type { Lock } from '../platform/locks.ts';
import type { Parts } from '../recovery/parts.ts';
import type { SessionReading } from '../recovery/read-session.ts';
import { fieldsOf } from '../recovery/replay.ts';
import type { Entry, Outcome, RecordableEvent, SessionEvent, ToolCall } from '../session/event.ts';
import { encodeEvent } from '../session/event-codec.ts';
import { foldEntry, seqOfKey } from '../session/fold.ts';
import { streamFrameType } from '../session/frame-types.ts';
import type { Message } from '../session/message.ts';
import type { AppendOptions, Session } from './api.ts';
import { AppendQueue } from './append-queue.ts';
import type { BatchIndex, ContentView, TailPlace } from './content.ts';
import { SessionBase } from './session-base.ts';
import type { Writer } from './writer.ts';

/** Bytes of entries that are settled, and synced, at a time. */
const groupBytesMax = 8 * 1024 * 1024;

/** What the store gives to a session and wants to hear of it. */
export interface SessionHost {
  readonly parts: Parts;
  readonly writer: Writer;
  /** Waits while the journal is over its bound; FULL after a bounded time. */
  backpressure(): Promise<void> | null;
  /** A session has something to settle in this segment. */
  placed(segment: number): void;
  /** Makes the name of the session's directory durable. */
  syncNames(): Promise<void>;
  closed(session: SessionWriter): void;
}

interface Work {
  readonly events: readonly SessionEvent[];
  readonly frames: readonly SubmittedFrame[];
  /** Payload sizes: a large payload moves to the journal's thread and is empty here afterwards. */
  readonly sizes: readonly number[];
  readonly timeMs: number;
  readonly key: string | undefined;
}

export class SessionWriter extends SessionBase implements Session {
  readonly mode = 'write';
  readonly #host: SessionHost;
  readonly #lock: Lock;
  readonly #history: HistoryFile;
  readonly #index: BatchIndex;
  readonly #tail: TailPlace[] = [];
  readonly #queue: AppendQueue;
  readonly #stream: number;
  /** Work by ticket, until it is answered. */
  readonly #work = new Map<number, Work>();
  readonly #keys = new Map<string, Promise<Placement>>();
  #attached: Promise<void> | null;
  #settling: Promise<void> = Promise.resolve();
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
    super(own.id, host.parts.fileSystem, own.reading);
    this.#host = host;
    this.#lock = own.lock;
    this.#history = own.history;
    this.#index = own.index;
    this.#attached = own.attached ? Promise.resolve() : null;
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

  /** Oldest segment that still holds entries of this session, or null. */
  get oldestSegment(): number | null {
    return this.#tail[0]?.segment ?? null;
  }

  async append(message: Message, options: AppendOptions = {}): Promise<{ seq: number }> {
    const placement = await this.#submit([{ kind: 'message', message }], options);
    return { seq: placement.firstSeq };
  }

  async appendAll(
    messages: readonly Message[],
    options: AppendOptions = {},
  ): Promise<{ firstSeq: number; lastSeq: number }> {
    if (messages.length === 0 || messages.length >= batchFramesMax) {
      throw new HoldfastError(
        messages.length === 0 ? 'INVALID' : 'TOO_LARGE',
        `Cannot append ${messages.length} messages at once: give 1 to ${batchFramesMax - 1}`,
        { path: 'messages', bytes: messages.length, bytesMax: batchFramesMax - 1 },
      );
    }
    const events = messages.map((message) => ({ kind: 'message', message }) as const);
    const { firstSeq } = await this.#submit(events, options);
    return { firstSeq, lastSeq: firstSeq + messages.length - 1 };
  }

  async record(event: RecordableEvent, options: AppendOptions = {}): Promise<{ seq: number }> {
    const allowed = ['metadata', 'status', 'custom'];
    if (!allowed.includes(event?.kind)) {
      const message = `Cannot record the event: "kind" must be one of ${allowed.join(', ')}`;
      throw new HoldfastError('INVALID', message, { path: 'event.kind' });
    }
    return { seq: (await this.#submit([event], options)).firstSeq };
  }

  async intend(call: ToolCall): Promise<{ seq: number }> {
    return { seq: (await this.#submit([{ kind: 'intent', call }], {})).firstSeq };
  }

  async complete(
    callId: string,
    outcome: Outcome,
    options: AppendOptions = {},
  ): Promise<{ seq: number }> {
    return { seq: (await this.#submit([{ kind: 'outcome', callId, outcome }], options)).firstSeq };
  }

  async flush(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#assertOpen();
    options.signal?.throwIfAborted();
    await this.#host.writer.journal.flush();
    await this.#queue.idle();
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
    const run = this.#settling.then(() => this.#settle());
    // A failed settling is told to its caller and tried again by the next one; it must not stop it.
    this.#settling = run.catch(() => undefined);
    return run;
  }

  /** Writes the tombstone: durable in the journal before anything of the session goes. */
  async bury(): Promise<Placement> {
    this.#assertOpen();
    this.#attached ??= this.#attach();
    await this.#attached;
    return this.#control(streamFrameType.delete);
  }

  /** Lets go of a session whose directory is gone. */
  async abandon(): Promise<void> {
    this.#state = 'closed';
    await this.#history.close();
    this.#release();
  }

  protected view(): ContentView {
    return {
      path: this.#history.path,
      head: this.#history.head,
      index: this.#index,
      tail: this.#tail,
      source: this.#host.writer.source,
      lastSeq: this.fold.lastSeq,
    };
  }

  protected assertReadable(): void {
    if (this.#state === 'closed') throw closedError(this.id);
  }

  #assertOpen(): void {
    if (this.#state !== 'open') throw closedError(this.id);
    const { poison } = this.#host.writer.journal;
    if (poison !== null) throw poison;
  }

  async #submit(events: readonly SessionEvent[], options: AppendOptions): Promise<Placement> {
    this.#assertOpen();
    options.signal?.throwIfAborted();
    const key = options.idempotencyKey;
    const encoded = events.map((event) => encodeEvent(event, key));
    const known = key === undefined ? undefined : this.#known(key);
    if (known !== undefined) return known;
    const timeMs = this.#host.parts.clock.nowMs();
    const frames = encoded.map((one) => ({ ...one, timeMs }));
    const sizes = frames.map((frame) => frame.payload.length);
    const work = { events, frames, sizes, timeMs, key };
    const placed = this.#inOrder(work, options);
    if (key !== undefined) {
      this.#keys.set(key, placed);
      const forget = (): boolean => this.#keys.delete(key);
      placed.then(forget, forget);
    }
    return placed;
  }

  /** The answer to an append with this key, if there was one; only ever durable answers count. */
  #known(key: string): Promise<Placement> | undefined {
    const running = this.#keys.get(key);
    if (running !== undefined) return running;
    const seq = seqOfKey(this.fold, key);
    if (seq === undefined) return undefined;
    return Promise.resolve({ ticket: 0, segment: 0, offset: 0, firstSeq: seq, journalSeq: 0 });
  }

  #waiting: Promise<unknown> | null = null;

  /** Submits at once when there is room; when not, later appends queue up behind this one. */
  #inOrder(work: Work, options: AppendOptions): Promise<Placement> {
    const { journal } = this.#host.writer;
    const bytes = work.frames.reduce((sum, frame) => sum + frameBytes(frame.payload.length), 0);
    const pressure = this.#host.backpressure();
    if (this.#waiting === null && pressure === null && journal.hasRoom(bytes)) {
      return this.#hand(work, options);
    }
    const before = this.#waiting ?? Promise.resolve();
    const turn = before
      // The failure of an earlier append is its own caller's; this one only waits for its turn.
      .catch(() => undefined)
      .then(() => pressure)
      .then(() => journal.room(bytes));
    const placed = turn.then(() => {
      this.#assertOpen();
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
    this.#attached ??= this.#attach();
    const attached = this.#attached;
    const submitted = journal.submit(this.#stream, work.frames, options.durability ?? 'durable');
    this.#work.set(submitted.ticket, work);
    const { signal } = options;
    const withdraw = (): void => journal.withdraw(submitted.ticket, abortReason(signal));
    signal?.addEventListener('abort', withdraw, { once: true });
    const answered = submitted.answered.then(async (placement) => {
      await attached;
      return placement;
    });
    const count = work.frames.length;
    const placed = this.#queue.add({ ...submitted, answered }, (one) => one.firstSeq + count - 1);
    const done = (): void => {
      this.#work.delete(submitted.ticket);
      signal?.removeEventListener('abort', withdraw);
    };
    placed.then(done, done);
    return placed;
  }

  /** Folds what is acknowledged, in order, right before its caller hears of it. */
  #answered(placement: Placement): void {
    const work = this.#work.get(placement.ticket);
    if (work === undefined) return;
    let { offset } = placement;
    work.events.forEach((event, index) => {
      const payloadBytes = work.sizes[index] ?? 0;
      const seq = placement.firstSeq + index;
      const entry: Entry = { seq, timeMs: work.timeMs, event };
      foldEntry(this.fold, work.key === undefined ? entry : { ...entry, idempotencyKey: work.key });
      this.#tail.push({ seq, segment: placement.segment, offset, payloadBytes });
      offset += frameBytes(payloadBytes);
    });
    this.#host.placed(placement.segment);
  }

  async #attach(): Promise<void> {
    try {
      await this.#history.writeHead({ attached: this.#host.writer.idBytes });
      await this.#host.syncNames();
    } catch (error) {
      this.#attached = null;
      throw fromSystem(error, 'attach the session', this.#history.path);
    }
  }

  async #settle(): Promise<void> {
    const { source, idBytes } = this.#host.writer;
    while (this.#tail.length > 0) {
      const group: LooseFrame[] = [];
      let bytes = 0;
      for (const place of this.#tail) {
        if (place.seq > this.durableUpTo || bytes >= groupBytesMax) break;
        group.push(await source.read(place));
        bytes += place.payloadBytes;
      }
      const first = group[0];
      if (first === undefined) return;
      const offset = this.#history.head.vouched.endOffset;
      const fields = fieldsOf(this.#history.head, group);
      await this.#history.append(group, idBytes, fields);
      this.#index.seqs.push(first.streamSeq);
      this.#index.offsets.push(offset);
      this.#tail.splice(0, group.length);
    }
  }

  async #close(): Promise<void> {
    this.#state = 'closing';
    const { journal } = this.#host.writer;
    try {
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
  }

  async #closeClean(): Promise<void> {
    await this.#host.writer.journal.flush();
    await this.settle();
    if (this.#attached === null) return;
    await this.#attached;
    await this.#control(streamFrameType.detach);
    await this.#history.writeHead({ attached: null });
    this.#attached = null;
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

function closedError(id: string): HoldfastError<'CLOSED'> {
  const what = `session ${JSON.stringify(id)}`;
  return new HoldfastError('CLOSED', `Cannot use ${what}: it is closed; open it again`, { what });
}

function abortReason(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('The operation was aborted');
}
