/**
 * A conversation as `contents` and `systemInstruction` of Gemini's `generateContent`.
 *
 * Valid by construction: roles alternate and begin with the user; the calls of a turn are answered
 * in the turn behind it, one response for each, by name and id; no part is empty; thoughts and
 * their signatures go back as they came. Gemini 3 refuses a call of the current turn without a
 * signature; one that has none, because another model made it, gets the value that Google names
 * for that. Arrays are mutable, because those of the SDK are. Pure.
 */
import type { PlacedMessage } from '../integrity/conversation.ts';
import { isContent } from '../integrity/rules/rule.ts';
import { isOlderGemini, isSignature } from '../integrity/rules/thinking.ts';
import { isToolResult, isToolUse } from '../session/blocks.ts';
import type { ToolResultBlock } from '../session/message.ts';
import { callRulesOf, requireDirectResults } from './calls.ts';
import { leaving, refuse } from './exported.ts';
import type { Exported, ExportOptions, Leave } from './exported.ts';
import { mediaOf } from './media.ts';
import type { Media } from './media.ts';
import type { Piece } from './piece.ts';
import { jsonText, jsonValue, resultParts, textOf } from './results.ts';
import { modelOf, piecesOf, turnsOf, userFirst } from './turns.ts';
import type { Turn } from './turns.ts';

/** Words, or a thought. */
export interface GeminiText {
  text: string;
  thought?: true;
  thoughtSignature?: string;
}

/** Bytes. */
export interface GeminiInlineData {
  inlineData: { mimeType: string; data: string };
}

/** An address. */
export interface GeminiFileData {
  fileData: { fileUri: string; mimeType?: string };
}

/** A call. */
export interface GeminiFunctionCall {
  functionCall: { id?: string; name: string; args: Record<string, unknown> };
  thoughtSignature?: string;
}

/** The answer to a call. */
export interface GeminiFunctionResponse {
  functionResponse: {
    id?: string;
    name: string;
    response: Record<string, unknown>;
    parts?: GeminiInlineData[];
  };
}

/** What a turn is made of. */
export type GeminiPart =
  | GeminiText
  | GeminiInlineData
  | GeminiFileData
  | GeminiFunctionCall
  | GeminiFunctionResponse;

/** One turn; roles alternate. */
export interface GeminiContent {
  role: 'user' | 'model';
  parts: GeminiPart[];
}

/** The part of a request that a history decides. */
export interface GeminiRequest {
  systemInstruction?: { parts: GeminiText[] };
  contents: GeminiContent[];
}

const callRules = callRulesOf('gemini');

interface Context {
  readonly leave: Leave;
  /** Names of calls by their ids: a response is matched by the name. */
  readonly names: Map<string, string>;
  /** Whether pictures go into the response; models before Gemini 3 take them beside it. */
  readonly inside: Inside;
}

type Inside = 'in the response' | 'beside it';

/** The conversation for Gemini. Throws INVALID at what the API would refuse. */
export function toGemini(
  messages: readonly PlacedMessage[],
  options: ExportOptions = {},
): Exported<GeminiRequest> {
  const { leftOut, leave } = leaving();
  const pieces = [...piecesOf(messages)];
  const model = modelOf(messages, options);
  const inside = isOlderGemini(model) ? 'beside it' : 'in the response';
  const context = { leave, names: new Map<string, string>(), inside } as const;
  const system = pieces
    .filter(({ speaker }) => speaker === 'system')
    .flatMap((piece) => systemPart(piece, leave));
  const said = turnsOf(
    pieces.filter(({ speaker }) => speaker !== 'system'),
    (piece) => partsOf(piece, context),
  );
  const turns = userFirst(said, pieces, (text) => [{ text }]);
  requireDirectResults(turns, callRules);
  if (!isOlderGemini(model)) signCalls(turns);
  const value: GeminiRequest = { contents: turns.map(contentOf) };
  if (system.length > 0) value.systemInstruction = { parts: system };
  return { value, leftOut };
}

function contentOf({ speaker, parts }: Turn<readonly GeminiPart[]>): GeminiContent {
  const all = parts.flatMap(({ part }) => part);
  // What is shown beside responses comes behind all of them.
  const responses = all.filter((part) => 'functionResponse' in part);
  const rest = all.filter((part) => !('functionResponse' in part));
  return { role: speaker === 'assistant' ? 'model' : 'user', parts: [...responses, ...rest] };
}

function systemPart(piece: Piece, leave: Leave): GeminiText[] {
  const { text } = piece.block as { readonly text?: unknown };
  if (piece.block.type === 'text' && typeof text === 'string') return text === '' ? [] : [{ text }];
  leave(piece, 'a system instruction is text');
  return [];
}

function partsOf(piece: Piece, context: Context): readonly GeminiPart[] | null {
  const { block, speaker } = piece;
  const { leave, names } = context;
  const fields = block as Readonly<Record<string, unknown>>;
  const signature = fields['thought_signature'];
  const signed = isSignature(signature) ? { thoughtSignature: signature } : {};
  if (block.type === 'text') {
    const { text } = fields;
    if (typeof text !== 'string') return leave(piece, 'a text without words');
    // A signature may come with an empty part of its own.
    return isContent(block) || 'thoughtSignature' in signed ? [{ text, ...signed }] : null;
  }
  if (isToolUse(block)) {
    const args = jsonValue(block.input);
    if (typeof args !== 'object' || args === null || Array.isArray(args)) {
      refuse('BAD_ARGUMENTS', piece, 'The arguments of a call are an object');
    }
    names.set(block.id, block.name);
    const functionCall = { id: block.id, name: block.name, args: { ...args } };
    return [{ functionCall, ...signed }];
  }
  if (isToolResult(block)) {
    if (speaker !== 'user') refuse('ROLE_ORDER', piece, 'A result is told by the user');
    return responseParts(piece, block, context);
  }
  if (block.type === 'thinking') {
    const { thinking } = fields;
    if (typeof thinking !== 'string' || !('thoughtSignature' in signed)) {
      return leave(piece, 'a thought without a signature of Gemini');
    }
    return [{ text: thinking, thought: true, ...signed }];
  }
  const media = block.type === 'image' || block.type === 'document' ? mediaOf(block) : null;
  return media === null ? leave(piece, 'Gemini does not know it') : [mediaPart(media, block.type)];
}

function responseParts(
  piece: Piece,
  block: Parameters<typeof resultParts>[1],
  { leave, names, inside }: Context,
): readonly GeminiPart[] {
  const id = block.tool_use_id;
  const told = resultParts(piece, block, leave);
  const text = textOf(told);
  const response = ownResponse(block, text) ?? plainResponse(block, text);
  const made: GeminiFunctionResponse = {
    functionResponse: { id, name: names.get(id) ?? '', response },
  };
  const shown = told.flatMap((part) =>
    part.type === 'text' ? [] : [mediaPart(part.media, part.type)],
  );
  if (inside === 'beside it') return [made, ...shown];
  const inline = shown.filter((part) => 'inlineData' in part);
  if (inline.length > 0) made.functionResponse.parts = inline;
  return [made, ...shown.filter((part) => !('inlineData' in part))];
}

/** The response as Gemini or a tool for it had it, as long as the text is still its own. */
function ownResponse(block: ToolResultBlock, text: string): Record<string, unknown> | null {
  const response: unknown = block['response'];
  if (typeof response !== 'object' || response === null || Array.isArray(response)) return null;
  if (jsonText(response) !== text) return null;
  return jsonValue(response) as Record<string, unknown>;
}

function plainResponse(block: ToolResultBlock, text: string): Record<string, unknown> {
  return block.is_error === true ? { error: text } : { output: text };
}

function mediaPart(media: Media, type: string): GeminiText | GeminiInlineData | GeminiFileData {
  if (media.kind === 'text') return { text: media.text };
  if (media.kind === 'base64') {
    return { inlineData: { mimeType: media.mediaType, data: media.data } };
  }
  const guess = type === 'document' ? 'application/pdf' : null;
  const mimeType = media.mediaType ?? guess;
  return { fileData: { fileUri: media.url, ...(mimeType === null ? {} : { mimeType }) } };
}

/** What Google's documentation gives for calls that no signature can be had for. */
const standIn = 'skip_thought_signature_validator';

/**
 * While the model still works on what the user asked last, the first call of each of its turns
 * carries a signature. Once it answered without a call, none of them is asked for any more.
 */
function signCalls(turns: readonly Turn<readonly GeminiPart[]>[]): void {
  const isAsked = ({ speaker, parts }: Turn<unknown>): boolean =>
    speaker === 'user' && !parts.every(({ piece }) => isToolResult(piece.block));
  const isCall = (part: GeminiPart): part is GeminiFunctionCall => 'functionCall' in part;
  const last = turns.findLast(({ speaker }) => speaker === 'assistant');
  if (last?.parts.some(({ part }) => part.some(isCall)) !== true) return;
  const from = turns.findLastIndex(isAsked);
  for (const { parts } of turns.slice(from + 1)) {
    for (const part of parts.flatMap(({ part: made }) => made)) {
      if (!isCall(part)) continue;
      part.thoughtSignature ??= standIn;
      break;
    }
  }
}
