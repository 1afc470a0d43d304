/**
 * What is wrong with a transcript or a conversation: one shape for bytes, graph and messages. Codes
 * are stable; the set may grow, and a code never changes meaning.
 */
import type { Place } from './conversation.ts';

/** Faults of the bytes of a file. */
export type ByteCode =
  | 'TORN_RECORD' // the last record is cut short
  | 'NUL_RUN' // zero bytes where text should be
  | 'FUSED_RECORDS' // several records on one line
  | 'MALFORMED_RECORD' // bytes that are no record, not at the end
  | 'BAD_UTF8' // bytes that are no UTF-8
  | 'BYTE_ORDER_MARK' // a mark in front of the first record
  | 'OVERSIZED_RECORD' // a record beyond the bound
  | 'NUMBER_ROUNDED' // a number that no double holds
  | 'DUPLICATE_KEY' // two members of one object with one name
  | 'UNEXPECTED_RECORD'; // JSON, but not what the format has there

/** Faults of the records among each other. */
export type GraphCode =
  | 'MISSING_PARENT'
  | 'PARENT_CYCLE'
  | 'MULTIPLE_LEAVES'
  | 'DUPLICATE_RECORD' // the same id and the same content
  | 'CONFLICTING_RECORD' // the same id and other content
  | 'SEQUENCE_GAP'
  | 'SEQUENCE_REPEATED'
  | 'OUT_OF_ORDER';

/** Faults of the conversation; whether one matters depends on the provider. */
export type MessageCode =
  | 'DANGLING_TOOL_CALL'
  | 'ORPHANED_TOOL_RESULT'
  | 'DISPLACED_TOOL_RESULT' // not where the provider wants it
  | 'RESULT_BEFORE_CALL'
  | 'DUPLICATE_TOOL_CALL_ID'
  | 'DUPLICATE_TOOL_RESULT'
  | 'EMPTY_MESSAGE'
  | 'EMPTY_TEXT'
  | 'MALFORMED_BLOCK' // no object, or one without a type
  | 'BAD_CALL_ID'
  | 'BAD_TOOL_NAME'
  | 'BAD_ARGUMENTS'
  | 'ROLE_ORDER'
  | 'LEADING_ASSISTANT'
  | 'TRAILING_ASSISTANT'
  | 'TRAILING_WHITESPACE'
  | 'CONTENT_AFTER_CALL'
  | 'CONTENT_BEFORE_RESULT'
  | 'UNSIGNED_THINKING'
  | 'FOREIGN_THINKING' // signed by another model than the one that goes on
  | 'MISSING_THOUGHT_SIGNATURE'
  | 'REASONING_WITHOUT_ITEM'
  | 'DUPLICATE_ITEM_ID'
  | 'UNPAIRED_SERVER_TOOL'
  | 'LONE_SURROGATE'
  | 'IMAGE_LIMIT'
  | 'REQUEST_TOO_LARGE'
  | 'UNKNOWN_ROLE'
  | 'UNFINISHED_TURN';

/** Every code. */
export type TranscriptCode = ByteCode | GraphCode | MessageCode;

/** `error`: refused, or lost; `warning`: mended by most senders; `note`: worth knowing. */
export type Severity = 'error' | 'warning' | 'note';

/** One thing that was found. */
export interface TranscriptFinding {
  readonly code: TranscriptCode;
  readonly severity: Severity;
  readonly place: Place | null;
  /** 0-based, among the messages of the conversation. */
  readonly messageIndex: number | null;
  /** 0-based, among the blocks of the message. */
  readonly blockIndex: number | null;
  readonly callId: string | null;
  /** What it means here, in one sentence. */
  readonly meaning: string;
  /** What would mend it, in one sentence; null when nothing needs to be done. */
  readonly fix: string | null;
}
