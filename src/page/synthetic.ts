/**
 * Results that nobody saw come out of a tool: a program wrote them where a result was missing. A
 * reader of a report has to know which they are. The words are those of the tools themselves. Pure.
 */
import type { ContentBlock } from '../session/message.ts';

const words = [
  'nobody recorded the outcome of this call',
  '[tool execution was interrupted]',
  'tool execution was interrupted before completion',
  'the tool execution result was lost due to context management truncation',
  '[migration] tool result missing in legacy conversation history',
  '[tool result missing due to internal error]',
  '[request interrupted by user for tool use]',
  'no result provided',
  'was cancelled - another message came in',
];
/** More than these is output of a tool that happens to speak of such words. */
const charactersMax = 300;

/** Whether this block is a result in the words that repair tools use. */
export function isSynthetic(block: ContentBlock): boolean {
  if (block.type !== 'tool_result') return false;
  if (block['synthetic'] === true) return true;
  const text = resultText(block.content);
  if (text === null || text.length > charactersMax) return false;
  const low = text.toLowerCase().trim();
  return low === 'aborted' || words.some((phrase) => low.includes(phrase));
}

function resultText(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content) || content.length !== 1) return null;
  const only: unknown = content[0];
  if (typeof only !== 'object' || only === null || !('text' in only)) return null;
  return typeof only.text === 'string' ? only.text : null;
}
