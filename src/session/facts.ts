/** The words that events, the folded state and its image share. */

/** Where the session stands; free text such as `running`, `waiting_input`, `done` is allowed. */
export type Status = 'idle' | 'running' | 'waiting' | 'done' | 'failed' | (string & {});

/** What a runtime sends instead of the messages up to one of them. */
export interface Compaction {
  readonly summary: string;
  /** `id` of the last message that the summary covers. */
  readonly lastMessageId?: string | null;
  /** Tokens of the context after it, as the runtime counts them. */
  readonly tokenCount?: number | null;
}

/** Why a snapshot was taken without anybody asking. */
export type Trigger =
  | 'file-write'
  | 'tool-error'
  | 'user-feedback'
  | 'plan-change'
  | 'context-shift'
  | 'replay-budget'
  | 'base-bytes';

/** Entries that do not belong to the current branch: first and last seq, both included. */
export type Cut = readonly [from: number, to: number];

/** A call that has no result yet. */
export interface OpenCall {
  readonly callId: string;
  readonly name: string;
  /** Where the `tool_use` block stands; null when only the intent is known. */
  readonly messageSeq: number | null;
  readonly intentSeq: number | null;
  /**
   * `not-started`: the model asked, no intent was recorded. `started`: the intent is durable and
   * its process is alive. `unknown-outcome`: the intent is durable and the process that recorded it
   * died: the act may or may not have happened. `finished`: an outcome was recorded, the result
   * message is missing.
   */
  readonly progress: 'not-started' | 'started' | 'unknown-outcome' | 'finished';
}

/**
 * The folded state as a plain value that can be kept. Its size follows open calls and metadata, not
 * the length of the session.
 */
export interface StateImage {
  readonly messages: number;
  readonly userMessages: number;
  readonly assistantMessages: number;
  readonly toolUses: number;
  readonly toolResults: number;
  readonly status: Status | null;
  readonly title: string | null;
  readonly contentDigest: string;
  readonly createdMs: number | null;
  readonly updatedMs: number | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly openCalls: readonly OpenCall[];
  /** Calls that were finished before the conversation mentioned them. */
  readonly finishedEarly: readonly OpenCall[];
  readonly compaction: (Compaction & { readonly seq: number }) | null;
}
