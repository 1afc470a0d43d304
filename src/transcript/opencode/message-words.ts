/**
 * One message of opencode as messages of a conversation, as its own conversion for the model goes:
 * a step is one message of the assistant, and the results of its tools are a message behind it. A
 * tool that is pending or running has no result; nobody knows how far it came.
 */
import { addAll } from '../../base/lists.ts';
import type { Place, PlacedMessage } from '../../integrity/conversation.ts';
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, jsonText, textOf } from '../json-value.ts';
import { knownBlock, rawBlock } from '../known-block.ts';
import { reasoningBlock } from './reasoning.ts';
import type { PlacedPart, StoredMessage } from './session.ts';
import { timestampOf } from '../timestamp.ts';

/** The messages that one message of the tool gives. */
export function messagesOf(
  message: StoredMessage,
  parts: readonly PlacedPart[],
): readonly PlacedMessage[] {
  const info = message.info();
  const time = timestampOf(asObject(info['time'])?.['created']);
  const timed = (made: readonly PlacedMessage[]): readonly PlacedMessage[] =>
    made.map((one) => ({ ...one, ...time }));
  const { unread } = message;
  if (unread !== undefined && (info['role'] === 'user' || info['role'] === 'assistant')) {
    const { place } = message;
    return timed([{ role: info['role'], content: [], place, places: [], model: null, unread }]);
  }
  if (info['role'] === 'user') return timed(userMessages(message.place, parts));
  if (info['role'] !== 'assistant' || isFailed(info, parts)) return [];
  return timed(assistantMessages(message.place, parts, modelOf(info)));
}

/** The model that a message names. */
export function modelOf(info: JsonObject): string | null {
  return textOf(info, 'modelID') ?? textOf(asObject(info['model']), 'modelID', 'id');
}

/** The provider that a message names. */
export function providerOf(info: JsonObject): string | null {
  return textOf(info, 'providerID') ?? textOf(asObject(info['model']), 'providerID');
}

/** A message that ended in an error is not sent, but for one that a user stopped in the middle. */
function isFailed(info: JsonObject, parts: readonly PlacedPart[]): boolean {
  const error = asObject(info['error']);
  if (error === null) return false;
  const idle = new Set<unknown>(['step-start', 'reasoning']);
  const isStopped = error['name'] === 'MessageAbortedError';
  return !(isStopped && parts.some(({ value }) => !idle.has(value['type'])));
}

/** One message while its blocks are collected. */
class Draft {
  readonly #content: ContentBlock[] = [];
  readonly #places: Place[] = [];

  put(block: ContentBlock, place: Place): void {
    this.#content.push(block);
    this.#places.push(place);
  }

  taken(role: string, place: Place, model: string | null): PlacedMessage[] {
    const [content, places] = [this.#content.splice(0), this.#places.splice(0)];
    return content.length === 0 ? [] : [{ role, content, place, places, model }];
  }
}

function userMessages(place: Place, parts: readonly PlacedPart[]): readonly PlacedMessage[] {
  const draft = new Draft();
  for (const { value, place: at } of parts) {
    const block = userBlock(value);
    if (block !== null) draft.put(block, at);
  }
  return draft.taken('user', place, null);
}

function userBlock(part: JsonObject): ContentBlock | null {
  switch (part['type']) {
    case 'text':
      return textBlock(part);
    case 'file': {
      const mime = textOf(part, 'mime');
      // Text files and folders were put into text parts beside them.
      if (mime === 'text/plain' || mime === 'application/x-directory') return null;
      return fileBlock(part);
    }
    case 'compaction':
      return { type: 'text', text: 'What did we do so far?' };
    case 'subtask':
      return { type: 'text', text: 'The following tool was executed by the user' };
    default:
      return bareBlock(part);
  }
}

function textBlock(part: JsonObject): ContentBlock | null {
  const { text, ignored } = part;
  if (text === undefined || text === null || text === '' || ignored === true) return null;
  return typeof text === 'string' ? { type: 'text', text } : knownBlock({ text });
}

/** What stands among the parts and is none; null for a part. */
function bareBlock(part: JsonObject): ContentBlock | null {
  const block = knownBlock(part);
  return rawBlock(block) === block ? null : block;
}

function fileBlock(part: JsonObject): ContentBlock {
  const data = /^data:([^;,]+);base64,(.*)$/s.exec(textOf(part, 'url') ?? '');
  const [, mime, base64] = data ?? [];
  if (mime?.startsWith('image/') === true) {
    return { type: 'image', source: { type: 'base64', media_type: mime, data: base64 } };
  }
  const { mime: kind, url, filename } = part;
  return { type: 'file', mime: kind, url, filename } as unknown as ContentBlock;
}

function assistantMessages(
  place: Place,
  parts: readonly PlacedPart[],
  model: string | null,
): readonly PlacedMessage[] {
  const messages: PlacedMessage[] = [];
  const said = new Draft();
  const results = new Draft();
  const close = (): void => {
    addAll(messages, said.taken('assistant', place, model));
    addAll(messages, results.taken('user', place, null));
  };
  for (const { value, place: at } of parts) {
    if (value['type'] === 'step-start') close();
    const block =
      value['type'] === 'text' ? textBlock(value) : (bareBlock(value) ?? reasoningBlock(value));
    if (block !== null) said.put(block, at);
    if (value['type'] !== 'tool') continue;
    const call = toolBlocks(value, at.id);
    said.put(call.call, at);
    if (call.result !== null) results.put(call.result, at);
  }
  close();
  return messages;
}

interface ToolBlocks {
  readonly call: ContentBlock;
  readonly result: ContentBlock | null;
}

function toolBlocks(part: JsonObject, partId: string | null): ToolBlocks {
  const state = asObject(part['state']) ?? {};
  const status = textOf(state, 'status');
  // Very old parts have no id for the call; their own is as good, because call and result are one.
  const id = textOf(part, 'callID') ?? partId ?? '';
  const signature = signatureOf(part);
  const call: ContentBlock = {
    type: 'tool_use',
    id,
    name: textOf(part, 'tool') ?? '',
    input: state['input'] ?? {},
    ...(signature === null ? {} : { thought_signature: signature }),
  };
  const result = resultOf(state, id);
  if (result !== null || status === null) return { call, result };
  return { call: { ...call, status }, result };
}

/** What Gemini signs stands in the metadata of its provider. */
function signatureOf(part: JsonObject): string | null {
  const metadata = asObject(part['metadata']);
  return textOf(asObject(metadata?.['google'] ?? metadata?.['vertex']), 'thoughtSignature');
}

function resultOf(state: JsonObject, id: string): ContentBlock | null {
  const result = { type: 'tool_result', tool_use_id: id } as const;
  switch (state['status']) {
    case 'completed':
    case 'success': {
      const isCleared = Boolean(asObject(state['time'])?.['compacted']);
      if (isCleared) return { ...result, content: '[Old tool result content cleared]' };
      return { ...result, content: contentOf(state) };
    }
    case 'error': {
      const metadata = asObject(state['metadata']);
      const partial = metadata?.['interrupted'] === true ? asText(metadata['output']) : null;
      if (partial !== null) return { ...result, content: partial };
      return { ...result, content: textOf(state, 'error') ?? '', is_error: true };
    }
    default:
      return null;
  }
}

function contentOf(state: JsonObject): string | readonly ContentBlock[] {
  const { output } = state;
  const text = asText(output) ?? jsonText(output ?? '') ?? '';
  const files = asList(state['attachments']).map((file) => {
    const part = asObject(file);
    return part === null ? knownBlock(file) : fileBlock(part);
  });
  if (files.length === 0) return text;
  return text === '' ? files : [{ type: 'text', text }, ...files];
}
