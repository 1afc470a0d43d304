/**
 * Everything that can happen in a session: a closed union. A new kind is added here and in `fold`;
 * the compiler then names every other `switch`.
 */
import type { Message } from './message.ts';

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

/** Where the session stands; free text such as `running`, `waiting_input`, `done` is allowed. */
export type Status = 'idle' | 'running' | 'waiting' | 'done' | 'failed' | (string & {});

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

/** Every kind of event, told apart by `kind`. */
export type SessionEvent =
  | MessageEvent
  | MetadataEvent
  | IntentEvent
  | OutcomeEvent
  | StatusEvent
  | CustomEvent;

/**
 * The events that `session.record` takes: all but messages, intents and outcomes, which have their
 * own verbs.
 */
export type RecordableEvent = MetadataEvent | StatusEvent | CustomEvent;

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
