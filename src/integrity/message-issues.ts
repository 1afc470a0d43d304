/** What can be wrong with one message by itself. Pure; a message is looked at once. */
import { isWellFormed } from '../format/well-formed.ts';
import { blocksOf } from '../session/blocks.ts';
import type { ContentBlock, Message } from '../session/message.ts';
import type { Issue } from './validation.ts';

/** Roles that the large providers take in one form or another. */
const knownRoles = new Set(['user', 'assistant', 'system', 'developer', 'tool']);

/** Where a message stands. */
export interface MessagePlace {
  readonly seq: number;
  readonly messageIndex: number;
}

/**
 * True when nothing is in a message: blank text, no blocks, or only blank text blocks. Blank means
 * without a visible character; providers refuse white space as they refuse nothing.
 */
export function isEmptyMessage(message: Message): boolean {
  if (typeof message.content === 'string') return isBlank(message.content);
  return message.content.every(isBlankText);
}

/**
 * Everything about a message that a provider may refuse, beside emptiness and the pairing of
 * calls.
 */
export function messageIssues(message: Message, place: MessagePlace): readonly Issue[] {
  const issues: Issue[] = [];
  const warn = (code: Issue['code'], blockIndex: number | null, text: string): void => {
    issues.push({ code, severity: 'warning', ...place, blockIndex, callId: null, message: text });
  };
  if (!knownRoles.has(message.role)) {
    const role = JSON.stringify(message.role.slice(0, 100));
    warn('UNKNOWN_ROLE', null, `The role ${role} is not one that providers know`);
  }
  const halfText = 'A text holds half of a character (a lone surrogate); replace it before sending';
  if (typeof message.content === 'string' && !isWellFormed(message.content)) {
    warn('LONE_SURROGATE', null, halfText);
  }
  const empty = isEmptyMessage(message);
  for (const [blockIndex, block] of blocksOf(message).entries()) {
    if (!empty && isBlankText(block)) {
      warn('EMPTY_TEXT', blockIndex, 'A text block has no visible character; leave it out');
    }
    if (hasHalfCharacter(block)) warn('LONE_SURROGATE', blockIndex, halfText);
  }
  return issues;
}

function isBlankText(block: ContentBlock): boolean {
  return block.type === 'text' && (typeof block['text'] !== 'string' || isBlank(block['text']));
}

function isBlank(text: string): boolean {
  return !/\S/u.test(text);
}

/** Looks into values and names alike; depth is bounded because the value could be kept. */
function hasHalfCharacter(value: unknown): boolean {
  if (typeof value === 'string') return !isWellFormed(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  if (Array.isArray(value)) return value.some(hasHalfCharacter);
  return Object.entries(value).some(
    ([name, part]) => !isWellFormed(name) || hasHalfCharacter(part),
  );
}
