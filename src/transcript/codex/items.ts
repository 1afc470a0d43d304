/**
 * The items of the Responses API, as Codex keeps them, in the blocks of a conversation. What Codex
 * does not send to a model is no part of it: `ghost_snapshot`, triggers, messages of role `system`.
 * Texts that Codex shortens when it sends them are whole here.
 *
 * `item_id` on the first block of an item is the id that the provider gave it; a raw item has its
 * own.
 *
 * `status: "incomplete"` on an output is how a result says that it is an error: Codex itself has no
 * word for that, and skips members that it does not know.
 */
import { deepJson } from '../../base/deep-json.ts';
import type { ContentBlock } from '../../session/message.ts';
import { exactTextOf } from '../raw-arguments.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { knownBlock } from '../known-block.ts';
import { loneBlock } from '../lone-content.ts';
import { unreadMembers } from '../unread.ts';

/** Consecutive items of one group make one message; those of `alone` stand by themselves. */
export type ItemGroup = 'assistant' | 'results' | 'alone';

/** One item as part of a conversation. */
export interface ItemView {
  readonly role: string;
  readonly group: ItemGroup;
  readonly blocks: readonly ContentBlock[];
  readonly id: string | null;
  /** Of an item without blocks: what it says in other words. */
  readonly unread?: JsonObject;
}

/** Which kind of output a call wants. */
export type CallKind = 'function' | 'custom' | 'tool-search';

/** A value as a block: members that are not known stay as they came. */
function asBlock(value: unknown): ContentBlock {
  return value as ContentBlock;
}

function imageBlock(part: JsonObject): ContentBlock | null {
  const url = asText(part['image_url']);
  if (url === null) return null;
  const detail = part['detail'] === undefined ? {} : { detail: part['detail'] };
  const data = /^data:([^;,]+);base64,(.*)$/s.exec(url);
  const source =
    data === null ? { type: 'url', url } : { type: 'base64', media_type: data[1], data: data[2] };
  return { type: 'image', source, ...detail };
}

/** One part of a message or of an output. */
export function partBlock(part: unknown): ContentBlock {
  const object = asObject(part);
  const type = asText(object?.['type']);
  if (object === null || type === null) return knownBlock(part);
  const text = asText(object['text']);
  const isText = type === 'input_text' || type === 'output_text' || type === 'text';
  if (isText && text !== null) return { type: 'text', text };
  const image = type === 'input_image' ? imageBlock(object) : null;
  return image ?? knownBlock(part);
}

/** The parts of a message item, also where its content is one text. */
export function partsOf(item: JsonObject): readonly unknown[] {
  const { content } = item;
  if (Array.isArray(content)) return content as readonly unknown[];
  const lone = loneBlock(content);
  if (typeof content !== 'string') return lone === null ? [] : [lone];
  return [{ type: item['role'] === 'assistant' ? 'output_text' : 'input_text', text: content }];
}

/** Arguments as a value; what is no JSON stays the text that it was. */
export function argumentsOf(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? '';
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** What an output says, as the content of a result. */
export function outputContent(output: unknown): string | readonly ContentBlock[] {
  if (typeof output === 'string') return output;
  if (Array.isArray(output)) return output.map(partBlock);
  const object = asObject(output);
  if (object === null)
    return output === null || output === undefined ? '' : (deepJson(output) ?? '');
  const content = asText(object['content']);
  if (content !== null) return content;
  return typeof object['type'] === 'string' ? [partBlock(object)] : (deepJson(object) ?? '');
}

/** The block with the id of its item. */
function identified(item: JsonObject, block: ContentBlock): ContentBlock {
  const id = asText(item['id']);
  return id === null ? block : ({ ...block, item_id: id } as ContentBlock);
}

function resultBlock(item: JsonObject, content: string | readonly ContentBlock[]): ContentBlock {
  const isError =
    item['status'] === 'incomplete' || asObject(item['output'])?.['success'] === false;
  const id = asText(item['call_id']) ?? '';
  const result = { type: 'tool_result', tool_use_id: id, content } as const;
  return isError ? { ...result, is_error: true } : result;
}

function assistantView(item: JsonObject, block: ContentBlock): ItemView {
  return { role: 'assistant', group: 'assistant', blocks: [block], id: asText(item['id']) };
}

function resultView(item: JsonObject, content: string | readonly ContentBlock[]): ItemView {
  const blocks = [identified(item, resultBlock(item, content))];
  return { role: 'user', group: 'results', blocks, id: asText(item['id']) };
}

function messageGroup(item: JsonObject): ItemGroup | null {
  if (item['role'] === 'system') return null;
  return item['role'] === 'assistant' && partsOf(item).length > 0 ? 'assistant' : 'alone';
}

function messageView(item: JsonObject, group: ItemGroup): ItemView {
  const role = asText(item['role']) ?? 'user';
  const [first, ...more] = partsOf(item).map(partBlock);
  const blocks = first === undefined ? [] : [identified(item, first), ...more];
  const unread = blocks.length === 0 ? unreadMembers(item) : null;
  const view = { role, group, blocks, id: asText(item['id']) };
  return unread === null ? view : { ...view, unread };
}

/** True for a search of tools that Codex itself answers; others are answered by the provider. */
function isOwnSearch(item: JsonObject): boolean {
  return typeof item['call_id'] === 'string' && item['execution'] !== 'server';
}

function searchOutput(item: JsonObject): string {
  return asText(item['output']) ?? deepJson(item['tools'] ?? []) ?? '';
}

function callBlock(item: JsonObject): ContentBlock {
  const id = asText(item['call_id']) ?? asText(item['id']) ?? '';
  const name = asText(item['name']) ?? '';
  switch (item['type']) {
    case 'custom_tool_call':
      return { type: 'tool_use', id, name, input: { input: item['input'] ?? '' }, custom: true };
    case 'local_shell_call':
      return { type: 'tool_use', id, name: 'local_shell', input: item['action'] ?? {} };
    case 'tool_search_call':
      return { type: 'tool_use', id, name: 'tool_search', input: item['arguments'] ?? {} };
    default:
      return {
        type: 'tool_use',
        id,
        name,
        input: argumentsOf(item['arguments']),
        ...exactTextOf(item['arguments']),
      };
  }
}

/** What an item is part of; null when Codex does not send it. Looks at no text. */
export function groupOf(item: JsonObject): ItemGroup | null {
  switch (item['type']) {
    case 'message':
      return messageGroup(item);
    case 'function_call_output':
    case 'custom_tool_call_output':
      return 'results';
    case 'tool_search_output':
      return isOwnSearch(item) ? 'results' : 'assistant';
    case 'agent_message':
      return 'alone';
    case 'ghost_snapshot':
    case 'compaction_trigger':
    // No item of any version, but names that blocks have here: nobody shall take them for those.
    case 'text':
    case 'image':
    case 'thinking':
    case 'redacted_thinking':
    case 'tool_use':
    case 'tool_result':
      return null;
    default:
      return typeof item['type'] === 'string' ? 'assistant' : null;
  }
}

/** The item as part of the conversation; null when Codex does not send it. */
export function viewItem(item: JsonObject): ItemView | null {
  const group = groupOf(item);
  if (group === null) return null;
  switch (item['type']) {
    case 'message':
      return messageView(item, group);
    case 'function_call':
    case 'custom_tool_call':
    case 'local_shell_call':
      return assistantView(item, identified(item, callBlock(item)));
    case 'tool_search_call':
      if (!isOwnSearch(item)) return assistantView(item, asBlock(item));
      return assistantView(item, identified(item, callBlock(item)));
    case 'tool_search_output':
      if (group === 'assistant') return assistantView(item, asBlock(item));
      return resultView(item, searchOutput(item));
    case 'agent_message':
      return { role: 'user', group, blocks: [asBlock(item)], id: asText(item['id']) };
    default:
      return group === 'results'
        ? resultView(item, outputContent(item['output']))
        : assistantView(item, asBlock(item));
  }
}

/** The call that an item makes and the kind of output that it wants; null when it makes none. */
export function callOf(item: JsonObject): { id: string; kind: CallKind } | null {
  const view = viewItem(item);
  const block = view?.blocks[0];
  if (block?.type !== 'tool_use' || item['type'] === 'message') return null;
  const id = asText(block.id) ?? '';
  if (item['type'] === 'custom_tool_call') return { id, kind: 'custom' };
  return { id, kind: item['type'] === 'tool_search_call' ? 'tool-search' : 'function' };
}
