/**
 * A conversation as `ModelMessage[]` of Vercel's AI SDK (versions 5 to 7).
 *
 * Valid by construction: the SDK throws when a call has no result before the next message of the
 * user or the system, so every call is answered in the turn behind it. Signatures of reasoning go
 * into the options of the provider that made them. Calls of server tools are left out. Arrays are
 * mutable, because those of the SDK are. Pure.
 */
import type { PlacedMessage } from '../integrity/conversation.ts';
import { isContent } from '../integrity/rules/rule.ts';
import { isSignature } from '../integrity/rules/thinking.ts';
import { isToolResult, isToolUse } from '../session/blocks.ts';
import { requireDirectResults } from './calls.ts';
import { leaving, refuse } from './exported.ts';
import type { Exported, ExportOptions, Leave } from './exported.ts';
import { mediaOf, urlOf } from './media.ts';
import type { Media } from './media.ts';
import type { Piece } from './piece.ts';
import { reasoningOf } from './reasoning.ts';
import type { AiProviderOptions, AiReasoning } from './reasoning.ts';
import { jsonValue, resultParts, textOf } from './results.ts';
import { isForeign, messageGroups, modelOf, piecesOf, turnsOf } from './turns.ts';
import type { Part, Turn } from './turns.ts';

/** Words. */
export interface AiText {
  type: 'text';
  text: string;
  providerOptions?: AiProviderOptions;
}

/** A picture: an address, or bytes as base64. */
export interface AiImage {
  type: 'image';
  image: string;
  mediaType?: string;
}

/** A document: an address, or bytes as base64. */
export interface AiFile {
  type: 'file';
  data: string;
  mediaType: string;
  filename?: string;
}

/** A call. */
export interface AiToolCall {
  type: 'tool-call';
  toolCallId: string;
  toolName: string;
  input: unknown;
  providerOptions?: AiProviderOptions;
}

/** The answer to a call. */
export interface AiToolResult {
  type: 'tool-result';
  toolCallId: string;
  toolName: string;
  output: AiOutput;
}

/** What a tool said. */
export type AiOutput =
  | { type: 'text' | 'error-text'; value: string }
  | { type: 'content'; value: AiOutputPart[] };

/** One part of what a tool said. */
export type AiOutputPart =
  | { type: 'text'; text: string }
  | { type: 'image-data' | 'file-data'; data: string; mediaType: string }
  | { type: 'image-url'; url: string }
  | { type: 'file-url'; url: string; mediaType: string };

/** One message. */
export type AiMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string | (AiText | AiImage | AiFile)[] }
  | { role: 'assistant'; content: string | (AiText | AiReasoning | AiToolCall)[] }
  | { role: 'tool'; content: AiToolResult[] };

type AiPart = AiText | AiImage | AiFile | AiReasoning | AiToolCall | AiToolResult;

/** The SDK takes any id; calls are paired within their turn. */
const callRules = { id: /[^]/, name: /[^]/, unique: 'turn', results: 'anywhere' } as const;

/** The conversation for the AI SDK. Throws INVALID where the SDK would throw. */
export function toAiSdk(
  messages: readonly PlacedMessage[],
  options: ExportOptions = {},
): Exported<AiMessage[]> {
  const { leftOut, leave } = leaving();
  const context = { leave, goesOn: modelOf(messages, options), names: new Map<string, string>() };
  const turns = turnsOf(piecesOf(messages), (piece) => partOf(piece, context));
  requireDirectResults(turns, callRules);
  return { value: turns.flatMap(messagesOf), leftOut };
}

interface Context {
  readonly leave: Leave;
  readonly goesOn: string | null;
  readonly names: Map<string, string>;
}

function partOf(piece: Piece, context: Context): AiPart | null {
  const { block, speaker } = piece;
  const { leave, goesOn, names } = context;
  if (block.type === 'text') return textPart(piece, leave);
  if (isToolUse(block)) {
    names.set(block.id, block.name);
    const input = jsonValue(block.input);
    const call: AiToolCall = {
      type: 'tool-call',
      toolCallId: block.id,
      toolName: block.name,
      input,
    };
    const signature = block['thought_signature'];
    if (isSignature(signature)) {
      call.providerOptions = { google: { thoughtSignature: signature } };
    }
    return call;
  }
  if (isToolResult(block)) {
    if (speaker !== 'user') refuse('ROLE_ORDER', piece, 'A result is told by the user');
    const toolName = names.get(block.tool_use_id) ?? '';
    const output = outputOf(piece, block, leave);
    return { type: 'tool-result', toolCallId: block.tool_use_id, toolName, output };
  }
  if (speaker === 'assistant') {
    if (isForeign(piece, goesOn)) return leave(piece, 'made by another model');
    return reasoningOf(block) ?? leave(piece, 'the AI SDK has no part for it');
  }
  const media = block.type === 'image' || block.type === 'document' ? mediaOf(block) : null;
  if (speaker === 'system' || media === null) return leave(piece, 'the AI SDK has no part for it');
  return mediaPart(media, block.type, (block as Readonly<Record<string, unknown>>)['title']);
}

function textPart(piece: Piece, leave: Leave): AiText | null {
  const { text, thought_signature: signature } = piece.block as Readonly<Record<string, unknown>>;
  if (typeof text !== 'string') return leave(piece, 'a text without words');
  if (!isContent(piece.block)) return null;
  if (!isSignature(signature)) return { type: 'text', text };
  return { type: 'text', text, providerOptions: { google: { thoughtSignature: signature } } };
}

function mediaPart(media: Media, type: string, title: unknown): AiText | AiImage | AiFile {
  if (media.kind === 'text') return { type: 'text', text: media.text };
  const data = media.kind === 'base64' ? media.data : urlOf(media);
  if (type === 'image') {
    const { mediaType } = media;
    return { type: 'image', image: data, ...(mediaType === null ? {} : { mediaType }) };
  }
  const filename = typeof title === 'string' && title !== '' ? { filename: title } : {};
  return { type: 'file', data, mediaType: media.mediaType ?? 'application/pdf', ...filename };
}

function outputOf(piece: Piece, block: Parameters<typeof resultParts>[1], leave: Leave): AiOutput {
  const parts = resultParts(piece, block, leave);
  const isError = block.is_error === true;
  if (parts.every(({ type }) => type === 'text') && (isError || parts.length < 2)) {
    return { type: isError ? 'error-text' : 'text', value: textOf(parts) };
  }
  const value = parts.map((part): AiOutputPart => {
    if (part.type === 'text') return { type: 'text', text: part.text };
    const { media, type } = part;
    if (media.kind === 'text') return { type: 'text', text: media.text };
    if (media.kind === 'base64') {
      const kind = type === 'image' ? 'image-data' : 'file-data';
      return { type: kind, data: media.data, mediaType: media.mediaType };
    }
    if (type === 'image') return { type: 'image-url', url: media.url };
    return { type: 'file-url', url: media.url, mediaType: media.mediaType ?? 'application/pdf' };
  });
  return { type: 'content', value };
}

function messagesOf({ speaker, parts }: Turn<AiPart>): AiMessage[] {
  if (speaker === 'system') {
    return messageGroups(parts).map((group) => ({ role: 'system', content: wordsOf(group) }));
  }
  if (speaker === 'assistant') return messageGroups(parts).map(assistantMessage);
  const results = parts.flatMap(({ part }) => (part.type === 'tool-result' ? [part] : []));
  const rest = messageGroups(parts.filter(({ part }) => part.type !== 'tool-result'));
  const said = rest.map(userMessage);
  return results.length === 0 ? said : [{ role: 'tool', content: results }, ...said];
}

function assistantMessage(group: readonly Part<AiPart>[]): AiMessage {
  const content = group.flatMap(({ part }) =>
    part.type === 'text' || part.type === 'reasoning' || part.type === 'tool-call' ? [part] : [],
  );
  return { role: 'assistant', content: onlyText(content) ?? content };
}

function userMessage(group: readonly Part<AiPart>[]): AiMessage {
  const content = group.flatMap(({ part }) =>
    part.type === 'text' || part.type === 'image' || part.type === 'file' ? [part] : [],
  );
  return { role: 'user', content: onlyText(content) ?? content };
}

function onlyText(content: readonly AiPart[]): string | null {
  const [only] = content;
  if (content.length !== 1 || only?.type !== 'text') return null;
  return only.providerOptions === undefined ? only.text : null;
}

function wordsOf(group: readonly Part<AiPart>[]): string {
  return group.flatMap(({ part }) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
}
