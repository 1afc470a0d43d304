/**
 * The message records of a session of Gemini CLI, read as its own resume reads them: thoughts, text
 * and calls of a record are one turn of the model, and the results that stand inside the calls are
 * one turn of the user behind it. A content with calls or thoughts in it is the whole truth; else
 * the turn is put together from thoughts, content and calls.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, textOf } from '../json-value.ts';
import type { Turn } from '../value-codec.ts';
import { joinedUnread, unreadMembers } from '../unread.ts';
import { blockOfPart, partsOf } from './parts.ts';

/** A block, and what stands for it in the record. */
export interface Origin {
  readonly block: ContentBlock;
  /** `thought` is an entry of `thoughts`, `call` one of `toolCalls`, `part` a part of content. */
  readonly kind: 'thought' | 'part' | 'call';
  readonly raw: unknown;
}

/** What the results of one entry of `toolCalls` are made of. */
export interface CallRecord {
  readonly raw: JsonObject;
  readonly results: readonly unknown[];
}

/** The messages of one record; none for what the tool shows and does not send. */
export function decodeRecord(value: unknown): readonly Turn[] {
  const record = asObject(value);
  const { type } = record ?? {};
  if (record === null || (type !== 'user' && type !== 'gemini')) return [];
  const unread = Array.isArray(record['content']) ? null : unreadMembers(record, understood);
  if (type === 'user') return unread === null ? userTurns(record) : [unreadTurn('user', unread)];
  const content = modelOrigins(record).map(({ block }) => block);
  const odd = oddMembers(record);
  if (content.length === 0) {
    const all = odd === null ? unread : joinedUnread(unread ?? {}, odd);
    return all === null ? [] : [unreadTurn('assistant', all)];
  }
  const results = callRecords(record).flatMap(({ results: parts }) => parts.map(blockOfPart));
  const more = odd === null ? {} : { unread: odd };
  const turn: Turn = { role: 'assistant', content, model: textOf(record, 'model'), ...more };
  return results.length === 0 ? [turn] : [turn, { role: 'user', content: results, model: null }];
}

/** Members of a record that are read elsewhere, or are for the screen. */
const understood: ReadonlySet<string> = new Set([
  'content',
  'displayContent',
  'thoughts',
  'toolCalls',
  'tokens',
  'toolResult',
]);

function unreadTurn(role: string, unread: JsonObject): Turn {
  return { role, content: [], model: null, unread };
}

function userTurns(record: JsonObject): readonly Turn[] {
  const text = shownText(record['content']).trim();
  // Commands, and what the tool itself put in front, never go to the model again.
  const isOwn = ['/', '?', '<session_context>', '<hook_context>'].some((s) => text.startsWith(s));
  const parts = partsOf(record['content']);
  // The tool passes over a record without words; what is no part is told all the same.
  const isSilent = text === '' && parts.every((part) => asObject(part) !== null);
  if (isSilent || isOwn) return [];
  return [{ role: 'user', content: parts.map(blockOfPart), model: null }];
}

/** The text by which the tool judges a user's record: what is no text has a word in brackets. */
function shownText(content: unknown): string {
  return partsOf(content).map(shownPart).join('');
}

function shownPart(value: unknown): string {
  const part = asObject(value) ?? {};
  const isOther = otherParts.some((name) => part[name] !== undefined);
  return isOther ? '[Part]' : (asText(part['text']) ?? '');
}

const otherParts = [
  'videoMetadata',
  'thought',
  'codeExecutionResult',
  'executableCode',
  'fileData',
  'functionCall',
  'functionResponse',
  'inlineData',
];

/** Entries of `thoughts` and `toolCalls` that are none; null when there are none of them. */
function oddMembers(record: JsonObject): JsonObject | null {
  const lists = ['thoughts', 'toolCalls'].map((name) => [name, oddEntries(record[name])] as const);
  const told = lists.filter(([, odd]) => odd.length > 0);
  return told.length === 0 ? null : Object.fromEntries(told);
}

/** What stands in such a list and is no entry of it; it stays where it is. */
export function oddEntries(list: unknown): readonly unknown[] {
  return asList(list).filter((entry) => entry !== null && asObject(entry) === null);
}

/** The blocks of the model's turn, each with what it was made from. */
export function modelOrigins(record: JsonObject): readonly Origin[] {
  const parts = contentParts(record);
  const origins: Origin[] = [];
  if (!isWholeTruth(parts)) {
    for (const thought of asList(record['thoughts']).map(asObject)) {
      if (thought === null) continue;
      const block = { type: 'thinking', thinking: thoughtText(thought) } as const;
      origins.push({ block, kind: 'thought', raw: thought });
    }
  }
  for (const raw of parts) origins.push({ block: blockOfPart(raw), kind: 'part', raw });
  if (!isWholeTruth(parts)) {
    for (const { raw } of callRecords(record)) {
      const { id, name, args } = raw;
      const block = blockOfPart({ functionCall: { id, name, args } });
      origins.push({ block: { ...block, ...statusOf(raw) }, kind: 'call', raw });
    }
  }
  return origins;
}

/** Tells a call that never ran from one whose result was lost. */
function statusOf(call: JsonObject): { status?: string } {
  const status = asText(call['status']);
  return status === null || hasResult(call) ? {} : { status };
}

function hasResult(call: JsonObject): boolean {
  return Boolean(call['result']);
}

/** True when the content names calls or thoughts itself. */
export function isWholeTruth(parts: readonly unknown[]): boolean {
  return parts
    .map(asObject)
    .some((part) => Boolean(part?.['functionCall']) || Boolean(part?.['thought']));
}

/** The parts of a record's content; an empty text is none. */
export function contentParts(record: JsonObject): readonly unknown[] {
  const { content } = record;
  return content === '' ? [] : partsOf(content);
}

function thoughtText(thought: JsonObject): string {
  const subject = textOf(thought, 'subject') ?? '';
  const description = textOf(thought, 'description') ?? '';
  return subject === '' ? description : `**${subject}** ${description}`;
}

/** The entries of `toolCalls`, with the parts that their results give. */
export function callRecords(record: JsonObject): readonly CallRecord[] {
  const calls: CallRecord[] = [];
  for (const raw of asList(record['toolCalls']).map(asObject)) {
    if (raw !== null) calls.push({ raw, results: resultParts(raw) });
  }
  return calls;
}

function resultParts(call: JsonObject): readonly unknown[] {
  const { id, name, result } = call;
  if (!hasResult(call)) return [];
  if (typeof result === 'string') {
    return [{ functionResponse: { id, name, response: { output: result } } }];
  }
  return partsOf(result);
}
