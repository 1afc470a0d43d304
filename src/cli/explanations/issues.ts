/**
 * The codes of issues that `validate` tells about a conversation. The compiler keeps the list
 * complete.
 */
import type { IssueCode } from '../../integrity/validation.ts';
import type { Explanation } from './explanation.ts';

/** By code. */
export const issueExplanations: Readonly<Record<IssueCode, Explanation>> = {
  ORPHANED_TOOL_RESULT: {
    meaning: 'A tool result answers a call that is in no message before it. Providers refuse it.',
    cause: 'The call was cut off by a compaction, a rewind, or a runtime that dropped a message.',
    action: 'Leave the result out of what you send, or put the call back.',
  },
  DANGLING_TOOL_CALL: {
    meaning: 'A call has no result, and it is too late to give one. Providers refuse what follows.',
    cause: 'The agent stopped between the call and its result, and went on with other messages.',
    action: 'Send a result that says the call was interrupted right behind the call.',
  },
  EMPTY_MESSAGE: {
    meaning: 'A message has no content. Most providers refuse it.',
    cause: 'An answer was interrupted before its first word, or a filter removed all blocks.',
    action: 'Leave it out of what you send.',
  },
  DUPLICATE_TOOL_CALL_ID: {
    meaning: 'Two calls have the same id, so results cannot be told apart.',
    cause: 'A message was appended twice, or ids were made up by a runtime.',
    action: 'Give one of them, and its result, another id in what you send.',
  },
  DUPLICATE_TOOL_RESULT: {
    meaning: 'One call is answered twice.',
    cause: 'A retry appended the result again; an idempotencyKey prevents that.',
    action: 'Send only one of them.',
  },
  RESULT_BEFORE_CALL: {
    meaning: 'A result stands before the call that it answers.',
    cause: 'Messages were appended in another order than they happened.',
    action: 'Move the result behind its call in what you send.',
  },
  UNKNOWN_OUTCOME: {
    meaning: 'A tool was about to run and nothing tells whether it did.',
    cause: 'The process died between the intent and the outcome.',
    action: 'Find out what really happened before the call is repeated; then record an outcome.',
  },
  EMPTY_TEXT: {
    meaning: 'A text block has no visible character. Some providers refuse it.',
    cause: 'A model or runtime added it beside a tool call.',
    action: 'Leave the block out of what you send.',
  },
  LONE_SURROGATE: {
    meaning: 'A text holds half of a character. It is kept as it is, but many providers refuse it.',
    cause:
      'A stream was cut in the middle of an emoji or another character beyond the first plane.',
    action: 'Replace the half with U+FFFD in what you send.',
  },
  UNKNOWN_ROLE: {
    meaning: 'A role is none of those that providers know.',
    cause: 'A runtime uses roles of its own.',
    action: 'Translate it before you send it; it is kept as it is.',
  },
  LOST_ENTRIES: {
    meaning: 'Entries are missing here: they were lost, and somebody accepted that.',
    cause: 'The medium lost them, and `recover accept-loss` or `recover salvage` went on without.',
    action: 'Nothing has to be done; the conversation goes on behind them with what is left.',
  },
  DIGEST_MISMATCH: {
    meaning: 'The content is not what a digest noted elsewhere says.',
    cause: 'Another version of the conversation is compared, or the content was changed.',
    action: 'Find out which of the two is right; compare with `holdfast export`.',
  },
};
