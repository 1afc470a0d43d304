/**
 * Blocks as items of the Responses API: the other way of `items.ts`. What an item has and a block
 * does not show stays (`status`, `namespace`, metadata of Codex). A block that says more than an
 * item can say is refused, so that nothing is lost on the way in silence.
 */
import { deepJson, sameValue } from '../../base/deep-json.ts';
import { exactInput } from '../../session/call-input.ts';
import type { ContentBlock } from '../../session/message.ts';
import { refuse, type Piece } from '../changed-items.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText, writtenJson } from '../json-value.ts';
import { rawBlock } from '../known-block.ts';
import { argumentsOf, partsOf, viewItem, type CallKind } from './items.ts';

/** Tells which kind of output a call wants; null when there is no such call. */
export type KindOfCall = (callId: string) => CallKind | null;

const blockMembers: Readonly<Record<string, readonly string[]>> = {
  text: ['text', 'item_id'],
  image: ['source', 'detail', 'item_id'],
  tool_use: ['id', 'name', 'input', 'input_json', 'custom', 'item_id'],
  tool_result: ['tool_use_id', 'content', 'is_error', 'item_id'],
};

/** The id that an item has, as a member to spread. */
function idOf(block: ContentBlock | undefined): { readonly id?: string } {
  const id = asText(asObject(block)?.['item_id']);
  return id === null ? {} : { id };
}

/** The item with the id of the block that stands for it. */
function withId(item: JsonObject, block: ContentBlock): JsonObject {
  const { id } = idOf(block);
  if (id === item['id']) return item;
  const { id: _, ...others } = item;
  return id === undefined ? others : { ...others, id };
}

/** The block as an object whose members Codex has words for. */
function sayable(block: ContentBlock): JsonObject {
  const object = block as JsonObject;
  const known = blockMembers[block.type];
  const odd = Object.keys(object).find(
    (name) => name !== 'type' && known?.includes(name) === false,
  );
  if (odd !== undefined) refuse(`Codex has no words for ${odd} of a ${block.type} block`);
  return object;
}

function isPart(block: ContentBlock): boolean {
  return block.type === 'text' || block.type === 'image';
}

function madePart(block: ContentBlock, role: string): JsonObject {
  const said = sayable(block);
  if (block.type === 'text') {
    return { type: role === 'assistant' ? 'output_text' : 'input_text', text: said['text'] };
  }
  const source = asObject(said['source']);
  const detail = said['detail'] === undefined ? {} : { detail: said['detail'] };
  const url = asText(source?.['url']);
  const data = asText(source?.['data']);
  if (source?.['type'] === 'url' && url !== null) {
    return { type: 'input_image', image_url: url, ...detail };
  }
  if (source?.['type'] !== 'base64' || data === null) refuse('Codex has no words for this image');
  const image_url = `data:${asText(source['media_type']) ?? ''};base64,${data}`;
  return { type: 'input_image', image_url, ...detail };
}

function madeOutput(content: unknown): unknown {
  if (content === undefined) return '';
  if (!Array.isArray(content)) return content;
  return content.map((part: ContentBlock) =>
    isPart(part) ? madePart(part, 'user') : rawBlock(part),
  );
}

/** The output of a search is a list of tools; ours has a text too, which Codex skips. */
function searchText(content: unknown): string {
  const only: unknown = Array.isArray(content) && content.length === 1 ? content[0] : undefined;
  return asText(content) ?? asText(asObject(only)?.['text']) ?? deepJson(content ?? '') ?? '';
}

function madeArguments(input: unknown): string {
  if (typeof input !== 'string') return deepJson(input) ?? 'null';
  return argumentsOf(input) === input ? input : writtenJson(input);
}

function freeText(block: JsonObject): unknown {
  const input = asObject(block['input']);
  if (input === null || Object.keys(input).join() !== 'input') {
    refuse('The input of a free-form tool is one text');
  }
  return input['input'];
}

function madeCall(block: ContentBlock): JsonObject {
  const { id, name, input, custom } = sayable(block);
  if (custom === true) {
    const text = freeText(sayable(block));
    const head = { type: 'custom_tool_call', ...idOf(block), status: 'completed' };
    return { ...head, call_id: id, name, input: text };
  }
  const args = exactInput(block) ?? madeArguments(input);
  return { type: 'function_call', ...idOf(block), name, arguments: args, call_id: id };
}

function madeResult(block: ContentBlock, kindOf: KindOfCall): JsonObject {
  const { tool_use_id: id, content, is_error: isError } = sayable(block);
  const status = isError === true ? { status: 'incomplete' } : {};
  const output = madeOutput(content);
  switch (kindOf(asText(id) ?? '')) {
    case 'tool-search': {
      const state = { status: isError === true ? 'incomplete' : 'completed', execution: 'client' };
      const found = { tools: [], output: searchText(content) };
      return { type: 'tool_search_output', call_id: id, ...state, ...found };
    }
    case 'custom':
      return { type: 'custom_tool_call_output', ...idOf(block), call_id: id, ...status, output };
    case 'function':
    case null:
      return { type: 'function_call_output', ...idOf(block), call_id: id, ...status, output };
  }
}

/** An item for a block that is no part of a message. */
function madeItem(block: ContentBlock, kindOf: KindOfCall): JsonObject {
  switch (block.type) {
    case 'tool_use':
      return madeCall(block);
    case 'tool_result':
      return madeResult(block, kindOf);
    case 'thinking':
    case 'redacted_thinking':
      return refuse(`Codex has no words for a ${block.type} block`);
    default:
      return block as JsonObject;
  }
}

/** Items for the blocks of a new message; texts in a row are one item. */
export function madeItems(
  role: string,
  blocks: readonly ContentBlock[],
  kindOf: KindOfCall,
): JsonObject[] {
  const pieces = blocks.map((block): Piece => ({ kind: 'new', block }));
  if (pieces.length === 0) return [{ type: 'message', role, content: [] }];
  return itemsOf({ type: 'message', role }, pieces, kindOf);
}

function replacedCall(item: JsonObject, block: ContentBlock): JsonObject {
  const { id, name, input } = sayable(block);
  switch (item['type']) {
    case 'custom_tool_call':
      return { ...item, call_id: id, name, input: freeText(sayable(block)) };
    case 'function_call': {
      const isSame = sameValue(argumentsOf(item['arguments']), input);
      const args = isSame ? item['arguments'] : (exactInput(block) ?? madeArguments(input));
      return { ...item, name, arguments: args, call_id: id };
    }
    case 'local_shell_call':
      if (name !== 'local_shell') refuse('The tool of a local shell call has no other name');
      return { ...item, call_id: id, action: input };
    default:
      if (name !== 'tool_search') refuse('The tool of a search call has no other name');
      return { ...item, call_id: id, arguments: input };
  }
}

function replacedResult(item: JsonObject, block: ContentBlock): JsonObject {
  const { tool_use_id: id, content, is_error: isError } = sayable(block);
  const old = asObject(viewItem(item)?.blocks[0]);
  const isHeld = sameValue(old?.['content'], content) && isError === old?.['is_error'];
  if (isHeld) return { ...item, call_id: id };
  const { status, ...rest } = item;
  const kept = status === undefined || status === 'incomplete' ? {} : { status };
  const state = isError === true ? { status: 'incomplete' } : kept;
  const output = item['type'] === 'tool_search_output' ? searchText(content) : madeOutput(content);
  return { ...rest, ...state, call_id: id, output };
}

/** The item of a single block, with another block in its stead; null when it cannot hold it. */
function replacedItem(item: JsonObject, block: ContentBlock): JsonObject | null {
  const old = viewItem(item)?.blocks[0];
  if (old?.type !== block.type) return null;
  if (block.type === 'tool_use') return withId(replacedCall(item, block), block);
  if (block.type === 'tool_result') return withId(replacedResult(item, block), block);
  return block as JsonObject;
}

/** What stands where an item stood, for its pieces after the edits. */
export function itemsOf(
  item: JsonObject,
  pieces: readonly Piece[],
  kindOf: KindOfCall,
): JsonObject[] {
  return new ItemMaker(item, kindOf).made(pieces);
}

class ItemMaker {
  readonly #item: JsonObject;
  readonly #kindOf: KindOfCall;
  readonly #isMessage: boolean;
  readonly #role: string;
  readonly #oldParts: readonly unknown[];
  readonly #made: JsonObject[] = [];
  #content: unknown[] = [];
  /** The id of the message item that is being made; only the first keeps the old one. */
  #id: { readonly id?: string } = {};
  #isFirst = true;

  constructor(item: JsonObject, kindOf: KindOfCall) {
    this.#item = item;
    this.#kindOf = kindOf;
    this.#isMessage = item['type'] === 'message';
    this.#role = asText(item['role']) ?? viewItem(item)?.role ?? 'user';
    this.#oldParts = this.#isMessage ? partsOf(item) : [];
  }

  made(pieces: readonly Piece[]): JsonObject[] {
    for (const piece of pieces) {
      const part = this.#part(piece);
      if (part !== undefined) {
        if (this.#content.length === 0) this.#id = this.#idAt(piece);
        this.#content.push(part);
        continue;
      }
      this.#flush();
      this.#made.push(this.#other(piece));
    }
    this.#flush();
    return this.#made;
  }

  #idAt(piece: Piece): { readonly id?: string } {
    const own = idOf(piece.block);
    const kept = asText(this.#item['id']);
    const isKept = this.#isFirst && piece.kind === 'kept' && piece.part > 0 && kept !== null;
    return isKept ? { id: kept } : own;
  }

  /** The piece as a part of a message; undefined when it is an item of its own. */
  #part(piece: Piece): unknown {
    const { block } = piece;
    const old = piece.kind === 'new' ? undefined : this.#oldParts[piece.part];
    if (this.#isMessage && piece.kind === 'kept') return old;
    const isSameType = asObject(old)?.['type'] === block.type;
    if (!isPart(block)) return isSameType ? block : undefined;
    if (piece.kind === 'kept') return undefined;
    const { type, text } = asObject(old) ?? {};
    const isText = block.type === 'text' && typeof type === 'string' && typeof text === 'string';
    return isText
      ? { ...asObject(old), text: sayable(block)['text'] }
      : madePart(block, this.#role);
  }

  #other(piece: Piece): JsonObject {
    if (piece.kind === 'kept') return this.#item;
    const isOwn = piece.kind === 'replaced' && !this.#isMessage;
    const held = isOwn ? replacedItem(this.#item, piece.block) : null;
    return held ?? madeItem(piece.block, this.#kindOf);
  }

  #flush(): void {
    if (this.#content.length === 0) return;
    const { id: _, content: __, ...rest } = this.#item;
    const base = this.#isMessage ? rest : {};
    const head = { type: 'message', ...this.#id, role: this.#role };
    this.#made.push({ ...head, ...base, content: this.#content });
    this.#isFirst = false;
    this.#content = [];
  }
}
