/**
 * How sure it is that records are plain messages, and of which of the two shapes. Formats of tools
 * that keep such messages with members of their own are surer of theirs.
 */
import { asWords } from '../../base/deep-json.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText } from '../json-value.ts';
import { loneBlock } from '../lone-content.ts';
import { unreadMembers } from '../unread.ts';
import { containerOf, firstMessages } from './container.ts';

/** For each shape: 0 is no. */
export interface Sureness {
  readonly openai: number;
  readonly anthropic: number;
}

const none: Sureness = { openai: 0, anthropic: 0 };
/** Who may speak in a message. */
export const roles: ReadonlySet<string> = new Set([
  'system',
  'developer',
  'user',
  'assistant',
  'tool',
  'function',
]);
const openaiParts: ReadonlySet<string> = new Set(['image_url', 'input_audio', 'refusal', 'file']);
const anthropicParts: ReadonlySet<string> = new Set([
  'tool_use',
  'tool_result',
  'thinking',
  'redacted_thinking',
  'image',
  'document',
  'server_tool_use',
]);

/** Looks at the first records of a file. */
export function sureness(first: readonly unknown[]): Sureness {
  const container = containerOf(first);
  if (container === null) return none;
  const messages = firstMessages(first, container);
  const likely = messages.filter(isMessage);
  const all = messages.filter((message) => !isHollow(message));
  // The last one may be cut where the look ended.
  const seen = isMessage(all.at(-1)) ? all.length : all.length - 1;
  if (likely.length === 0 || likely.length < seen * 0.8) return none;
  // Calls and their results have members that nothing else has, whatever parts stand beside them.
  if (likely.some(isChat)) return { openai: 0.8, anthropic: 0 };
  // Members of the items of other programming interfaces, which have roles as well.
  if (likely.some((message) => partTypes(message).some(isItemPart))) return none;
  const openai = likely.some(isOpenai);
  const anthropic = likely.some(isAnthropic);
  if (openai !== anthropic)
    return openai ? { openai: 0.8, anthropic: 0 } : { openai: 0, anthropic: 0.8 };
  const head = container.path?.length === 1 ? asObject(first[0]) : null;
  const model = asText(head?.['model']) ?? '';
  if (head?.['system'] !== undefined || /claude/i.test(model))
    return { openai: 0.4, anthropic: 0.6 };
  const lists = likely.some(({ content }) => isListed(content));
  const system = likely.some(({ role }) => role === 'system' || role === 'developer');
  return lists && !system ? { openai: 0.4, anthropic: 0.5 } : { openai: 0.5, anthropic: 0.4 };
}

/** A role that is known, with words or calls. */
export function isMessage(value: unknown): value is JsonObject {
  const object = asObject(value);
  if (object === null || !roles.has(asWords(object['role']))) return false;
  const { content } = object;
  if (typeof content === 'string' || isListed(content)) return true;
  const isResult = object['role'] === 'tool';
  if (isResult && (content !== undefined || asText(object['tool_call_id']) !== null)) return true;
  // A result that says nothing is a result all the same: it answers its call.
  const mayBeEmpty = ['assistant', 'tool', 'function'].includes(asWords(object['role']));
  const calls = object['tool_calls'] ?? object['function_call'] ?? object['audio'];
  return (typeof calls === 'object' && calls !== null) || (content === null && mayBeEmpty);
}

/**
 * A role that is known, and nothing beside it: a program left the content out because there was
 * none. It speaks for no format.
 */
export function isHollow(value: unknown): boolean {
  const object = asObject(value);
  if (object === null || !roles.has(asWords(object['role']))) return false;
  const { content } = object;
  return (content === undefined || content === null) && unreadMembers(object) === null;
}

/** A list of blocks, or one that should be in a list. */
function isListed(content: unknown): boolean {
  return Array.isArray(content) || loneBlock(content) !== null;
}

function partTypes({ content }: JsonObject): string[] {
  const lone = loneBlock(content);
  return (lone === null ? asList(content) : [lone]).map((part) =>
    asWords(asObject(part)?.['type']),
  );
}

/** True for what only a part of an item of Responses is called; a sound is called so here too. */
export function isItemPart(type: string): boolean {
  return /^(in|out)put_/.test(type) && type !== 'input_audio';
}

/** True for a call or a result as only chat completions write them. */
export function isChat(message: JsonObject): boolean {
  const { role } = message;
  const calls = message['tool_calls'] ?? message['tool_call_ids'];
  if (Array.isArray(calls) || asText(message['tool_call_id']) !== null) return true;
  if (asObject(message['function_call']) !== null) return true;
  return (role === 'tool' || role === 'function') && !isAnthropic(message);
}

function isOpenai(message: JsonObject): boolean {
  const { role } = message;
  if (role === 'tool' || role === 'function' || role === 'developer') return true;
  if (asObject(message['audio']) !== null) return true;
  return partTypes(message).some((type) => openaiParts.has(type));
}

function isAnthropic(message: JsonObject): boolean {
  return partTypes(message).some((type) => anthropicParts.has(type));
}
