/** `ModelMessage[]` of Vercel's AI SDK: the list alone, or `messages` of an object. */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, jsonText, textOf } from '../json-value.ts';
import { knownBlock } from '../known-block.ts';
import type { FormatReader } from '../transcript.ts';
import { mediaBlock, sourceOf } from './media.ts';
import { elementsOf, openRequest } from './request-file.ts';
import type { RequestFormat, Told } from './request-file.ts';

const members = ['messages'];

const format: RequestFormat = {
  format: 'ai-sdk',
  profile: 'openai-chat',
  members,
  decode,
  system: { members: ['system'], decode: systemOf },
};

/** Reads messages of the AI SDK; for those of its user interfaces see `ai-sdk-ui.ts`. */
export const aiSdk: FormatReader = {
  name: 'ai-sdk',
  recognise(first) {
    return elementsOf(first, members).some(isOwn) ? 0.85 : 0;
  },
  open: (source) => openRequest(source, format),
};

/** A call, or its result, as only this SDK writes them. */
function isOwn({ role, content }: JsonObject): boolean {
  if (typeof role !== 'string') return false;
  return asList(content).some((part) => {
    const object = asObject(part);
    const type = textOf(object, 'type') ?? '';
    if (type === 'tool-call' || type === 'tool-result') return 'toolCallId' in (object ?? {});
    return object !== null && 'providerOptions' in object;
  });
}

const roles: ReadonlySet<string> = new Set(['system', 'user', 'assistant', 'tool']);

function decode(message: JsonObject): readonly Told[] | null {
  const { role, content } = message;
  if (typeof role !== 'string' || !roles.has(role)) return null;
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  if (!Array.isArray(parts)) return null;
  const blocks = (parts as readonly unknown[]).map(partBlock);
  return [{ role: role === 'tool' ? 'user' : role, content: blocks, group: null }];
}

/** A text, a message of the system, or several of them. */
function systemOf(value: unknown): Told | null {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  const content = all.flatMap((each) => {
    const message = typeof each === 'string' ? { content: each } : (asObject(each) ?? {});
    return decode({ ...message, role: 'system' })?.flatMap((told) => told.content) ?? [];
  });
  return content.length === 0 ? null : { role: 'system', content, group: null };
}

/** The block that a part says. */
export function partBlock(part: unknown): ContentBlock {
  const object = asObject(part);
  if (typeof object?.['type'] !== 'string') return knownBlock(part);
  switch (object['type']) {
    case 'text':
      return { type: 'text', text: textOf(object, 'text') ?? '', ...signed(object) };
    case 'reasoning':
      return thoughtOf(object);
    case 'tool-call':
      return {
        type: 'tool_use',
        id: textOf(object, 'toolCallId') ?? '',
        name: textOf(object, 'toolName') ?? '',
        input: object['input'] ?? object['args'] ?? {},
        ...signed(object),
      };
    case 'tool-result':
      return resultOf(object);
    default:
      // A part that has no block of its own stays what it is.
      return shownBlock(object) ?? knownBlock(object);
  }
}

/** What a provider wants back, by the name of the provider. */
function optionOf(part: JsonObject, provider: string, member: string): string | null {
  return textOf(asObject(asObject(part['providerOptions'])?.[provider]), member);
}

function signed(part: JsonObject): { readonly thought_signature?: string } {
  const signature = optionOf(part, 'google', 'thoughtSignature');
  return signature === null ? {} : { thought_signature: signature };
}

function thoughtOf(part: JsonObject): ContentBlock {
  const text = textOf(part, 'text') ?? '';
  const data = optionOf(part, 'anthropic', 'redactedData');
  if (data !== null) return { type: 'redacted_thinking', data } as unknown as ContentBlock;
  const id = optionOf(part, 'openai', 'itemId');
  const encrypted = optionOf(part, 'openai', 'reasoningEncryptedContent');
  if (id !== null || encrypted !== null) {
    const summary = text === '' ? [] : [{ type: 'summary_text', text }];
    const own = {
      ...(id === null ? {} : { id }),
      summary,
      ...(encrypted === null ? {} : { encrypted_content: encrypted }),
    };
    return { type: 'reasoning', ...own } as unknown as ContentBlock;
  }
  const signature = optionOf(part, 'anthropic', 'signature');
  const by = signature === null ? {} : { signature };
  return { type: 'thinking', thinking: text, ...by, ...signed(part) };
}

function resultOf(part: JsonObject): ContentBlock {
  const id = textOf(part, 'toolCallId') ?? '';
  const output = asObject(part['output']);
  const type = textOf(output, 'type') ?? '';
  // Before version 5 the answer stood there as it came.
  const value = output === null ? part['result'] : output['value'];
  const isError = type.startsWith('error-') || part['isError'] === true;
  const content =
    type === 'content'
      ? asList(value).map((each) => shownBlock(asObject(each) ?? {}) ?? partBlock(each))
      : (asText(value) ?? jsonText(value ?? null) ?? '');
  const told = { type: 'tool_result', tool_use_id: id, content } as const;
  return isError ? { ...told, is_error: true } : told;
}

/** A picture or a document, in a message or in a result; null for what is neither. */
function shownBlock(part: JsonObject): ContentBlock | null {
  const type = textOf(part, 'type') ?? '';
  const mediaType = textOf(part, 'mediaType', 'mimeType');
  const data = textOf(part, 'image', 'data', 'url');
  if (data === null) return null;
  if (type === 'image' || type === 'image-data' || type === 'image-url') {
    return { type: 'image', source: sourceOf(data, mediaType) };
  }
  const isFile = type === 'file' || type === 'file-data' || type === 'file-url' || type === 'media';
  return isFile ? mediaBlock(data, mediaType, textOf(part, 'filename')) : null;
}
