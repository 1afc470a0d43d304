/**
 * A conversation as a request of Anthropic's Messages API: its `system` and its `messages`.
 *
 * Valid by construction: turns alternate and begin with the user; every call is answered in the
 * turn behind it, before anything else; no text is blank; thinking goes back as it came, signed by
 * the model that goes on, and is left out where it is not. System messages become `system`,
 * wherever they stood. Members that only shape a request (`cache_control`) or tell of an answer
 * (`citations`) are not sent. Arrays are mutable, because those of the SDK are. Pure.
 */
import { asWords } from '../base/deep-json.ts';
import type { PlacedMessage } from '../integrity/conversation.ts';
import { isSignature } from '../integrity/rules/thinking.ts';
import { traits } from '../integrity/rules/traits.ts';
import { isToolResult, isToolUse } from '../session/blocks.ts';
import type { ContentBlock } from '../session/message.ts';
import { callRulesOf, requireDirectResults } from './calls.ts';
import { leaving, refuse } from './exported.ts';
import type { Exported, ExportOptions, Leave } from './exported.ts';
import { mediaOf } from './media.ts';
import type { Media } from './media.ts';
import type { Piece } from './piece.ts';
import { jsonValue, resultParts } from './results.ts';
import { serverTools } from './server-tools.ts';
import type { AnthropicServerTool, AnthropicWebSearchResult } from './server-tools.ts';
import { isForeign, modelOf, piecesOf, turnsOf, userFirst } from './turns.ts';
import type { Turn } from './turns.ts';

/** Words; never blank. */
export interface AnthropicText {
  type: 'text';
  text: string;
}

/** A picture. */
export interface AnthropicImage {
  type: 'image';
  source:
    | { type: 'base64'; media_type: AnthropicImageType; data: string }
    | { type: 'url'; url: string };
}

/** What Anthropic can look at. */
export type AnthropicImageType = 'image/jpeg' | 'image/png' | 'image/gif' | 'image/webp';

/** A document. */
export interface AnthropicDocument {
  type: 'document';
  source:
    | { type: 'base64'; media_type: 'application/pdf'; data: string }
    | { type: 'text'; media_type: 'text/plain'; data: string }
    | { type: 'url'; url: string };
  title?: string;
  context?: string;
}

/** Reasoning; the signature vouches for it. */
export interface AnthropicThinking {
  type: 'thinking';
  thinking: string;
  signature: string;
}

/** Reasoning that only the provider can read. */
export interface AnthropicRedactedThinking {
  type: 'redacted_thinking';
  data: string;
}

/** A call. */
export interface AnthropicToolUse {
  type: 'tool_use';
  id: string;
  name: string;
  input: Record<string, unknown>;
}

/** The answer to a call; without content when the tool said nothing. */
export interface AnthropicToolResult {
  type: 'tool_result';
  tool_use_id: string;
  content?: string | (AnthropicText | AnthropicImage | AnthropicDocument)[];
  is_error?: true;
}

/** What a message is made of. */
export type AnthropicBlock =
  | AnthropicText
  | AnthropicImage
  | AnthropicDocument
  | AnthropicThinking
  | AnthropicRedactedThinking
  | AnthropicToolUse
  | AnthropicToolResult
  | AnthropicServerTool
  | AnthropicWebSearchResult;

/** One message; roles alternate. */
export interface AnthropicMessage {
  role: 'user' | 'assistant';
  content: string | AnthropicBlock[];
}

/** The part of a request that a history decides. */
export interface AnthropicRequest {
  system?: AnthropicText[];
  messages: AnthropicMessage[];
}

const callRules = callRulesOf('anthropic');
const imagesMax = traits.anthropic.images?.countMax ?? Number.POSITIVE_INFINITY;
const imageTypes: readonly string[] = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];

/** The conversation for the Messages API. Throws INVALID at what the API would refuse. */
export function toAnthropic(
  messages: readonly PlacedMessage[],
  options: ExportOptions = {},
): Exported<AnthropicRequest> {
  const { leftOut, leave } = leaving();
  const pieces = [...piecesOf(messages)];
  const servers = serverTools(pieces, leave);
  const system = turnsOf(
    pieces.filter(({ speaker }) => speaker === 'system'),
    (piece) => textPart(piece) ?? leave(piece, 'a system prompt is text'),
  );
  const context = { leave, goesOn: modelOf(messages, options), latest: latestTurn(pieces) };
  const said = turnsOf(
    pieces.filter(({ speaker }) => speaker !== 'system'),
    (piece) => servers.get(piece) ?? (servers.has(piece) ? null : blockPart(piece, context)),
  );
  const turns = userFirst(said, pieces, (text): AnthropicBlock => ({ type: 'text', text }));
  requireDirectResults(turns, callRules);
  for (const turn of turns) requireCallsLast(turn);
  mendEnd(turns, pieces);
  requireImages(turns);
  const told = system.flatMap(({ parts }) => parts.map(({ part }) => part));
  const value: AnthropicRequest = { messages: turns.map(messageOf) };
  if (told.length > 0) value.system = told;
  return { value, leftOut };
}

interface Context {
  readonly leave: Leave;
  readonly goesOn: string | null;
  /** First message of the turn that goes on: its thinking is checked by the provider. */
  readonly latest: number;
}

function messageOf({ speaker, parts }: Turn<AnthropicBlock>): AnthropicMessage {
  const role = speaker === 'assistant' ? 'assistant' : 'user';
  return { role, content: parts.map(({ part }) => part) };
}

function blockPart(piece: Piece, context: Context): AnthropicBlock | null {
  const { block, speaker } = piece;
  const { leave } = context;
  if (block.type === 'text') return textPart(piece) ?? leave(piece, 'a text without words');
  if (isToolUse(block)) return callPart(piece, block);
  if (isToolResult(block)) {
    if (speaker === 'user') return resultPart(piece, leave);
    refuse('ROLE_ORDER', piece, 'A result is told by the user');
  }
  if (speaker === 'assistant') return thoughtPart(piece, context);
  const media = block.type === 'image' || block.type === 'document' ? mediaOf(block) : null;
  return mediaPart(block, media) ?? leave(piece, 'the Messages API does not know it');
}

function textPart(piece: Piece): AnthropicText | null {
  const { text } = piece.block as { readonly text?: unknown };
  if (piece.block.type !== 'text' || typeof text !== 'string') return null;
  if (!/\S/u.test(text)) refuse('EMPTY_TEXT', piece, 'Anthropic refuses a text without words');
  return { type: 'text', text };
}

function callPart(piece: Piece, block: ContentBlock): AnthropicToolUse {
  const { id, name, input } = block as Readonly<Record<string, unknown>>;
  const value = jsonValue(input);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('BAD_ARGUMENTS', piece, 'The input of a call is an object');
  }
  return { type: 'tool_use', id: asWords(id), name: asWords(name), input: { ...value } };
}

function resultPart(piece: Piece, leave: Leave): AnthropicToolResult | null {
  const { block } = piece;
  if (!isToolResult(block)) return null;
  const part: AnthropicToolResult = { type: 'tool_result', tool_use_id: block.tool_use_id };
  const content: (AnthropicText | AnthropicImage | AnthropicDocument)[] = [];
  for (const told of resultParts(piece, block, leave)) {
    if (told.type === 'text') {
      // Blank text is refused here too; a tool that said nothing has a result without content.
      if (/\S/u.test(told.text)) content.push({ type: 'text', text: told.text });
      continue;
    }
    const part = mediaPart({ type: told.type } as ContentBlock, told.media);
    if (part === null) leave(piece, 'a kind of media that Anthropic does not take', told.type);
    else content.push(part);
  }
  const [first] = content;
  if (typeof block.content === 'string') {
    if (first?.type === 'text') part.content = first.text;
  } else if (content.length > 0) part.content = content;
  if (block.is_error === true) part.is_error = true;
  return part;
}

function mediaPart(
  block: ContentBlock,
  media: Media | null,
): AnthropicImage | AnthropicDocument | null {
  if (media === null) return null;
  return block.type === 'image' ? imagePart(media) : documentPart(block, media);
}

function imagePart(media: Media): AnthropicImage | null {
  if (media.kind === 'url') return { type: 'image', source: { type: 'url', url: media.url } };
  if (media.kind !== 'base64' || !isImageType(media.mediaType)) return null;
  const source = { type: 'base64', media_type: media.mediaType, data: media.data } as const;
  return { type: 'image', source };
}

function isImageType(mediaType: string): mediaType is AnthropicImageType {
  return imageTypes.includes(mediaType);
}

function documentPart(block: ContentBlock, media: Media): AnthropicDocument | null {
  const { title, context } = block as Readonly<Record<string, unknown>>;
  const source = documentSource(media);
  if (source === null) return null;
  const part: AnthropicDocument = { type: 'document', source };
  if (typeof title === 'string' && title !== '') part.title = title;
  if (typeof context === 'string' && context !== '') part.context = context;
  return part;
}

function documentSource(media: Media): AnthropicDocument['source'] | null {
  if (media.kind === 'url') return { type: 'url', url: media.url };
  if (media.kind === 'text') return { type: 'text', media_type: 'text/plain', data: media.text };
  if (media.mediaType !== 'application/pdf') return null;
  return { type: 'base64', media_type: 'application/pdf', data: media.data };
}

function thoughtPart(piece: Piece, { leave, goesOn, latest }: Context): AnthropicBlock | null {
  const { type, thinking, signature, data } = piece.block as Readonly<Record<string, unknown>>;
  if (type !== 'thinking' && type !== 'redacted_thinking') {
    return leave(piece, 'the Messages API does not know it in a message of the assistant');
  }
  if (isForeign(piece, goesOn)) return leave(piece, 'signed for another model');
  if (type === 'redacted_thinking') {
    if (!isSignature(data)) return leave(piece, 'reasoning without its data');
    return { type, data };
  }
  if (typeof thinking === 'string' && isSignature(signature)) {
    return { type, thinking, signature };
  }
  if (piece.message >= latest) {
    refuse('UNSIGNED_THINKING', piece, 'Thinking of the latest turn needs its signature');
  }
  return leave(piece, 'thinking without a signature');
}

/** The first message behind what the user said last; results of tools say nothing new. */
function latestTurn(pieces: readonly Piece[]): number {
  const asked = pieces.findLast(({ speaker, block }) => speaker === 'user' && !isToolResult(block));
  return asked === undefined ? 0 : asked.message + 1;
}

/** Whatever is said behind a call would stand between it and its result. */
function requireCallsLast({ speaker, parts }: Turn<AnthropicBlock>): void {
  let called = false;
  for (const { part, piece } of parts) {
    if (part.type === 'tool_use') called = true;
    else if (called && speaker === 'assistant') {
      refuse('CONTENT_AFTER_CALL', piece, 'Calls stand last in a turn of the assistant');
    }
  }
}

/** The last text of an answer does not end with white space. */
function mendEnd(turns: readonly Turn<AnthropicBlock>[], pieces: readonly Piece[]): void {
  const last = turns.at(-1);
  const end = last?.parts.at(-1);
  if (last?.speaker !== 'assistant' || end?.part.type !== 'text') return;
  if (!/\s$/u.test(end.part.text)) return;
  if (pieces.findLast(({ speaker }) => speaker !== 'system') === end.piece) {
    refuse('TRAILING_WHITESPACE', end.piece, 'The last text does not end with white space');
  }
  // It became the last one because what stood behind it is left out.
  end.part.text = end.part.text.trimEnd();
}

function requireImages(turns: readonly Turn<AnthropicBlock>[]): void {
  let images = 0;
  for (const { parts } of turns) {
    for (const { part, piece } of parts) {
      const inside = part.type === 'tool_result' && Array.isArray(part.content) ? part.content : [];
      images += [part, ...inside].filter(({ type }) => type === 'image').length;
      if (images > imagesMax) {
        refuse('IMAGE_LIMIT', piece, `A request holds at most ${imagesMax} images`);
      }
    }
  }
}
