/**
 * A conversation as the `messages` of OpenAI's Chat Completions, which many others speak as well.
 *
 * Valid by construction: every call is answered by one message of role `tool` directly behind the
 * message of its call; ids have at most 40 characters; blank texts are not sent. Messages stay
 * apart as they were, unless calls of several of them wait for results together. Reasoning has no
 * place here and is left out; so have pictures in results, which follow in a message of the user
 * that says so. Whether a result is an error is told by its words only. Arrays are mutable,
 * because those of the SDK are. Pure.
 */
import { asWords } from '../base/deep-json.ts';
import { addAll } from '../base/lists.ts';
import type { PlacedMessage } from '../integrity/conversation.ts';
import { isContent } from '../integrity/rules/rule.ts';
import { isToolResult, isToolUse } from '../session/blocks.ts';
import { exactInput } from '../session/call-input.ts';
import { callRulesOf, requireDirectResults } from './calls.ts';
import { leaving, refuse } from './exported.ts';
import type { Exported, Leave } from './exported.ts';
import { mediaOf, urlOf } from './media.ts';
import type { Media } from './media.ts';
import type { Piece } from './piece.ts';
import { jsonText, rawInput, resultParts, textOf } from './results.ts';
import { messageGroups, piecesOf, turnsOf } from './turns.ts';
import type { Part, Turn } from './turns.ts';

/** Words. */
export interface ChatText {
  type: 'text';
  text: string;
}

/** A picture; an address, or `data:` with the bytes. */
export interface ChatImage {
  type: 'image_url';
  image_url: { url: string };
}

/** A document; `data:` with the bytes. */
export interface ChatFile {
  type: 'file';
  file: { filename: string; file_data: string };
}

/** A call; arguments are JSON text, and the input of a custom tool is free text. */
export type ChatCall =
  | { id: string; type: 'function'; function: { name: string; arguments: string } }
  | { id: string; type: 'custom'; custom: { name: string; input: string } };

/** One message. */
export type ChatMessage =
  | { role: 'system'; content: string | ChatText[] }
  | { role: 'user'; content: string | (ChatText | ChatImage | ChatFile)[] }
  | { role: 'assistant'; content: string | ChatText[]; tool_calls?: ChatCall[] }
  | { role: 'assistant'; content: null; tool_calls: ChatCall[] }
  | { role: 'tool'; tool_call_id: string; content: string | ChatText[] };

type Told =
  | { readonly kind: 'said'; readonly part: ChatText | ChatImage | ChatFile }
  | { readonly kind: 'call'; readonly call: ChatCall }
  | {
      readonly kind: 'result';
      readonly id: string;
      readonly content: string | ChatText[];
      readonly media: readonly (ChatImage | ChatFile)[];
    };

const callRules = callRulesOf('openai-chat');

/** The conversation for Chat Completions. Throws INVALID at what the API would refuse. */
export function toOpenAiChat(messages: readonly PlacedMessage[]): Exported<ChatMessage[]> {
  const { leftOut, leave } = leaving();
  const turns = turnsOf(piecesOf(messages), (piece) => told(piece, leave));
  requireDirectResults(turns, callRules);
  return { value: turns.flatMap(messagesOf), leftOut };
}

function told(piece: Piece, leave: Leave): Told | null {
  const { block, speaker } = piece;
  const fields = block as Readonly<Record<string, unknown>>;
  if (block.type === 'text') {
    if (typeof fields['text'] !== 'string') return leave(piece, 'a text without words');
    if (!isContent(block)) return null;
    return { kind: 'said', part: { type: 'text', text: fields['text'] } };
  }
  if (isToolUse(block)) return { kind: 'call', call: callOf(block.id, fields) };
  if (isToolResult(block)) {
    if (speaker !== 'user') refuse('ROLE_ORDER', piece, 'A result is told by the user');
    return resultOf(piece, block, leave);
  }
  const media = block.type === 'image' || block.type === 'document' ? mediaOf(block) : null;
  if (speaker !== 'user' || media === null)
    return leave(piece, 'Chat Completions has no place for it');
  const part = mediaPart(media, block.type, nameOf(fields['title']));
  return part === null
    ? leave(piece, 'a kind of media that Chat Completions does not take')
    : { kind: 'said', part };
}

function callOf(id: string, block: Readonly<Record<string, unknown>>): ChatCall {
  const { name, input, custom } = block;
  const named = asWords(name);
  if (custom === true) {
    return { id, type: 'custom', custom: { name: named, input: rawInput(input) } };
  }
  // Arguments that were no JSON stay the text that they were: the API takes any text.
  const text = exactInput(block) ?? (typeof input === 'string' ? input : jsonText(input));
  return { id, type: 'function', function: { name: named, arguments: text } };
}

function resultOf(piece: Piece, block: Parameters<typeof resultParts>[1], leave: Leave): Told {
  const parts = resultParts(piece, block, leave);
  const media: (ChatImage | ChatFile)[] = [];
  for (const part of parts) {
    if (part.type === 'text') continue;
    const made = mediaPart(part.media, part.type, nameOf(null));
    if (made === null) leave(piece, 'media that Chat Completions does not take', part.type);
    else if (made.type === 'text') leave(piece, 'a document in a result', part.type);
    else media.push(made);
  }
  const texts = parts.flatMap((part) => (part.type === 'text' ? [{ ...part }] : []));
  const content = texts.length > 1 ? texts : textOf(parts);
  return { kind: 'result', id: block.tool_use_id, content, media };
}

function mediaPart(media: Media, type: string, filename: string) {
  if (media.kind === 'text') return { type: 'text', text: media.text } as const;
  if (type === 'image') return { type: 'image_url', image_url: { url: urlOf(media) } } as const;
  if (media.kind === 'url') return null;
  return { type: 'file', file: { filename, file_data: urlOf(media) } } as const;
}

function nameOf(title: unknown): string {
  return typeof title === 'string' && title !== '' ? title : 'document.pdf';
}

function messagesOf({ speaker, parts }: Turn<Told>): ChatMessage[] {
  if (speaker === 'system')
    return messageGroups(parts).map((said) => ({ role: 'system', content: words(said) }));
  return speaker === 'assistant' ? assistantMessages(parts) : userMessages(parts);
}

/** What is said in front of the first message with calls stays apart; the rest is one message. */
function assistantMessages(parts: readonly Part<Told>[]): ChatMessage[] {
  const first = parts.find(({ part }) => part.kind === 'call')?.piece.message;
  const before = first === undefined ? parts : parts.filter(({ piece }) => piece.message < first);
  const made = messageGroups(before).map(
    (said): ChatMessage => ({ role: 'assistant', content: words(said) }),
  );
  if (first === undefined) return made;
  const together = parts.slice(before.length);
  const calls = together.flatMap(({ part }) => (part.kind === 'call' ? [part.call] : []));
  const said = together.filter(({ part }) => part.kind === 'said');
  const message: ChatMessage =
    said.length === 0
      ? { role: 'assistant', content: null, tool_calls: calls }
      : { role: 'assistant', content: words(said), tool_calls: calls };
  return [...made, message];
}

function userMessages(parts: readonly Part<Told>[]): ChatMessage[] {
  const made: ChatMessage[] = [];
  const shown: (ChatText | ChatImage | ChatFile)[] = [];
  for (const { part } of parts) {
    if (part.kind !== 'result') continue;
    made.push({ role: 'tool', tool_call_id: part.id, content: part.content });
    if (part.media.length === 0) continue;
    shown.push({ type: 'text', text: `From the result of ${part.id}:` });
    addAll(shown, part.media);
  }
  if (shown.length > 0) made.push({ role: 'user', content: shown });
  const rest = parts.filter(({ part }) => part.kind === 'said');
  for (const group of messageGroups(rest)) {
    const said = group.flatMap(({ part }) => (part.kind === 'said' ? [part.part] : []));
    const [only] = said;
    const content = said.length === 1 && only?.type === 'text' ? only.text : said;
    made.push({ role: 'user', content });
  }
  return made;
}

function words(parts: readonly Part<Told>[]): string | ChatText[] {
  const texts = parts.flatMap(({ part }) =>
    part.kind === 'said' && part.part.type === 'text' ? [part.part] : [],
  );
  const [only] = texts;
  return texts.length === 1 && only !== undefined ? only.text : texts;
}
