/** The small folded state of a session: what is known without reading the conversation again. */
import type { Status } from './event.ts';

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

/** What a handle knows of its session; it shows what the handle has acknowledged. */
export interface SessionState {
  /** The newest entry that this handle has seen acknowledged; 0 for an empty session. */
  readonly lastSeq: number;
  readonly durableUpTo: number;
  readonly entries: number;
  readonly messages: number;
  readonly userMessages: number;
  readonly assistantMessages: number;
  readonly toolUses: number;
  readonly toolResults: number;
  readonly model: string | null;
  readonly provider: string | null;
  readonly cwd: string | null;
  readonly name: string | null;
  readonly tags: readonly string[];
  readonly status: Status | null;
  /** All metadata fields, also those with a name of their own above. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly openCalls: readonly OpenCall[];
  /** SHA-256, hex, chained per message (see ARCHITECTURE.md, Content digest). */
  readonly contentDigest: string;
  readonly createdMs: number | null;
  readonly updatedMs: number | null;
}
