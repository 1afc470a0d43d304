/**
 * Values that stand where blocks should and are none: texts, numbers, null, objects without a type.
 * What says something becomes a text, what says nothing goes; in results as well.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { Why } from './draft.ts';
import type { Pass } from './pass.ts';
import { heldIn } from './runs.ts';
import {
  asFound,
  isBare,
  isResult,
  member,
  textBlock,
  textMember,
  withMembers,
  words,
} from './shapes.ts';

const reason = 'MALFORMED_BLOCK';
const goes: Why = { reason, told: 'A value that is no block says nothing; it goes.' };
const speaks: Why = {
  reason,
  told: 'A text stands where a block should; it becomes a text block.',
};
const isQuoted: Why = {
  reason,
  told: 'A value is no block, which is refused; it becomes a text that quotes it.',
};
const isDropped: Why = { reason, told: 'A value is no block, which is refused; it is dropped.' };
const inResult: Why = { reason, told: 'A result holds what is no block; it becomes text.' };

/** Makes blocks of what is none. */
export const makeBlocks: Pass = ({ draft, manner }) => {
  for (const { message, block } of heldIn(draft.messages)) {
    const { content } = block;
    const parts = isResult(content) ? member(content, 'content') : null;
    if (Array.isArray(parts) && parts.some(isNoBlock)) {
      const made = (parts as readonly unknown[]).flatMap((part) =>
        isNoBlock(part) ? (said(bareOf(part)) ?? []) : [part],
      );
      draft.replace(block, withMembers(content, { content: made }), inResult);
    }
    if (!isBare(content)) continue;
    const value = bareOf(content);
    const text = said(value);
    if (text === null) draft.takeOut(message, block, goes, 'kept');
    else if (textOf(value) !== null) draft.replace(block, text, speaks);
    else if (manner === 'drop') draft.takeOut(message, block, isDropped, 'lost');
    else draft.replace(block, text, isQuoted);
  }
};

/** Null for a value that says nothing. */
function said(value: unknown): ContentBlock | null {
  const text = textOf(value);
  if (text !== null) return /\S/u.test(text) ? textBlock(text) : null;
  if (value === null || (typeof value === 'object' && Object.keys(value).length === 0)) return null;
  return textBlock(`[A part that is no block: ${words(value)}]`);
}

/** A text, or an object that holds one and nothing else. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return null;
  return textMember(value as ContentBlock, 'text');
}

/** The same for a part of a result, which is as its tool left it. */
function isNoBlock(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return true;
  const block = part as ContentBlock;
  return typeof block.type !== 'string' || isBare(block);
}

function bareOf(part: unknown): unknown {
  const isObject = typeof part === 'object' && part !== null;
  return isObject ? asFound(part as ContentBlock) : part;
}
