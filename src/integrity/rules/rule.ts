/**
 * What every rule is given: one message after the other, and a log for what it finds. A rule keeps
 * numbers and ids, and no content but that of the last message.
 */
import type { PlacedMessage } from '../conversation.ts';
import type { ContentBlock } from '../../session/message.ts';
import { isBlankText } from '../message-issues.ts';
import type { ProfileName } from '../profile.ts';
import type { FindingLog, Spot } from './finding-log.ts';
import type { ProfileTraits } from './traits.ts';

/**
 * Whose message it is. What carries results is the user's, also where a format has a role of its
 * own for it; roles that nobody knows are `other` and stand between nothing.
 */
export type Speaker = 'user' | 'assistant' | 'system' | 'other';

/** One message as the rules see it. */
export interface Seen {
  readonly message: PlacedMessage;
  /** 0-based, among all messages. */
  readonly index: number;
  readonly speaker: Speaker;
  /** Nothing in it has a visible character. */
  readonly empty: boolean;
}

/** What becomes of the history: `open`, more may be appended; `resumed`, a message of the user
 * comes next; `sent`, it goes to the provider as it is. */
export type HistoryEnd = 'open' | 'resumed' | 'sent';

/** What is known of a call beyond the messages, from intents and outcomes. */
export type CallLookup = (callId: string) => 'not-started' | 'unknown' | 'finished' | null;

/** What a rule works with. */
export interface RuleSetting {
  readonly profile: ProfileName;
  readonly traits: ProfileTraits;
  readonly log: FindingLog;
  readonly end: HistoryEnd;
  readonly lookup: CallLookup;
}

/** One rule over one conversation. */
export interface Rule {
  see(seen: Seen): void;
  /** Called once, behind the last message. */
  finish(): void;
}

/** The speaker behind a role. */
export function speakerOf(role: string): Speaker {
  if (role === 'assistant') return 'assistant';
  if (role === 'user' || role === 'tool') return 'user';
  return role === 'system' || role === 'developer' ? 'system' : 'other';
}

/** The spot of a block, or of the whole message. */
export function spotOf({ message, index }: Seen, blockIndex: number | null): Spot {
  const place = blockIndex === null ? message.place : (message.places[blockIndex] ?? message.place);
  return { place, messageIndex: index, blockIndex };
}

/** True when the user says something other than results. */
export function speaks({ message }: Seen): boolean {
  for (const block of message.content) {
    if (block.type !== 'tool_result' && isContent(block)) return true;
  }
  return false;
}

/** True for what a provider gets to see: blank text is a fault of its own and stands nowhere. */
export function isContent(block: ContentBlock): boolean {
  return !isBlankText(block);
}

/** True for the reasoning of Anthropic's models. */
export function isThinking(block: ContentBlock): boolean {
  return block.type === 'thinking' || block.type === 'redacted_thinking';
}

/**
 * The parts inside a result. They are as the tool left them, so what is no block is passed over.
 */
export function partsOfResult({
  content,
}: {
  readonly content?: unknown;
}): readonly ContentBlock[] {
  if (!Array.isArray(content)) return [];
  return (content as readonly unknown[]).filter(isTyped);
}

/** True for an object with a type, as every block is. */
export function isTyped(part: unknown): part is ContentBlock {
  return typeof part === 'object' && part !== null && 'type' in part && isText(part.type);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** A text from the transcript in quotes, short enough for a sentence. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
