/** The result of `validate(session)`. Codes are stable; places name the message. */

/** What can be wrong with a conversation. The set may grow; a code never changes meaning. */
export type IssueCode =
  | 'ORPHANED_TOOL_RESULT' // a result whose call is not in the messages before it
  | 'DANGLING_TOOL_CALL' // a call without a result
  | 'EMPTY_MESSAGE' // a message with nothing in it
  | 'DUPLICATE_TOOL_CALL_ID' // two calls share an id
  | 'DUPLICATE_TOOL_RESULT' // a call is answered twice
  | 'RESULT_BEFORE_CALL' // the result stands before its call
  | 'UNKNOWN_OUTCOME' // an intent without outcome: the act may have happened
  | 'EMPTY_TEXT' // a text block without a visible character
  | 'LONE_SURROGATE' // half of a character: most providers refuse the request
  | 'UNKNOWN_ROLE' // a role that providers do not know
  | 'LOST_ENTRIES' // entries from `seq` on are gone, and somebody accepted that
  | 'DIGEST_MISMATCH'; // the content is not what the digest says

/** One thing that is wrong, with its place. */
export interface Issue {
  readonly code: IssueCode;
  readonly severity: 'error' | 'warning';
  /** The entry's seq. */
  readonly seq: number | null;
  /** 0-based index among the messages. */
  readonly messageIndex: number | null;
  /** 0-based index among the blocks of the message. */
  readonly blockIndex: number | null;
  readonly callId: string | null;
  readonly message: string;
}

/** What was counted on the way, so that a finding can be weighed against the whole. */
export interface ValidationCounters {
  readonly messages: number;
  readonly userMessages: number;
  readonly assistantMessages: number;
  readonly toolUses: number;
  readonly toolResults: number;
  readonly orphanedResults: number;
  readonly danglingCalls: number;
  readonly emptyMessages: number;
}

/** What `validate` answers. The same entries always give the same answer. */
export interface Validation {
  /** True when there are no errors; warnings do not count. */
  readonly valid: boolean;
  readonly errors: readonly Issue[];
  readonly warnings: readonly Issue[];
  readonly counters: ValidationCounters;
  /** SHA-256, hex, chained per message over the whole content. */
  readonly contentDigest: string;
}
