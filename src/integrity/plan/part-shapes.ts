/**
 * Blocks that have a type and yet a shape that no provider takes: pictures without a source,
 * results of null, results that hold calls, or tell otherwise than by true and false that they are
 * errors.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { Why } from './draft.ts';
import type { Pass } from './pass.ts';
import { heldIn } from './runs.ts';
import { isCall, isResult, isThought, member, textBlock, withMembers, words } from './shapes.ts';

const reason = 'MALFORMED_BLOCK';
const goes: Why = { reason, told: 'A picture without a source shows nothing; it goes.' };
const silent: Why = { reason, told: 'A result of null is refused; it becomes an empty text.' };
const flag: Why = {
  reason,
  told: 'Only true and false tell whether a result is an error; what was meant is written so.',
};
const nested: Why = {
  reason,
  told: 'A result holds what only a message may hold; it becomes a text that quotes it.',
};

/** Gives blocks a shape that is taken. */
export const mendShapes: Pass = ({ draft }) => {
  for (const { message, block } of heldIn(draft.messages)) {
    if (isHollow(block.content)) draft.takeOut(message, block, goes, 'kept');
    if (!isResult(block.content)) continue;
    if (member(block.content, 'content') === null) {
      draft.replace(block, withMembers(block.content, { content: '' }), silent);
    }
    const isError = member(block.content, 'is_error');
    if (isError !== undefined && isError !== null && typeof isError !== 'boolean') {
      draft.replace(block, withMembers(block.content, { is_error: meant(isError) }), flag);
    }
    const parts = member(block.content, 'content');
    if (!Array.isArray(parts)) continue;
    const seen = (parts as readonly ContentBlock[]).filter((part) => !isHollow(part));
    if (seen.length < parts.length) {
      draft.replace(block, withMembers(block.content, { content: seen }), goes);
    }
    if (!seen.some(isOfMessages)) continue;
    const quoted = seen.map((part) => (isOfMessages(part) ? quote(part) : part));
    draft.replace(block, withMembers(block.content, { content: quoted }), nested);
  }
};

/** A text or a number as programs write a switch; undefined for what nobody can tell. */
function meant(value: unknown): boolean | undefined {
  const said = words(value).toLowerCase();
  if (['true', 'yes', '1'].includes(said)) return true;
  return ['false', 'no', '0'].includes(said) ? false : undefined;
}

function isHollow(block: ContentBlock): boolean {
  const source = member(block, 'source');
  return block.type === 'image' && (source === null || source === '');
}

function isOfMessages(part: ContentBlock): boolean {
  return isCall(part) || isResult(part) || (isThought(part) && part.type !== 'reasoning');
}

function quote(part: ContentBlock): ContentBlock {
  return textBlock(`[A part that no result can hold: ${words(part)}]`);
}
