/**
 * What can be wrong with one message by itself. Pure; a message is looked at once. The rules over
 * conversations (`rules/`) ask the same questions, so that a code means one thing.
 */
import { isWellFormed } from '../format/well-formed.ts';
import { blocksOf } from '../session/blocks.ts';
import type { ContentBlock, Message } from '../session/message.ts';
import type { Issue } from './validation.ts';

const knownRoles = new Set(['user', 'assistant', 'system', 'developer', 'tool']);

/** True for a role that the large providers take in one form or another. */
export function isKnownRole(role: string): boolean {
  return knownRoles.has(role);
}

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
  if (!isKnownRole(message.role)) {
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

/** True for a text block without a visible character. */
export function isBlankText(block: ContentBlock): boolean {
  return block.type === 'text' && (typeof block['text'] !== 'string' || isBlank(block['text']));
}

/** True when no character of the text is visible. */
export function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first > 0x20 && first < 0x7f) return false;
  return !/\S/u.test(text);
}

/**
 * True when a text in the value, or a name in it, holds half of a character. Values of a transcript
 * may be nested as deeply as somebody likes, so this does not recurse.
 */
export function hasHalfCharacter(value: unknown): boolean {
  if (typeof value === 'string') return !isWellFormed(value);
  if (!isWhole(value)) return false;
  const left: object[] = [];
  for (let whole: object | undefined = value; whole !== undefined; whole = left.pop()) {
    if (Array.isArray(whole)) {
      for (const part of whole as readonly unknown[]) {
        if (typeof part === 'string' && !isWellFormed(part)) return true;
        if (isWhole(part)) left.push(part);
      }
      continue;
    }
    // Values are data: what they are made of is their own, and there is nothing to inherit.
    for (const name in whole) {
      const part = (whole as Readonly<Record<string, unknown>>)[name];
      if (!isWellFormed(name) || (typeof part === 'string' && !isWellFormed(part))) return true;
      if (isWhole(part)) left.push(part);
    }
  }
  return false;
}

function isWhole(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}
