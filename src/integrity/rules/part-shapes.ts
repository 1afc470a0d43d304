/** Blocks that have a type and yet a shape that no provider takes. */
import type { ContentBlock } from '../../session/message.ts';
import { isTyped } from './rule.ts';

/** What is said of such a block. */
export interface Misshapen {
  readonly meaning: string;
  readonly fix: string;
}

/** What is wrong with the shape of a block; null where nothing is. */
export function misshapen(block: ContentBlock): Misshapen | null {
  if (block.type !== 'tool_result') return isHollowPicture(block) ? picture : null;
  const { content, is_error: isError } = block as Readonly<Record<string, unknown>>;
  if (isError !== undefined && isError !== null && typeof isError !== 'boolean') return flag;
  if (content === null) return silent;
  const parts: readonly unknown[] = Array.isArray(content) ? content : [];
  if (parts.some((part) => isTyped(part) && isHollowPicture(part))) return picture;
  return parts.some((part) => isTyped(part) && inMessages.has(part.type)) ? nested : null;
}

/** What stands in messages only, and never in a result. */
const inMessages: ReadonlySet<string> = new Set([
  'tool_use',
  'tool_result',
  'thinking',
  'redacted_thinking',
]);

/** Of another shape it may say something, so nobody takes it out. */
function isHollowPicture(block: ContentBlock): boolean {
  const { type, source } = block as { readonly type: string; readonly source?: unknown };
  return type === 'image' && (source === null || source === '');
}

const picture: Misshapen = {
  meaning: 'A picture has no source, so there is nothing to show.',
  fix: 'Take it out.',
};
const flag: Misshapen = {
  meaning: 'Whether a result is an error is told by something else than true or false.',
  fix: 'Write true or false.',
};
const silent: Misshapen = {
  meaning: 'The content of a result is null, where a text or a list of blocks is wanted.',
  fix: 'Write an empty text.',
};
const nested: Misshapen = {
  meaning: 'A result holds a block that only a message may hold: a call, a result or a thought.',
  fix: 'Write what it says as a text.',
};
