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
import { unreadable } from '../format/value.ts';
import { HoldfastError, fromSystem } from '../base/errors.ts';
import type { SmartCheckpointer } from '../checkpoint/checkpointer.ts';
import type { HistoryFile } from '../history/history-file.ts';
import type { Placement } from '../journal/journal-protocol.ts';
import type { Lock } from '../platform/locks.ts';
import type { OpenReading } from '../recovery/open-reading.ts';
import { incarnationOf } from '../recovery/scan.ts';
import type { Entry, Outcome, RecordableEvent, SessionEvent, ToolCall } from '../session/event.ts';
import { checkedCopy } from '../session/event-copy.ts';
import { snapshotState } from '../session/fold.ts';
import type { SessionState } from '../session/state.ts';
import { streamFrameType } from '../session/frame-types.ts';
import type { Message } from '../session/message.ts';
import type {
  AppendOptions,
  FollowOptions,
  MessageReadOptions,
  ReadMessage,
  ReadOptions,
  RecoveryNotice,
  Session,
} from './api.ts';
import { requireAppendOptions, messagesOfBatch } from './append-limits.ts';
import { AppendLine } from './append-line.ts';
import { Attachment } from './attachment.ts';
import { BasePoints } from './base-points.ts';
import { isExpected, requireCall } from './call-check.ts';
import { Checkpoints } from './checkpoints.ts';
import type { ContentView } from './content.ts';
import { readEntries } from './content.ts';
import { requireKnown } from '../base/known-options.ts';
import { foldAt } from './fold-at.ts';
import { LateFold } from './late-fold.ts';
import type { RewindOptions, RewindResult } from './restore-api.ts';
import type { RestoreHost } from './restore-host.ts';
import type { Range } from './repeated.ts';
import { rewind } from './rewind.ts';
import { SessionContent } from './session-content.ts';
import type { SessionHost } from './session-host.ts';
import { SessionReader } from './session-reader.ts';
import { messagesOf, noticesOf } from './session-view.ts';
import { Snapshots } from './snapshots.ts';
import { sessionClosed } from './soundness.ts';

/** The one writer of a session. */
export class SessionWriter implements Session {
  readonly id: string;
  readonly recoveries: readonly RecoveryNotice[];
  readonly mode = 'write';
  readonly snapshots: Snapshots;
  readonly #host: SessionHost;
  readonly #lock: Lock;
  readonly #late: LateFold;
  readonly #history: HistoryFile;
  readonly #content: SessionContent;
  readonly #attachment: Attachment;
  readonly #line: AppendLine;
  readonly #checkpoints: Checkpoints | null;
  #closing: Promise<void> | null = null;
  #state: 'open' | 'closing' | 'closed' = 'open';

  constructor(
    host: SessionHost,
    own: {
      readonly id: string;
      readonly lock: Lock;
      readonly history: HistoryFile;
      readonly reading: OpenReading;
      /** True when the head names this writer already. */
      readonly attached: boolean;
    },
  ) {
    this.id = own.id;
    this.recoveries = noticesOf(own.reading.notes);
    const { fold, index, notes, behindBase } = own.reading;
    const points = new BasePoints(behindBase, fold, own.history.head.vouched.seq);
    this.#late = new LateFold(fold, points);
    this.#host = host;
    this.#lock = own.lock;
    this.#history = own.history;
    this.#content = new SessionContent(own.history, {
      index,
      points,
      late: this.#late,
      notes,
      id: own.id,
      host,
    });
    this.#attachment = new Attachment(own.history, host.writer.idBytes, {
      syncNames: () => host.syncNames(),
      lock: own.lock,
      holds: own.attached,
    });
    const line = {
      session: this,
      host,
      late: this.#late,
      content: this.#content,
      attachment: this.#attachment,
      entries: (range: Range) => this.entries(range),
      assertOpen: () => this.#assertOpen(),
      assertUsable: () => this.#assertUsable(),
    };
    this.#line = new AppendLine(line, own.history.head);
    this.snapshots = new Snapshots(this.#restoreHost, own.reading.damagedSnapshots);
    this.#checkpoints =
      host.checkpoints === false
        ? null
        : new Checkpoints(this.#restoreHost, this.snapshots, host.checkpoints);
    this.#late.watchedBy((entry, bytes) => this.#checkpoints?.folded(entry, bytes));
  }

  get durableUpTo(): number {
    return this.#line.durableUpTo;
  }

  get state(): SessionState {
    return snapshotState(this.#late.fold, this.durableUpTo, this.#history.head.createdMs);
  }

  /** What a listing shows before it is settled, and so in the head. */
  get title(): string | null {
    return this.#late.fold.title;
  }

  entries(options: ReadOptions = {}): AsyncIterable<Entry> {
    this.#assertReadable();
    return readEntries(this.#host.parts.fileSystem, () => this.#view(), options);
  }

  follow(options: FollowOptions = {}): AsyncIterable<Entry> {
    this.#assertReadable();
    const { parts, layout } = this.#host;
    const assertOpen = (): void => this.#assertReadable();
    return SessionReader.follow({ parts, layout, head: this.#history.head, assertOpen }, options);
  }

  messages(options: MessageReadOptions = {}): AsyncIterable<ReadMessage> {
    this.#assertReadable();
    return messagesOf((range) => this.entries(range), options, this.#late.fold.cuts);
  }

  get checkpointer(): SmartCheckpointer | null {
    return this.#checkpoints?.checkpointer ?? null;
  }

  rewind(options: RewindOptions): Promise<RewindResult> {
    return rewind(this.#restoreHost, options);
  }

  get #restoreHost(): RestoreHost {
    return {
      id: this.id,
      createdMs: this.#history.head.createdMs,
      fold: () => this.#late.fold,
      durableUpTo: () => this.durableUpTo,
      entries: (range) => this.entries(range),
      foldAt: (seq) =>
        foldAt(
          this.#host.parts.fileSystem,
          () => this.#view(),
          (range) => this.entries(range),
          seq,
        ),
      submit: async (events, options) => {
        const timeMs = this.#host.parts.clock.nowMs();
        return { seq: (await this.#line.submit(events, options)).from, timeMs };
      },
    };
  }

  /** True from the call of `close` on, until that fails. */
  get isClosing(): boolean {
    return this.#state !== 'open';
  }

  /** True once its lock has fallen. */
  get isClosed(): boolean {
    return this.#state === 'closed';
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
    return { seq: (await this.#line.submit([{ kind: 'message', message }], options)).from };
  }

  async appendAll(
    messages: readonly Message[],
    options: AppendOptions = {},
  ): Promise<{ firstSeq: number; lastSeq: number }> {
    // Also where the array has a hole, which is no message.
    const list = messagesOfBatch(messages);
    const events = list.map((message) => ({ kind: 'message', message }) as const);
    const { from, to } = await this.#line.submit(events, options);
    return { firstSeq: from, lastSeq: to };
  }

  async record(event: RecordableEvent, options: AppendOptions = {}): Promise<{ seq: number }> {
    const allowed = ['metadata', 'status', 'custom', 'compaction'];
    if (!allowed.includes(kindOf(event))) {
      const message = `Cannot record the event: "kind" must be one of ${allowed.join(', ')}`;
      throw new HoldfastError('INVALID', message, { path: 'event.kind' });
    }
    return { seq: (await this.#line.submit([event], options)).from };
  }

  async intend(call: ToolCall): Promise<{ seq: number }> {
    return { seq: (await this.#line.submit([{ kind: 'intent', call }], {})).from };
  }

  async complete(
    callId: string,
    outcome: Outcome,
    given: AppendOptions = {},
  ): Promise<{ seq: number }> {
    this.#assertOpen();
    const options = requireAppendOptions(given);
    const [host, key] = [this.#restoreHost, options.idempotencyKey];
    let event: SessionEvent = { kind: 'outcome', callId, outcome };
    // Without a wait where it can be: what is submitted later must come behind it.
    if (typeof callId === 'string' && !isExpected(host, callId, key)) {
      event = checkedCopy(event);
      await requireCall(host, callId, key, () => this.#line.idle());
    }
    return { seq: (await this.#line.submit([event], options)).from };
  }

  async flush(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#assertOpen();
    requireKnown(options, ['signal'], 'flush');
    options.signal?.throwIfAborted();
    await this.#line.sync();
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
  settle(below: number = Number.MAX_SAFE_INTEGER): Promise<void> {
    return this.#content.settle(this.#host.writer, () => this.durableUpTo, { below });
  }

  /** Writes the tombstone: durable in the journal before anything of the session goes. */
  async bury(): Promise<Placement> {
    this.#assertOpen();
    await this.#attachment.attach();
    return this.#line.control(streamFrameType.delete);
  }

  /** Lets go of a session whose directory is gone, or that is left to recovery. */
  async abandon(): Promise<void> {
    await this.#letGo();
  }

  #view(): ContentView {
    return this.#content.view(this.#host.writer.source, this.#late.fold.lastSeq);
  }

  #assertReadable(): void {
    if (this.#state === 'closed') throw sessionClosed(this.id);
  }

  #assertOpen(): void {
    if (this.#state !== 'open') throw sessionClosed(this.id);
    this.#assertSound();
  }

  /** Closing waits for those that were in line before it. */
  #assertUsable(): void {
    if (this.#state === 'closed') throw sessionClosed(this.id);
    this.#assertSound();
  }

  #assertSound(): void {
    const { poison } = this.#host.writer.journal;
    if (poison !== null) throw this.#line.inSeqs(poison);
  }

  async #close(): Promise<void> {
    // What was acknowledged last may ask for a restore point, which then stands in line.
    this.#late.catchUp();
    this.#state = 'closing';
    const { journal } = this.#host.writer;
    try {
      await this.#line.idle();
      if (journal.poison === null) await this.#closeClean();
    } catch (error) {
      if (journal.poison === null) {
        this.#state = 'open';
        throw fromSystem(error, `close session ${JSON.stringify(this.id)}`, this.#history.path);
      }
    }
    await this.#letGo();
    // Nobody may take a close that succeeded for durability that was never reached.
    const { poison } = journal;
    if (poison !== null && this.durableUpTo < this.#late.fold.lastSeq) {
      throw this.#line.inSeqs(poison);
    }
  }

  async #closeClean(): Promise<void> {
    await this.#host.writer.journal.flush();
    await this.#content.settle(this.#host.writer, () => this.durableUpTo, 'close');
    if (!this.#attachment.mayHold) return;
    await this.#line.control(streamFrameType.detach);
    await this.#attachment.detach();
  }

  /** Nothing more goes into the history, and what counts is synced: whatever its close says. */
  async #letGo(): Promise<void> {
    // A settling of somebody else may be under way: it needs the file.
    await this.#content.end(this.#host.writer.journal.poison);
    await this.#history.close().catch(() => undefined);
    this.#state = 'closed';
    this.#line.close();
    this.#lock.release();
    this.#host.closed(this);
  }
}

/** The event is looked at here before anything else does, and may be a proxy that throws. */
function kindOf(event: RecordableEvent | null | undefined): string {
  try {
    return event?.kind ?? '';
  } catch (error) {
    throw unreadable('event.kind', error);
  }
}
