/**
 * The `input` items of OpenAI's Responses API: the list alone, or the body of a request. Items in a
 * row that one answer of the model is made of are one message, and outputs in a row another.
 */
import type { ContentBlock } from '../../session/message.ts';
import { partBlock, partsOf, viewItem } from '../codex/items.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText, textOf } from '../json-value.ts';
import { isChat, isItemPart } from '../messages/recognise.ts';
import type { FormatReader } from '../transcript.ts';
import { mediaBlock } from './media.ts';
import { elementsOf, openRequest } from './request-file.ts';
import type { RequestFormat, Told } from './request-file.ts';

const members = ['input'];

const format: RequestFormat = {
  format: 'openai-responses',
  profile: 'openai-responses',
  members,
  decode,
  system: { members: ['instructions'], decode: instructionsOf },
};

/** Reads items of the Responses API. */
export const openaiResponses: FormatReader = {
  name: 'openai-responses',
  recognise(first) {
    const items = elementsOf(first, members);
    const known = items.filter(isItem);
    // The last one may be cut where the look ended.
    const isAll = known.length > 0 && known.length >= items.length - 1;
    if (items.some(isChat) && !known.some(({ type }) => itemTypes.has(type))) return 0;
    return isAll && known.some(isOwn) ? 0.85 : 0;
  },
  open: (source) => openRequest(source, format),
};

const itemTypes: ReadonlySet<unknown> = new Set([
  'function_call',
  'function_call_output',
  'custom_tool_call',
  'custom_tool_call_output',
  'reasoning',
  'item_reference',
]);
const roles: ReadonlySet<unknown> = new Set(['user', 'assistant', 'system', 'developer']);

function isItem(item: JsonObject): boolean {
  return itemTypes.has(item['type']) || isMessage(item) || /_call(?:_output)?$/.test(typeOf(item));
}

/** Items that nothing but this interface has. */
function isOwn(item: JsonObject): boolean {
  if (itemTypes.has(item['type'])) return true;
  if (!isMessage(item)) return false;
  const types = partsOf(item).map((part) => typeOf(asObject(part) ?? {}));
  const isParts = Array.isArray(item['content']) && types.some(isItemPart);
  return isParts || item['type'] === 'message';
}

function isMessage(item: JsonObject): boolean {
  const isTyped = item['type'] === 'message' || item['type'] === undefined;
  const { content } = item;
  const isSaid = typeof content === 'string' || Array.isArray(content);
  return isTyped && isSaid && roles.has(item['role']);
}

function typeOf(item: JsonObject): string {
  return textOf(item, 'type') ?? '';
}

function decode(item: JsonObject): readonly Told[] | null {
  if (!isItem(item)) return null;
  const role = item['role'];
  if (isMessage(item) && role !== 'assistant') {
    const isSystem = role === 'system' || role === 'developer';
    const content = partsOf(item).map((part) => shown(partBlock(part)));
    return [{ role: isSystem ? 'system' : 'user', content, group: null }];
  }
  const view = viewItem({ ...item, type: item['type'] ?? 'message' });
  if (view === null) return null;
  const group = view.group === 'alone' ? null : view.group;
  return [{ role: view.role, content: view.blocks.map(withShown), group }];
}

/** A text, or, as a response tells them, items of messages. */
function instructionsOf(value: unknown): Told | null {
  const content = Array.isArray(value)
    ? value.flatMap((item) => partsOf(asObject(item) ?? {}).map((part) => shown(partBlock(part))))
    : textBlocks(asText(value));
  return content.length === 0 ? null : { role: 'system', content, group: null };
}

function textBlocks(text: string | null): ContentBlock[] {
  return text === null || text === '' ? [] : [{ type: 'text', text }];
}

function withShown(block: ContentBlock): ContentBlock {
  if (block.type !== 'tool_result' || !Array.isArray(block['content'])) return block;
  const content = (block['content'] as readonly ContentBlock[]).map(shown);
  return { ...block, content } as ContentBlock;
}

/** A file is a document; `auto` is how a picture is shown that asks for nothing else. */
function shown(block: ContentBlock): ContentBlock {
  const fields = block as unknown as JsonObject;
  if (block.type === 'image' && fields['detail'] === 'auto') {
    const { detail: _, ...image } = fields;
    return image as ContentBlock;
  }
  if (block.type !== 'input_file') return block;
  const data = textOf(fields, 'file_data', 'file_url');
  return data === null ? block : mediaBlock(data, null, textOf(fields, 'filename'));
}
