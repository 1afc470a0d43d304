/** The shape of the public library: settings, handles, and what they promise. */
// For users who compile with the library of their target alone: the handles are disposable.
/// <reference lib="esnext.disposable" preserve="true" />
import type { SeqRange } from '../base/errors.ts';
import type { SmartCheckpointer } from '../checkpoint/checkpointer.ts';
import type { Message, NewMessage } from '../session/message.ts';
import type { Metadata, Outcome, RecordableEvent, ToolCall, Entry } from '../session/event.ts';
import type { SessionState } from '../session/state.ts';
import type { RecoveryReport } from '../recovery/report.ts';
import type { CheckpointOptions } from './checkpoint-options.ts';
import type { Durability } from './durability.ts';
import type { StoreMetrics } from './metrics-api.ts';
import type { RewindOptions, RewindResult, SnapshotStore } from './restore-api.ts';

export type { Durability } from './durability.ts';

/** Settings of `Store.open`. What is left out takes its default; out of bounds is refused. */
export interface StoreOptions {
  /** `write` (default) starts a writer; `read` takes no lock and changes nothing. */
  readonly mode?: 'write' | 'read';
  /**
   * Ceiling on how long a batched entry waits for its sync to begin, in ms. 1 to 60000, default
   * 100.
   */
  readonly syncDelayMsMax?: number;
  /** Ceiling on acknowledged but unsynced batched entries of a session. 1 to 100000, default 10. */
  readonly syncEntriesMax?: number;
  /** How long a held lock is waited for, in ms. Default 5000. */
  readonly lockWaitMs?: number;
  /**
   * `worker` (default): a thread with synchronous calls. `pool`: libuv's pool; holds the ceiling of
   * batched entries only while the loop and the pool are free.
   */
  readonly io?: 'worker' | 'pool';
  /**
   * Bytes of the first journal segment; later ones double up to 16 MiB, or take it at once behind
   * one of 1 MiB or more that was full within a second. Default 1 MiB.
   */
  readonly segmentBytes?: number;
  /**
   * Session id to the sequence that must be there; less is damage instead of doubt. A reader waits
   * for a writer at work to note as much, for `lockWaitMs`, and then tells LOCKED.
   */
  readonly expectAtLeast?: Readonly<Record<string, number>>;
  /** Kinds of file system to accept although locks or flushes are not safe there, such as `nfs`. */
  readonly allowFileSystems?: readonly string[];
  /** How restore points take themselves; false switches it off. Default: all triggers on. */
  readonly checkpoints?: CheckpointOptions | false;
  /** Whether `metrics()` has histograms, which cost a few microseconds an append. Default false. */
  readonly histograms?: boolean;
  readonly signal?: AbortSignal;
}

/** Settings of a session that is about to be made. */
export interface CreateSessionOptions {
  /** `[A-Za-z0-9_-]{1,128}`; a random one when it is not given. */
  readonly id?: string;
  readonly metadata?: Metadata;
}

/** Settings of opening a session. */
export interface OpenSessionOptions {
  /** Default: the mode of the store. */
  readonly mode?: 'write' | 'read';
  /** Create the session when it is not there. */
  readonly create?: boolean;
}

/** How one append is kept, and how a repeated one is recognised. */
export interface AppendOptions {
  /** Default `durable`. */
  readonly durability?: Durability;
  /**
   * A second append with the same key changes nothing and answers with the first one's seq, when it
   * says the same. With other content it is INVALID, and nothing is written.
   */
  readonly idempotencyKey?: string;
  /** An abort rejects only if nothing was written. */
  readonly signal?: AbortSignal;
}

/** Which part of a session is read, and from which end. */
export interface ReadOptions {
  /** First seq, inclusive. */
  readonly from?: number;
  /** Last seq, inclusive. */
  readonly to?: number;
  readonly reverse?: boolean;
  /** At most this many. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Which part of a conversation is read. */
export interface MessageReadOptions extends ReadOptions {
  /** Also messages that a rewind took out of the conversation; they have `cut: true`. */
  readonly includeCut?: boolean;
}

/** A message of a session with its place. */
export interface ReadMessage {
  readonly seq: number;
  readonly message: Message;
  /** There, and true, for a message that a rewind took out of the conversation. */
  readonly cut?: true;
}

/** Where following begins, and what ends it. */
export interface FollowOptions {
  /** First seq, inclusive; default 1. */
  readonly from?: number;
  /** Following ends with its reason. */
  readonly signal?: AbortSignal;
}

/** What a listing tells of a session without reading its conversation. */
export interface SessionSummary {
  readonly id: string;
  /**
   * The first words of the user. Of a session that another process has open, null until it is
   * settled.
   */
  readonly title: string | null;
  readonly messages: number;
  readonly entries: number;
  /** When the session was made; null when its head cannot be read. */
  readonly createdMs: number | null;
  readonly updatedMs: number | null;
  readonly damaged: boolean;
  /** True while a living writer has the session open. */
  readonly open: boolean;
  /** Bytes of its history. */
  readonly bytes: number;
}

/** What recovery did to this session since it was last closed properly. */
export interface RecoveryNotice {
  readonly writer: string;
  readonly timeMs: number;
  readonly kept: SeqRange | null;
  readonly inDoubt: SeqRange | null;
  readonly cutBytes: number;
}

/** An open session. At most one handle in the world has it open for writing. */
export interface Session extends AsyncDisposable {
  readonly id: string;
  readonly mode: 'write' | 'read';
  readonly state: SessionState;
  /** Highest seq that survives power loss. */
  readonly durableUpTo: number;
  readonly recoveries: readonly RecoveryNotice[];
  append(message: NewMessage, options?: AppendOptions): Promise<{ seq: number }>;
  /** All or nothing. */
  appendAll(
    messages: readonly NewMessage[],
    options?: AppendOptions,
  ): Promise<{ firstSeq: number; lastSeq: number }>;
  record(event: RecordableEvent, options?: AppendOptions): Promise<{ seq: number }>;
  /** Durable before it resolves: call it before the tool runs. */
  intend(call: ToolCall): Promise<{ seq: number }>;
  /**
   * Once for each intent. INVALID for a call that has no intent and no `tool_use`, and for a second
   * outcome, unless it is a retry with the same idempotency key.
   */
  complete(callId: string, outcome: Outcome, options?: AppendOptions): Promise<{ seq: number }>;
  flush(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /** The conversation as it stands: what a rewind took out is left out, unless it is asked for. */
  messages(options?: MessageReadOptions): AsyncIterable<ReadMessage>;
  readonly snapshots: SnapshotStore;
  /**
   * Takes snapshots by itself; null when it is switched off, or the session is open for reading.
   */
  readonly checkpointer: SmartCheckpointer | null;
  /**
   * Goes back to an earlier point, durable when it resolves, never between a call and its result.
   * NOT_FOUND, INVALID, DAMAGED.
   */
  rewind(options: RewindOptions): Promise<RewindResult>;
  /** Everything that happened, in order, also what a rewind took out. */
  entries(options?: ReadOptions): AsyncIterable<Entry>;
  /**
   * Every entry once it is durable, in order, each exactly once, whichever process writes it: looks
   * again every 100 ms, through closes, crashes and recoveries. Ends when the session is deleted.
   */
  follow(options?: FollowOptions): AsyncIterable<Entry>;
  /** Idempotent; waits until everything is durable in the session's own history. */
  close(): Promise<void>;
}

/** An open store: a directory of sessions, and this process's writer in it. */
export interface StoreApi extends AsyncDisposable {
  readonly root: string;
  readonly mode: 'write' | 'read';
  /** What recovery found and did when the store was opened. */
  readonly recovery: RecoveryReport | null;
  createSession(options?: CreateSessionOptions): Promise<Session>;
  openSession(id: string, options?: OpenSessionOptions): Promise<Session>;
  sessions(options?: { readonly signal?: AbortSignal }): AsyncIterable<SessionSummary>;
  deleteSession(id: string): Promise<void>;
  /**
   * Moves everything durable from the journal to the histories now, which happens by itself anyway:
   * for a quiet moment, so that less is left to do later. READ_ONLY.
   */
  settle(): Promise<void>;
  /** Counters, gauges and, if opened with `histograms`, distributions: a frozen copy. */
  metrics(): StoreMetrics;
  close(): Promise<void>;
}
