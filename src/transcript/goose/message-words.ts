/**
 * Messages of goose. A call that the tool could not make out was never sent; what it asked or told
 * its user beside the conversation was not either.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, textOf } from '../json-value.ts';
import { knownBlock } from '../known-block.ts';
import { unreadMembers } from '../unread.ts';
import type { Turn } from '../value-codec.ts';

/** True for a line or a row that is a message of goose. */
export function isGooseMessage(value: JsonObject): boolean {
  return typeof value['role'] === 'string' && Array.isArray(value['content']);
}

/** The message that goose sends for one that it keeps; none for one that only its user sees. */
export function gooseTurns(value: JsonObject): readonly Turn[] {
  const role = asText(value['role']);
  if (role === null || isHidden(value)) return [];
  const unread = isGooseMessage(value) ? null : unreadMembers(value);
  if (unread !== null) return [{ role, content: [], model: null, unread }];
  if (!isGooseMessage(value)) return [];
  return [{ role, content: asList(value['content']).flatMap(blocksOf), model: null }];
}

/** True for a message that is kept, and that the model does not see any more. */
export function isHidden(value: JsonObject): boolean {
  return asObject(value['metadata'])?.['agentVisible'] === false;
}

/** Between goose and its user; no provider is told of it. */
const besides: ReadonlySet<unknown> = new Set([
  'toolConfirmationRequest',
  'actionRequired',
  'systemNotification',
  'conversationCompacted',
]);

function blocksOf(item: unknown): readonly ContentBlock[] {
  const content = asObject(item);
  if (content === null) return [knownBlock(item)];
  if (besides.has(content['type'])) return [];
  switch (content['type']) {
    case 'image':
      return [imageBlock(content)];
    case 'toolRequest':
    case 'frontendToolRequest':
      return callBlocks(content);
    case 'toolResponse':
      return [resultBlock(content)];
    case 'redactedThinking':
      return [{ ...content, type: 'redacted_thinking' } as unknown as ContentBlock];
    default:
      // Text and thinking have the names that blocks have here; the rest keeps its own.
      return [knownBlock(content)];
  }
}

function imageBlock({ data, mimeType }: JsonObject): ContentBlock {
  return { type: 'image', source: { type: 'base64', media_type: mimeType, data } };
}

function callBlocks(content: JsonObject): readonly ContentBlock[] {
  const call = asObject(content['toolCall']);
  const value = asObject(call?.['value']);
  if (value === null) return [];
  const signature = textOf(content, 'thoughtSignature');
  return [
    {
      type: 'tool_use',
      id: textOf(content, 'id') ?? '',
      name: textOf(value, 'name') ?? '',
      input: value['arguments'] ?? {},
      ...(signature === null ? {} : { thought_signature: signature }),
    },
  ];
}

function resultBlock(content: JsonObject): ContentBlock {
  const result = asObject(content['toolResult']);
  const block = { type: 'tool_result', tool_use_id: textOf(content, 'id') ?? '' } as const;
  if (result?.['status'] === 'error') {
    return { ...block, content: textOf(result, 'error') ?? '', is_error: true };
  }
  // Older sessions have the list itself where newer ones have an object around it.
  const value = result?.['value'];
  const items = Array.isArray(value) ? value : asObject(value)?.['content'];
  const isError = asObject(value)?.['isError'] === true;
  const blocks = asList(items).flatMap(resultItem);
  return { ...block, content: blocks, ...(isError ? { is_error: true } : {}) };
}

/** What only the user is shown is not sent. */
function resultItem(item: unknown): readonly ContentBlock[] {
  const content = asObject(item);
  if (content === null) return [knownBlock(item)];
  const audience = asObject(content['annotations'])?.['audience'];
  if (Array.isArray(audience) && !audience.includes('assistant')) return [];
  if (content['type'] === 'image') return [imageBlock(content)];
  const text = textOf(asObject(content['resource']), 'text') ?? textOf(content, 'text');
  return text === null ? [knownBlock(content)] : [{ type: 'text', text }];
}
