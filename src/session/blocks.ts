/**
 * The blocks of a message that pair with others: calls of tools and their results. A block counts
 * only when it carries the id that pairs it; whoever sends it may be wrong, so roles are not looked
 * at.
 */
import type { ContentBlock, Message, ToolResultBlock, ToolUseBlock } from './message.ts';

/** True for a call of a tool that can be paired. */
export function isToolUse(block: ContentBlock): block is ToolUseBlock {
  return block.type === 'tool_use' && typeof block['id'] === 'string';
}

/** True for a result that can be paired. */
export function isToolResult(block: ContentBlock): block is ToolResultBlock {
  return block.type === 'tool_result' && typeof block['tool_use_id'] === 'string';
}

/** The blocks of a message; none for a message that is one string. */
export function blocksOf(message: Message): readonly ContentBlock[] {
  return typeof message.content === 'string' ? [] : message.content;
}

/**
 * True when the conversation goes on behind the calls that were open: somebody speaks, and answers
 * none of them. A call without a result in front of such a message will never have one in its
 * place.
 */
export function endsTurn(message: Message): boolean {
  return message.role === 'user' && !blocksOf(message).some(isToolResult);
}
