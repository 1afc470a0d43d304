/**
 * Everything that can happen in a session: a closed union. A new kind is added here and in `fold`;
 * the compiler then names every other `switch`.
 */
import type { Compaction, Cut, StateImage, Status, Trigger } from './facts.ts';
import type { Message } from './message.ts';

export type { Compaction, Cut, Status, Trigger } from './facts.ts';

/**
 * What is known about the session as a whole. A later value of a field replaces the earlier one;
 * null removes it.
 */
export interface Metadata {
  readonly model?: string | null;
  readonly provider?: string | null;
  readonly cwd?: string | null;
  readonly name?: string | null;
  readonly tags?: readonly string[] | null;
  readonly [field: string]: unknown;
}

/** A tool call, as it is announced before the tool runs. `id` is the id of its `tool_use` block. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly input?: unknown;
}

/** How a tool call ended. The result that the model sees goes into a message. */
export interface Outcome {
  readonly status: 'ok' | 'error' | 'cancelled';
  readonly detail?: unknown;
}

/** What a snapshot keeps: small whatever the length of the session. */
export interface SnapshotContent {
  /** What was going on, in a few words. */
  readonly action: string;
  readonly trigger?: Trigger | null;
  readonly label?: string | null;
  /** The last entry that it covers: what was appended while it was taken comes behind. */
  readonly at: number;
  /** Messages of the conversation up to there. */
  readonly messageIndex: number;
  /** Content digest of the conversation up to there. */
  readonly contentDigest: string;
  /** What the branch leaves out up to there. */
  readonly cuts: readonly Cut[];
  readonly state: StateImage;
}

/** Where the conversation goes on, complete in itself: nothing before it is needed to fold it. */
export interface Rewind {
  /** The last entry that stays in front. */
  readonly to: number;
  /** Seq of the rewind that is taken back. */
  readonly undoes?: number | null;
  /** Cuts of the branch in front of `to`. All between `to` and this entry is cut as well. */
  readonly cuts: readonly Cut[];
  /** The folded state at `to`. */
  readonly state: StateImage;
}

/** The conversation goes on by one message. */
export interface MessageEvent {
  readonly kind: 'message';
  readonly message: Message;
}
/** Facts about the session change; only the fields that are given. */
export interface MetadataEvent {
  readonly kind: 'metadata';
  readonly metadata: Metadata;
}
/** Durable before the tool runs: without an outcome after a crash it is an *unknown outcome*. */
export interface IntentEvent {
  readonly kind: 'intent';
  readonly call: ToolCall;
}
/** The tool call of an intent has ended; `callId` names it. */
export interface OutcomeEvent {
  readonly kind: 'outcome';
  readonly callId: string;
  readonly outcome: Outcome;
}
/** The session changes where it stands. */
export interface StatusEvent {
  readonly kind: 'status';
  readonly status: Status;
}
/** Whatever a runtime wants to keep beside the conversation. */
export interface CustomEvent {
  readonly kind: 'custom';
  readonly name: string;
  readonly data?: unknown;
}

/**
 * The runtime sends a summary instead of what came before. Nothing is erased; whoever opens the
 * session finds the newest compaction in its state.
 */
export interface CompactionEvent {
  readonly kind: 'compaction';
  readonly compaction: Compaction;
}
/** A restore point; its id is the seq of this entry, so ids never restart and never repeat. */
export interface SnapshotEvent {
  readonly kind: 'snapshot';
  readonly snapshot: SnapshotContent;
}
/** A snapshot gets a label, or loses it. Labelled ones are never cleaned up. */
export interface LabelEvent {
  readonly kind: 'label';
  readonly snapshot: number;
  readonly label: string | null;
}
/** Snapshots are listed no longer. */
export interface ForgetEvent {
  readonly kind: 'forget';
  readonly snapshots: readonly number[];
}
/** The conversation goes on from an earlier point, or from where an earlier rewind left it. */
export interface RewindEvent {
  readonly kind: 'rewind';
  readonly rewind: Rewind;
}

/** Every kind of event, told apart by `kind`. */
export type SessionEvent =
  | MessageEvent
  | MetadataEvent
  | IntentEvent
  | OutcomeEvent
  | StatusEvent
  | CustomEvent
  | CompactionEvent
  | SnapshotEvent
  | LabelEvent
  | ForgetEvent
  | RewindEvent;

/** The events that `session.record` takes: those without a verb of their own. */
export type RecordableEvent = MetadataEvent | StatusEvent | CustomEvent | CompactionEvent;

/** An event with its place in the session. */
export interface Entry {
  /** The session's own sequence number: 1, 2, 3 … over all events. */
  readonly seq: number;
  /** Wall clock of the append, milliseconds since 1970. */
  readonly timeMs: number;
  readonly event: SessionEvent;
  /** The caller's key, when one was given. */
  readonly idempotencyKey?: string;
}
