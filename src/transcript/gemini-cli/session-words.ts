/**
 * Messages as records of a session of Gemini CLI. Every record that is made here is decoded again
 * at once and compared with what it shall say, so a record that reads otherwise is never written.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, sameJson, textOf } from '../json-value.ts';
import type { Around, Turn, ValueCodec } from '../value-codec.ts';
import { keeperOf, noWordsFor } from '../value-codec.ts';
import { partOfBlock, textsOf } from './parts.ts';
import type { CallRecord, Origin } from './session-codec.ts';
import {
  callRecords,
  contentParts,
  decodeRecord,
  modelOrigins,
  oddEntries,
} from './session-codec.ts';
import { withResults } from './session-results.ts';

/** Records of Gemini CLI in both directions. */
export const sessionCodec: ValueCodec = { decode: decodeRecord, encode: encodeTurns };

function encodeTurns(value: unknown, wanted: readonly Turn[], around: Around): readonly unknown[] {
  const said = wanted.filter(({ content }) => content.length > 0);
  const before = decodeRecord(value);
  if (sameTurns(before, said) && value !== null) return said.length > 0 ? [value] : [];
  const own = asObject(value);
  const keeper = keeperOf(before[0], said);
  const near = asObject(value) ?? asObject(around.like) ?? {};
  const records: JsonObject[] = [];
  for (let at = 0; at < said.length; ) {
    const turn = said[at];
    if (turn === undefined) break;
    const type = turn.role === 'assistant' ? 'gemini' : 'user';
    const record = at === keeper && own !== null ? own : freshRecord(near, type, around);
    const next = said[at + 1];
    const made = recordFor(record, turn, next);
    records.push(made.record);
    at += made.turns;
  }
  return records;
}

/** A record of its own beside another; its id is made from the id of the other. */
function freshRecord(near: JsonObject, type: string, around: Around): JsonObject {
  const id = around.freshId(textOf(near, 'id') ?? 'message');
  return { id, timestamp: near['timestamp'] ?? '', type, content: '' };
}

function recordFor(
  record: JsonObject,
  turn: Turn,
  next: Turn | undefined,
): { record: JsonObject; turns: number } {
  if (turn.role !== 'assistant') {
    if (turn.role !== 'user') noWordsFor(`a message of role ${turn.role}`, 'Gemini CLI');
    const user = { ...record, content: contentOf(turn.content, record, partOrigins(record)) };
    if (sameTurns(decodeRecord(user), [turn])) return { record: user, turns: 1 };
    return noWordsFor('a message of the user that it would take for a command', 'Gemini CLI');
  }
  if (next?.role === 'user') {
    const both = modelRecord(record, turn.content, next.content);
    if (both !== null && sameTurns(decodeRecord(both), [turn, next])) {
      return { record: both, turns: 2 };
    }
  }
  const alone = modelRecord(record, turn.content, []);
  if (alone !== null && sameTurns(decodeRecord(alone), [turn])) return { record: alone, turns: 1 };
  return noWordsFor('this message of the model', 'Gemini CLI');
}

function partOrigins(record: JsonObject): readonly Origin[] {
  const turn = decodeRecord(record)[0];
  const parts = contentParts(record);
  return (turn?.content ?? []).map((block, i) => ({ block, kind: 'part', raw: parts[i] ?? {} }));
}

function modelRecord(
  record: JsonObject,
  content: readonly ContentBlock[],
  results: readonly ContentBlock[],
): JsonObject | null {
  const pieces = piecesFor(content, modelOrigins(record));
  const shape = isLegacyShape(pieces)
    ? legacyShape(record, pieces)
    : wholeShape(record, pieces, results);
  const calls = withResults(shape.calls, results, namesIn(content));
  if (calls === null) return null;
  const { toolCalls: old, ...rest } = shape.record;
  // Where nothing else was there, the words that take the place of the turn tell of them.
  const odd = modelOrigins(record).length === 0 ? [] : oddEntries(old);
  if (calls.length === 0 && old === undefined) return rest;
  // Members keep their order, so that an edited record looks like its neighbours.
  return { ...shape.record, toolCalls: [...calls, ...odd] };
}

/** A wanted block, with the origin that it still has. */
interface Piece {
  readonly block: ContentBlock;
  readonly origin: Origin | null;
}

/** Blocks that read the same may differ in digits, so each goes on as one of its own. */
function piecesFor(content: readonly ContentBlock[], origins: readonly Origin[]): Piece[] {
  const free = [...origins];
  return content.map((block) => {
    const isSame = (known: Origin): boolean => sameJson(comparable(known.block), comparable(block));
    const at = free.findIndex(isSame);
    const [origin = origins.find(isSame)] = at < 0 ? [] : free.splice(at, 1);
    return { block, origin: origin ?? null };
  });
}

/**
 * Thoughts, then words, then calls, none of which needs a signature: no content can say it else.
 */
function isLegacyShape(pieces: readonly Piece[]): boolean {
  const ranks = pieces.map(({ block, origin }) => {
    if (origin?.kind === 'thought') return 0;
    if (block.type === 'tool_use' && block['thought_signature'] === undefined) {
      return origin?.kind === 'part' ? -1 : 2;
    }
    return block.type === 'thinking' || block.type === 'tool_use' ? -1 : 1;
  });
  return ranks.every((rank, i) => rank >= (ranks[i - 1] ?? 0));
}

interface Shape {
  readonly record: JsonObject;
  readonly calls: readonly CallRecord[];
}

function legacyShape(record: JsonObject, pieces: readonly Piece[]): Shape {
  const known = callRecords(record);
  const thoughts: unknown[] = [];
  const words: ContentBlock[] = [];
  const calls: CallRecord[] = [];
  const free = new Set(known);
  for (const { block, origin } of pieces) {
    for (const call of known) {
      if (call.raw === origin?.raw || call.raw['id'] === block['id']) free.delete(call);
    }
  }
  for (const { block, origin } of pieces) {
    if (origin?.kind === 'thought') thoughts.push(origin.raw);
    else if (block.type !== 'tool_use') words.push(block);
    else {
      const own = known.find(({ raw }) => raw === origin?.raw) ?? known.find(idIs(block.id));
      calls.push(calledAs(own ?? renamed(free, block), block, record));
    }
  }
  const content = contentOf(words, record, modelOrigins(record));
  const old = asList(record['thoughts']);
  const all = [...thoughts, ...oddEntries(old)];
  const rest = old.length === all.length ? {} : { thoughts: all };
  return { record: { ...record, content, ...rest }, calls };
}

function idIs(id: string): (call: CallRecord) => boolean {
  return ({ raw }) => raw['id'] === id;
}

/**
 * The entry of a call that has another id now: nothing else stands for it, and it says the same.
 */
function renamed(free: Set<CallRecord>, block: ContentBlock): CallRecord | null {
  const { name, input } = block as unknown as JsonObject;
  for (const call of free) {
    if (call.raw['name'] !== name || !sameJson(call.raw['args'] ?? {}, input)) continue;
    free.delete(call);
    return call;
  }
  return null;
}

function calledAs(own: CallRecord | null, block: ContentBlock, record: JsonObject): CallRecord {
  const { id, name, input } = block as unknown as JsonObject;
  if (own === null) {
    const fresh = { id, name, args: input, status: 'error', timestamp: record['timestamp'] ?? '' };
    return { raw: fresh, results: [] };
  }
  const isSame = own.raw['id'] === id && own.raw['name'] === name;
  const raw =
    isSame && sameJson(own.raw['args'], input) ? own.raw : { ...own.raw, id, name, args: input };
  return { raw, results: own.results };
}

/** The content says everything; `toolCalls` only holds the results and what the tool shows. */
function wholeShape(
  record: JsonObject,
  pieces: readonly Piece[],
  results: readonly ContentBlock[],
): Shape {
  const content = pieces.map(({ block }) => block);
  const answered = new Set(results.map((block) => block['tool_use_id']));
  const origins = modelOrigins(record);
  const ids = new Set(content.map((block) => block['id']));
  const known = callRecords(record);
  const calls = known.filter(({ raw }) => ids.has(raw['id']));
  const free = new Set(known.filter(({ raw }) => !ids.has(raw['id'])));
  for (const { block, origin } of pieces) {
    // A call that stood there without an entry needs one only for a result.
    const needsEntry = origin === null || answered.has(block['id']);
    if (block.type === 'tool_use' && needsEntry && !known.some(idIs(block.id))) {
      calls.push(calledAs(renamed(free, block), block, record));
    }
  }
  return { record: { ...record, content: contentOf(content, record, origins) }, calls };
}

/** Untouched blocks keep their part; a text that was a string alone stays one. */
function contentOf(
  blocks: readonly ContentBlock[],
  record: JsonObject,
  origins: readonly Origin[],
): unknown {
  const old = record['content'];
  const names = namesIn(blocks);
  const own = piecesFor(
    blocks,
    origins.filter(({ kind }) => kind === 'part'),
  );
  const parts = own.map(({ block, origin }) => origin?.raw ?? partOfBlock(block, names));
  const only = asObject(parts[0]);
  const isPlain = parts.length === 1 && only !== null && Object.keys(only).join() === 'text';
  if (typeof old === 'string' && isPlain && only?.['text'] !== '') return only?.['text'];
  if (parts.length === 0) return typeof old === 'string' ? '' : [];
  return sameJson(parts, old) ? old : parts;
}

/** The tool of each call. */
export function namesIn(blocks: readonly ContentBlock[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const block of blocks) {
    if (block.type === 'tool_use') names.set(asText(block.id) ?? '', asText(block.name) ?? '');
  }
  return names;
}

/** True when both say the same, but for what reading adds by itself. */
export function sameTurns(left: readonly Turn[], right: readonly Turn[]): boolean {
  const plain = ({ role, content }: Turn): unknown => [role, content.map(comparable)];
  return sameJson(left.map(plain), right.map(plain));
}

/** A block without what reading adds: how a call stands, and which tool a result is of. */
function comparable(block: ContentBlock): unknown {
  const {
    status: _,
    name,
    response: __,
    content,
    is_error: isError,
    ...rest
  } = block as JsonObject;
  const told: Record<string, unknown> = { ...rest };
  if (block.type === 'tool_use') told['name'] = name;
  if (isError === true) told['is_error'] = true;
  if (content !== undefined) told['content'] = asText(content) ?? plainTexts(content);
  const sorted = Object.entries(told).filter(([, member]) => member !== undefined);
  return sorted.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** One text for a list of texts; with a picture among them the list stays what it is. */
function plainTexts(content: unknown): unknown {
  const isPlain = asList(content).every((block) => asObject(block)?.['type'] === 'text');
  return isPlain ? textsOf(content) : content;
}
