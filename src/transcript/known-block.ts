/** Blocks that a tool keeps in the shape in which they are shown here. */
import type { ContentBlock } from '../session/message.ts';
import { asObject } from './json-value.ts';

/** The value as a block; what has no type is shown as it is, under a type that no rule knows. */
export function knownBlock(value: unknown): ContentBlock {
  const block = asObject(value);
  if (block !== null && typeof block['type'] === 'string') return block as unknown as ContentBlock;
  return { type: 'unknown', value } as unknown as ContentBlock;
}

/** The value that a block was made from. */
export function rawBlock(block: ContentBlock): unknown {
  return block.type === 'unknown' && 'value' in block ? block['value'] : block;
}
