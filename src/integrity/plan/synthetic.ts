/**
 * Results that stand in for one that nobody has. They never invent an outcome: they say what is
 * known, and what to do before the call is made again.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { CallOutcome } from './plan.ts';
import { resultWords } from './shapes.ts';

const texts: Readonly<Record<CallOutcome, string>> = {
  'not-started':
    'This call was never started: the session ended before the tool ran. It can be run again.',
  unknown:
    'Nobody recorded the outcome of this call; it may have run. Check before running it again.',
  finished:
    'This call ran to its end, but its result was lost. Check what it did before running it again.',
};

/** What other tools write where a result is missing; none of it is the outcome of a call. */
const others: readonly string[] = [
  'aborted',
  'No result provided',
  '[Tool execution was interrupted]',
  'Tool execution was interrupted before completion.',
  '[migration] Tool result missing in legacy conversation history.',
  'The tool execution result was lost due to context management truncation.',
];

const placeholders: ReadonlySet<string> = new Set([...Object.values(texts), ...others]);

/** The result of a call that has none. */
export function syntheticResult(callId: string, outcome: CallOutcome): ContentBlock {
  return { type: 'tool_result', tool_use_id: callId, content: texts[outcome], is_error: true };
}

/** True for a result that only says that there is none. */
export function isPlaceholder(result: ContentBlock): boolean {
  return placeholders.has(resultWords(result).trim());
}
