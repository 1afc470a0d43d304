/**
 * Messages as the chat completions of OpenAI take them. A message of role `tool` is a result; the
 * arguments of a call are a string of JSON, which is parsed, or stays the string that it is. The
 * messages of SWE-agent are the same with more members, and name the call of a result in a list.
 */
import { addAll } from '../../base/lists.ts';
import { asWords, deepJson, sameValue } from '../../base/deep-json.ts';
import { exactInput } from '../../session/call-input.ts';
import type { ContentBlock, ToolResultBlock } from '../../session/message.ts';
import { refuse } from '../changed-items.ts';
import type { Piece } from '../changed-items.ts';
import { parseText, unparsed } from '../decode.ts';
import { exactTextOf } from '../raw-arguments.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText, jsonText } from '../json-value.ts';
import { unreadMembers } from '../unread.ts';
import { otherBlock } from './dialect.ts';
import type { Decoded, Dialect, MadeIds, Rewritten, Words } from './dialect.ts';
import { FunctionIds, functionCall, likeMade } from './function-calls.ts';
import { formFaults, unreadResult } from './openai-form.ts';
import { changedPart, contentLike, contentWords, partsOf, toolKeeper } from './openai-parts.ts';

/** The shape of `openai-messages`. */
export const openaiDialect: Dialect = {
  blocks: 'made',
  decode: decodeAlone,
  taken: likeMade,
  reading: (taken) => {
    const ids = new FunctionIds(taken);
    return { decode: (message) => decode(message, ids), made: ids.names };
  },
  encode,
  rewrite,
  faults: formFaults,
  keeper: toolKeeper,
};

function decodeAlone(message: JsonObject): Decoded {
  return decode(message, new FunctionIds(new Set()));
}

function decode(message: JsonObject, ids: FunctionIds): Decoded {
  const role = asWords(message['role']);
  if (isResultRole(role)) {
    return { role: 'user', content: [resultOf(message, ids)], ...unreadResult(message) };
  }
  const content: ContentBlock[] = [];
  const reasoning = asText(message['reasoning_content']);
  if (reasoning !== null) content.push({ type: 'thinking', thinking: reasoning });
  const calls = listOf(message['tool_calls']);
  const old = functionCall(message);
  const isCalling = calls.length > 0 || old !== null;
  addAll(content, partsOf(message['content'], isCalling ? 'leave-out' : 'keep'));
  const refusal = asText(message['refusal']);
  if (refusal !== null) content.push(otherBlock({ type: 'refusal', refusal }));
  const audio = asObject(message['audio']);
  if (audio !== null) content.push(otherBlock({ type: audioType, audio }));
  addAll(content, calls.map(callOf));
  if (old !== null) content.push(calledBlock(ids.call(asText(old['name']) ?? ''), old));
  const own = role === 'developer' ? 'system' : role;
  const unread = content.length === 0 ? unreadMembers(message, understood) : null;
  return unread === null ? { role: own, content } : { role: own, content, unread };
}

/** An answer that was spoken; its words are kept by the provider, under an id. */
const audioType = 'spoken_audio';

/** Members that blocks speak of. */
const understood: ReadonlySet<string> = new Set([
  'tool_calls',
  'function_call',
  'reasoning_content',
  'refusal',
  'audio',
  'annotations',
  'agent',
  'message_type',
]);

function isResultRole(role: unknown): boolean {
  return role === 'tool' || role === 'function';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

function callOf(call: unknown): ContentBlock {
  const object = asObject(call) ?? {};
  const id = asText(object['id']) ?? '';
  const custom = asObject(object['custom']);
  if (custom !== null) {
    const input = { input: custom['input'] };
    return { type: 'tool_use', id, name: asText(custom['name']) ?? '', input, custom: true };
  }
  return calledBlock(id, asObject(object['function']) ?? {});
}

/** A name and arguments, as both forms of a call have them. */
function calledBlock(id: string, called: JsonObject): ContentBlock {
  const text = called['arguments'];
  const parsed = typeof text === 'string' ? parseText(text) : text;
  const input = parsed === unparsed ? text : parsed;
  return { type: 'tool_use', id, name: asText(called['name']) ?? '', input, ...exactTextOf(text) };
}

function resultOf(message: JsonObject, ids: FunctionIds): ToolResultBlock {
  const id =
    message['role'] === 'function'
      ? ids.result(asText(message['name']))
      : (asText(message['tool_call_id']) ?? asText(listOf(message['tool_call_ids'])[0]) ?? '');
  const { content } = message;
  if (Array.isArray(content)) {
    return { type: 'tool_result', tool_use_id: id, content: partsOf(content, 'keep') };
  }
  // Some write the JSON of a result as it is, where a text of it is wanted.
  const said = asText(content) ?? (content === null ? '' : (jsonText(content) ?? ''));
  return { type: 'tool_result', tool_use_id: id, content: said };
}

function encode(
  { role, content }: Decoded,
  like: JsonObject | null,
  made: MadeIds,
): readonly Words[] {
  if (role === 'assistant') return [spoken(role, content, { like, made })];
  return groupsOf(content).map((group) => {
    const [block] = group;
    if (block !== undefined && isResult(block)) return resultWords(block, { like, made });
    return spoken(role, group, { like, made });
  });
}

function isResult(block: ContentBlock): block is ToolResultBlock {
  return block.type === 'tool_result' && typeof block['tool_use_id'] === 'string';
}

/** Each result alone, and what stands between results together. */
function groupsOf(content: readonly ContentBlock[]): ContentBlock[][] {
  const groups: ContentBlock[][] = [];
  let results = true;
  for (const block of content) {
    const result = isResult(block);
    if (result || results) groups.push([block]);
    else groups.at(-1)?.push(block);
    results = result;
  }
  return groups;
}

/** Members that SWE-agent gives to every message; a reader of its files asks for them. */
function habits(like: JsonObject | null, kind: 'action' | 'observation'): Words {
  const agent = asText(like?.['agent']);
  const typed = asText(like?.['message_type']) !== null;
  return {
    ...(agent === null ? {} : { agent }),
    ...(typed ? { message_type: kind } : {}),
  };
}

/** What is known beside a message that is written. */
interface Beside {
  readonly like: JsonObject | null;
  readonly made: MadeIds;
}

function resultWords(block: ToolResultBlock, { like, made }: Beside): Words {
  const { content, tool_use_id: id } = block;
  const words = Array.isArray(content) ? contentWords(content as readonly ContentBlock[]) : content;
  const name = made.get(id);
  if (name !== undefined) return { role: 'function', name, content: words ?? '' };
  const named = asText(like?.['agent']) === null ? { tool_call_id: id } : { tool_call_ids: [id] };
  return { role: 'tool', content: words ?? '', ...habits(like, 'observation'), ...named };
}

function spoken(role: string, content: readonly ContentBlock[], { like, made }: Beside): Words {
  const kind = role === 'assistant' ? 'action' : 'observation';
  return { role, ...spokenMembers(role, content, made), ...habits(like, kind) };
}

/** The members that blocks become. Those that are undefined are to be left out. */
function spokenMembers(role: string, content: readonly ContentBlock[], made: MadeIds): Words {
  if (content.some(isResult)) refuse(`A message of role ${role} cannot hold a tool result here`);
  const calls = content.filter(({ type }) => type === 'tool_use');
  if (calls.length > 0 && role !== 'assistant') refuse(`A call cannot stand in role ${role} here`);
  const thoughts = content.filter(({ type }) => type === 'thinking');
  const refusals = content.filter(({ type }) => type === 'refusal');
  const [audio, ...moreAudio] = content.filter(({ type }) => type === audioType);
  if (moreAudio.length > 0) refuse('A message has one spoken answer here');
  const said = content.filter((block) => isSaid({ block }));
  const other = calls.length + refusals.length + (audio === undefined ? 0 : 1);
  return {
    content: said.length === 0 ? (other > 0 ? null : '') : contentWords(said),
    reasoning_content: joined(thoughts, 'thinking'),
    refusal: joined(refusals, 'refusal'),
    audio: audio?.['audio'],
    ...callMembers(calls, made),
  };
}

/** A call whose id was made up is written in the form that has none. */
function callMembers(calls: readonly ContentBlock[], made: MadeIds): Words {
  const [first] = calls;
  const isOld = calls.some(({ id }) => made.has(String(id)));
  if (isOld && calls.length > 1) refuse('A function_call has no other call beside it here');
  const old = isOld && first !== undefined ? callWords(first) : null;
  return {
    function_call: old?.['function'],
    tool_calls: old !== null || first === undefined ? undefined : calls.map(callWords),
  };
}

function joined(blocks: readonly ContentBlock[], member: string): string | undefined {
  return blocks.length === 0 ? undefined : blocks.map((block) => asText(block[member])).join('\n');
}

function callWords(block: ContentBlock): Words {
  const { id, name, input } = block as unknown as JsonObject;
  if (block['custom'] === true) {
    return { id, type: 'custom', custom: { name, input: asObject(input)?.['input'] ?? '' } };
  }
  const text =
    exactInput(block) ??
    (typeof input === 'string' && parseText(input) === unparsed ? input : deepJson(input));
  return { id, type: 'function', function: { name, arguments: text } };
}

function rewrite(message: JsonObject, pieces: readonly Piece[], made: MadeIds): Rewritten {
  if (message['role'] === 'assistant' || message['role'] === 'system') {
    return { before: [], own: ownWords(message, pieces, made), after: [] };
  }
  const result = isResultRole(message['role']);
  // The first run of blocks that holds one of its own stays this message; the rest stand beside it.
  const groups = pieceGroups(pieces);
  const isOwn = (group: readonly Piece[]): boolean =>
    group.some(({ kind, block }) => kind !== 'new' && isResult(block) === result);
  const at = groups.findIndex(isOwn);
  const words = (some: readonly (readonly Piece[])[]): Words[] =>
    some.flatMap((group) => {
      const content = group.map(({ block }) => block);
      const role = result ? 'user' : asWords(message['role']);
      return [...encode({ role, content }, message, made)];
    });
  const own = groups[at];
  if (own === undefined) return { before: words(groups), own: null, after: [] };
  return {
    before: words(groups.slice(0, at)),
    own: ownWords(message, own, made),
    after: words(groups.slice(at + 1)),
  };
}

function pieceGroups(pieces: readonly Piece[]): (readonly Piece[])[] {
  const groups: Piece[][] = [];
  let last: boolean | null = null;
  for (const piece of pieces) {
    const result = isResult(piece.block);
    if (result || last !== false) groups.push([piece]);
    else groups.at(-1)?.push(piece);
    last = result;
  }
  return groups;
}

/** The message with its blocks as they shall be; members that blocks do not speak of stay. */
function ownWords(message: JsonObject, pieces: readonly Piece[], made: MadeIds): Words | 'same' {
  const before = blocksIn(message).length;
  const same = pieces.length === before && pieces.every((piece) => piece.kind === 'kept');
  if (same) return 'same';
  const only = pieces[0]?.block;
  if (isResultRole(message['role']) && only !== undefined && isResult(only)) {
    // The agent that speaks, and the kind of its message, are in the message already.
    const { agent: _, message_type: __, ...words } = resultWords(only, { like: message, made });
    const { content: parts } = only;
    if (!Array.isArray(parts)) return { ...message, ...words };
    const kept = contentLike(parts as readonly ContentBlock[], message['content']);
    return { ...message, ...words, content: kept };
  }
  const elements = elementsIn(message);
  const isInside = (piece: Piece): boolean => isSaid(piece) || elements.of(piece) !== undefined;
  const outside = pieces.filter((piece) => isSaid(piece) || !isInside(piece));
  const blocks = outside.map(({ block }) => block);
  const fresh = spokenMembers(asWords(message['role']), blocks, made);
  const calls = fresh['tool_calls'] === undefined ? [] : keptCalls(message, pieces);
  const old = keptFunction(message, pieces, fresh);
  const words: Words = {
    ...message,
    ...fresh,
    ...old,
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const said = pieces.filter(isInside);
  // A list stays one, and what stays in it are its own elements.
  if (said.some((piece) => elements.of(piece) !== undefined)) {
    return { ...words, content: said.map((piece) => partLike(piece, elements.of(piece))) };
  }
  const stays =
    said.every(({ kind }) => kind === 'kept') &&
    said.length === saidIn(message) &&
    !holdsOthers(message);
  const isOther = ['refusal', 'audio', 'function_call'].some((name) => words[name] !== undefined);
  const bare = said.length === 0 && calls.length === 0 && !isOther;
  return stays && !bare ? { ...words, content: message['content'] } : words;
}

/** The elements of a list of content, by the blocks that they gave and that may stand there. */
function elementsIn(message: JsonObject): { readonly of: (piece: Piece) => unknown } {
  const { content } = message;
  const first = asText(message['reasoning_content']) === null ? 0 : 1;
  return {
    of: (piece) => {
      if (!Array.isArray(content) || piece.kind === 'new') return undefined;
      if (!isSaid(piece) && piece.block.type !== 'refusal') return undefined;
      return (content as readonly unknown[])[piece.part - first];
    },
  };
}

function partLike({ kind, block }: Piece, element: unknown): unknown {
  return kind === 'kept' ? element : changedPart(element, block);
}

function isSaid({ block }: Pick<Piece, 'block'>): boolean {
  return !['tool_use', 'thinking', 'refusal', audioType].includes(block.type);
}

function blocksIn(message: JsonObject): readonly ContentBlock[] {
  return decodeAlone(message).content;
}

function saidIn(message: JsonObject): number {
  return blocksIn(message).filter((block) => isSaid({ block })).length;
}

/** Whether the content holds parts that are written elsewhere, so that it cannot stay as it is. */
function holdsOthers({ content }: JsonObject): boolean {
  return partsOf(content, 'keep').some((block) => !isSaid({ block }));
}

/** Calls that stay keep every member and the spelling of their arguments; so do renamed ones. */
function keptCalls(message: JsonObject, pieces: readonly Piece[]): unknown[] {
  const old = listOf(message['tool_calls']);
  const blocks = blocksIn(message).length;
  const calls = pieces.filter(({ block }) => block.type === 'tool_use');
  return calls.map((piece) => {
    const own = piece.kind === 'new' ? undefined : old[piece.part - (blocks - old.length)];
    if (own === undefined) return callWords(piece.block);
    return piece.kind === 'kept' ? own : otherCall(own, piece.block);
  });
}

/** A call of the old form that stays keeps its spelling; one that changes, what does not. */
function keptFunction(message: JsonObject, pieces: readonly Piece[], fresh: Words): Words {
  const old = functionCall(message);
  const piece = pieces.find(({ block }) => block.type === 'tool_use');
  if (fresh['function_call'] === undefined || piece === undefined || old === null) return {};
  if (piece.kind === 'new') return {};
  if (piece.kind === 'kept') return { function_call: old };
  return { function_call: otherCall({ function: old }, piece.block)['function'] };
}

/** A call with other words; what a block does not show stays. */
function otherCall(own: unknown, block: ContentBlock): Words {
  const fresh = callWords(block);
  const call = asObject(own) ?? {};
  const before = callOf(own);
  const [old, called] = [asObject(call['function']), asObject(fresh['function'])];
  if (old === null || called === null) return fresh;
  const { input } = block as unknown as JsonObject;
  const kept = sameValue(before['input'], input) ? { arguments: old['arguments'] } : {};
  return { ...call, ...fresh, function: { ...old, ...called, ...kept } };
}
