/** What the blocks and roles of a conversation are to the planner. Pure. */
import { deepJson } from '../../base/deep-json.ts';
import type { ContentBlock } from '../../session/message.ts';

/** Whose words a message is. `null`: a role that no provider knows. */
export type Side = 'user' | 'assistant' | 'system';

const sides: ReadonlyMap<string, Side> = new Map([
  ['user', 'user'],
  ['tool', 'user'],
  ['assistant', 'assistant'],
  ['system', 'system'],
  ['developer', 'system'],
]);

/** The side of a role, undefined for one that no provider knows. */
export function sideOf(role: string): Side | undefined {
  return sides.get(role);
}

/** True for a call of a tool, with an id or without. */
export function isCall(block: ContentBlock): boolean {
  return block.type === 'tool_use';
}

/** True for the result of a call, with an id or without. */
export function isResult(block: ContentBlock): boolean {
  return block.type === 'tool_result';
}

/** True for what the model thought, in any provider's form. */
export function isThought(block: ContentBlock): boolean {
  return (
    block.type === 'thinking' || block.type === 'redacted_thinking' || block.type === 'reasoning'
  );
}

/** True for what a reader found where a block should stand, which is none. */
export function isBare(block: ContentBlock): boolean {
  return block.type === 'unknown' && 'value' in block;
}

/** A block as it stands in its file: what is none is the bare value. */
export function asFound(block: ContentBlock): unknown {
  return isBare(block) ? member(block, 'value') : block;
}

/** A member of a block, whatever kind the block is of. */
export function member(block: ContentBlock, name: string): unknown {
  return (block as Readonly<Record<string, unknown>>)[name];
}

/** A member that is a text, null when it is anything else. */
export function textMember(block: ContentBlock, name: string): string | null {
  const value = member(block, name);
  return typeof value === 'string' ? value : null;
}

/** True when the member may be a signature: U+FFFD stands there for bytes that are lost. */
export function hasSignature(block: ContentBlock, name: string): boolean {
  const text = textMember(block, name) ?? '';
  return text !== '' && !text.includes('\uFFFD');
}

/** The block with other values for some members; a member that is undefined goes. */
export function withMembers(
  block: ContentBlock,
  members: Readonly<Record<string, unknown>>,
): ContentBlock {
  const entries = Object.entries({ ...block, ...members });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as ContentBlock;
}

/** A text block. */
export function textBlock(text: string): ContentBlock {
  return { type: 'text', text };
}

/** True for a text without a visible character, and for a text block without a text. */
export function isBlankText(block: ContentBlock): boolean {
  return block.type === 'text' && !/\S/u.test(textMember(block, 'text') ?? '');
}

/** A value as people read it: a text as it is, anything else as JSON. */
export function words(value: unknown): string {
  return typeof value === 'string' ? value : (deepJson(value) ?? '');
}

/**
 * The words of a result: its text, its texts, and what is no text as JSON. Images are left out. Of
 * a result without content, what stands there instead.
 */
export function resultWords(block: ContentBlock): string {
  const content = member(block, 'content');
  if (content === undefined) {
    const rest = Object.entries(block).filter(([name]) => !labels.includes(name));
    return rest.length === 0 ? '' : words(Object.fromEntries(rest));
  }
  if (!Array.isArray(content)) return words(content);
  return (content as readonly ContentBlock[])
    .filter((part) => part?.type !== 'image')
    .map((part) => (typeof part?.text === 'string' ? part.text : words(part)))
    .join('\n');
}

/** Members of a result that say whose it is, and nothing of what came of the call. */
const labels: readonly string[] = ['type', 'tool_use_id', 'is_error', 'item_id'];

/** The images that a result holds. */
export function resultImages(block: ContentBlock): readonly ContentBlock[] {
  const content = member(block, 'content');
  if (!Array.isArray(content)) return [];
  return (content as readonly ContentBlock[]).filter((part) => part?.type === 'image');
}
