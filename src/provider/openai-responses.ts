/**
 * A conversation as the `input` items of OpenAI's Responses API, for a request that stores
 * nothing.
 *
 * Valid by construction: every call has one output behind it; a reasoning item is sent only with
 * its encrypted content and only where the item that it belongs to follows, because the API
 * refuses it alone. Ids of stored items are not sent but for those of reasoning: the API would
 * look them up. Reasoning of other providers is left out. Whether an output is an error is told by
 * its words only. Arrays are mutable, because those of the SDK are. Pure.
 */
import { asWords } from '../base/deep-json.ts';
import type { PlacedMessage } from '../integrity/conversation.ts';
import { isContent } from '../integrity/rules/rule.ts';
import { isSignature } from '../integrity/rules/thinking.ts';
import { isToolResult, isToolUse } from '../session/blocks.ts';
import { exactInput } from '../session/call-input.ts';
import { callRulesOf, requireLaterResults } from './calls.ts';
import { leaving, refuse } from './exported.ts';
import type { Exported, ExportOptions, Leave } from './exported.ts';
import { mediaOf, urlOf } from './media.ts';
import type { Media } from './media.ts';
import type { Piece } from './piece.ts';
import { jsonText, rawInput, resultParts, textOf } from './results.ts';
import { isForeign, modelOf, piecesOf } from './turns.ts';

/** Words. */
export interface ResponsesText {
  type: 'input_text';
  text: string;
}

/** A picture; an address, or `data:` with the bytes. */
export interface ResponsesImage {
  type: 'input_image';
  image_url: string;
  detail: 'auto';
}

/** A document; an address, or `data:` with the bytes. */
export type ResponsesFile =
  | { type: 'input_file'; filename: string; file_data: string }
  | { type: 'input_file'; file_url: string };

/** What a message or an output is made of. */
export type ResponsesContent = ResponsesText | ResponsesImage | ResponsesFile;

/** Words or more. */
export type ResponsesSaid = string | ResponsesContent[];

/** Reasoning that only the provider can read in full. */
export interface ResponsesReasoning {
  type: 'reasoning';
  id: string;
  summary: { type: 'summary_text'; text: string }[];
  encrypted_content: string;
}

/** One item. */
export type ResponsesItem =
  | { type: 'message'; role: 'system' | 'user'; content: ResponsesSaid }
  | { type: 'message'; role: 'assistant'; content: string }
  | { type: 'function_call'; call_id: string; name: string; arguments: string }
  | { type: 'function_call_output'; call_id: string; output: ResponsesSaid }
  | { type: 'custom_tool_call'; call_id: string; name: string; input: string }
  | { type: 'custom_tool_call_output'; call_id: string; output: ResponsesSaid }
  | ResponsesReasoning;

const callRules = callRulesOf('openai-responses');

/** The conversation for the Responses API. Throws INVALID at what the API would refuse. */
export function toOpenAiResponses(
  messages: readonly PlacedMessage[],
  options: ExportOptions = {},
): Exported<ResponsesItem[]> {
  const { leftOut, leave } = leaving();
  const pieces = [...piecesOf(messages)];
  requireLaterResults(pieces, callRules);
  const items = new Items(leave, modelOf(messages, options));
  for (const piece of pieces) items.add(piece);
  return { value: items.finish(), leftOut };
}

class Items {
  readonly #leave: Leave;
  readonly #goesOn: string | null;
  readonly #items: ResponsesItem[] = [];
  /** Calls of custom tools: their outputs have a type of their own. */
  readonly #custom: Set<string> = new Set();
  /** Ids of reasoning: the API refuses one that comes twice. */
  readonly #ids: Set<string> = new Set();
  /** Reasoning whose item has not come yet. */
  #thoughts: { readonly piece: Piece; readonly item: ResponsesReasoning }[] = [];
  /** What one message of the user or the system says, until the next one begins. */
  #saying: { readonly piece: Piece; readonly content: ResponsesContent[] } | null = null;

  constructor(leave: Leave, goesOn: string | null) {
    this.#leave = leave;
    this.#goesOn = goesOn;
  }

  finish(): ResponsesItem[] {
    this.#dropThoughts();
    this.#endSaying();
    return this.#items;
  }

  add(piece: Piece): void {
    if (piece.speaker !== 'assistant') {
      this.#dropThoughts();
      this.#told(piece);
      return;
    }
    const { block } = piece;
    const fields = block as Readonly<Record<string, unknown>>;
    if (block.type === 'text' && typeof fields['text'] === 'string') {
      if (!isContent(block)) return;
      this.#push({ type: 'message', role: 'assistant', content: fields['text'] });
    } else if (isToolUse(block)) this.#call(block.id, fields);
    else if (isToolResult(block)) refuse('ROLE_ORDER', piece, 'A result is told by the user');
    else if (block.type === 'reasoning') this.#reasoning(piece, fields);
    else this.#leave(piece, 'the Responses API does not know it in a message of the assistant');
  }

  #push(item: ResponsesItem): void {
    this.#endSaying();
    for (const { item: thought } of this.#thoughts) this.#items.push(thought);
    this.#thoughts = [];
    this.#items.push(item);
  }

  #call(id: string, block: Readonly<Record<string, unknown>>): void {
    const { name, input, custom } = block;
    const named = { call_id: id, name: asWords(name) };
    if (custom === true) {
      this.#custom.add(id);
      this.#push({ type: 'custom_tool_call', ...named, input: rawInput(input) });
    } else {
      const text = exactInput(block) ?? (typeof input === 'string' ? input : jsonText(input));
      this.#push({ type: 'function_call', ...named, arguments: text });
    }
  }

  #reasoning(piece: Piece, fields: Readonly<Record<string, unknown>>): void {
    const { id, summary, encrypted_content: encrypted } = fields;
    if (isForeign(piece, this.#goesOn)) this.#leave(piece, 'reasoning of another model');
    else if (!isSignature(encrypted)) {
      this.#leave(piece, 'reasoning without its encrypted content');
    } else if (typeof id !== 'string') {
      // The types of the SDK ask for one, and none may be made up.
      this.#leave(piece, 'reasoning without its id');
    } else if (this.#ids.has(id)) refuse('DUPLICATE_ITEM_ID', piece, 'Ids of items differ');
    else {
      this.#ids.add(id);
      const texts = Array.isArray(summary) ? summary.flatMap(summaryText) : [];
      const item = { type: 'reasoning', id, summary: texts, encrypted_content: encrypted } as const;
      this.#thoughts.push({ piece, item });
    }
  }

  /** Reasoning whose item never came: the API would refuse it alone. */
  #dropThoughts(): void {
    for (const { piece } of this.#thoughts) this.#leave(piece, 'reasoning without its item');
    this.#thoughts = [];
  }

  /** A block of the user or the system. */
  #told(piece: Piece): void {
    const { block, speaker } = piece;
    if (isToolResult(block)) {
      if (speaker !== 'user') refuse('ROLE_ORDER', piece, 'A result is told by the user');
      this.#endSaying();
      const id = block.tool_use_id;
      const output = this.#output(piece, block);
      const type = this.#custom.has(id) ? 'custom_tool_call_output' : 'function_call_output';
      this.#items.push({ type, call_id: id, output });
      return;
    }
    const part = this.#content(piece);
    if (part === null) return;
    if (this.#saying?.piece.message !== piece.message) {
      this.#endSaying();
      this.#saying = { piece, content: [] };
    }
    this.#saying.content.push(part);
  }

  #endSaying(): void {
    if (this.#saying === null) return;
    const { piece, content } = this.#saying;
    this.#saying = null;
    const role = piece.speaker === 'system' ? 'system' : 'user';
    this.#items.push({ type: 'message', role, content: saidOf(content) });
  }

  #content(piece: Piece): ResponsesContent | null {
    const { block } = piece;
    const { text, title } = block as Readonly<Record<string, unknown>>;
    if (block.type === 'text') {
      if (typeof text !== 'string') return this.#leave(piece, 'a text without words');
      return isContent(block) ? { type: 'input_text', text } : null;
    }
    const media = block.type === 'image' || block.type === 'document' ? mediaOf(block) : null;
    if (media === null) return this.#leave(piece, 'the Responses API does not know it');
    return mediaPart(media, block.type, title);
  }

  #output(piece: Piece, block: Parameters<typeof resultParts>[1]): ResponsesSaid {
    const parts = resultParts(piece, block, this.#leave);
    if (parts.length === 0) return '';
    if (parts.length === 1 && parts[0]?.type === 'text') return textOf(parts);
    return parts.map((part) =>
      part.type === 'text'
        ? { type: 'input_text', text: part.text }
        : mediaPart(part.media, part.type, null),
    );
  }
}

function saidOf(content: ResponsesContent[]): ResponsesSaid {
  const [only] = content;
  return content.length === 1 && only?.type === 'input_text' ? only.text : content;
}

function mediaPart(media: Media, type: string, title: unknown): ResponsesContent {
  if (media.kind === 'text') return { type: 'input_text', text: media.text };
  if (type === 'image') return { type: 'input_image', image_url: urlOf(media), detail: 'auto' };
  if (media.kind === 'url') return { type: 'input_file', file_url: media.url };
  const filename = typeof title === 'string' && title !== '' ? title : 'document.pdf';
  return { type: 'input_file', filename, file_data: urlOf(media) };
}

function summaryText(value: unknown): ResponsesReasoning['summary'] {
  const { type, text } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return type === 'summary_text' && typeof text === 'string' ? [{ type, text }] : [];
}
