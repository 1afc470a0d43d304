/**
 * `UIMessage[]` of Vercel's AI SDK, which chats keep on the client: the list alone, or `messages`
 * of an object. Turned into messages for a model as the SDK's own converter does it: an answer is
 * one message for each of its steps, with the outputs of its tools behind it. Parts that a model
 * never sees (`data-…`, sources, calls whose input was still coming) are passed over, as there.
 * What version 4 wrote is read as well.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, textOf } from '../json-value.ts';
import type { FormatReader } from '../transcript.ts';
import { partBlock } from './ai-sdk.ts';
import { elementsOf, openRequest } from './request-file.ts';
import type { RequestFormat, Told } from './request-file.ts';

const members = ['messages'];

const format: RequestFormat = { format: 'ai-sdk-ui', profile: 'openai-chat', members, decode };

/** Reads messages of the user interfaces of the AI SDK. */
export const aiSdkUi: FormatReader = {
  name: 'ai-sdk-ui',
  recognise(first) {
    const messages = elementsOf(first, members);
    // The last one may be cut where the look ended.
    const isAll = messages.length > 0 && messages.slice(0, -1).every(isMessage);
    const last = messages.at(-1);
    const isLast = last !== undefined && (isMessage(last) || messages.length > 1);
    return isAll && isLast && messages.some((each) => partsOf(each).some(isOwn)) ? 0.85 : 0;
  },
  open: (source) => openRequest(source, format),
};

const roles: ReadonlySet<unknown> = new Set(['system', 'user', 'assistant']);
const ownTypes = /^(?:text|reasoning|file|step-start|dynamic-tool|source-|source$|tool-|data-)/;

/** A message has parts, each of which says its type; those of Gemini do not. */
function isMessage({ role, parts }: JsonObject): boolean {
  if (!roles.has(role) || !Array.isArray(parts)) return false;
  return parts.every((part: unknown) => asText(asObject(part)?.['type']) !== null);
}

function isOwn(part: JsonObject): boolean {
  return ownTypes.test(textOf(part, 'type') ?? '');
}

function partsOf({ parts }: JsonObject): readonly JsonObject[] {
  return asList(parts)
    .map(asObject)
    .filter((part) => part !== null);
}

function decode(message: JsonObject): readonly Told[] | null {
  if (!isMessage(message)) return null;
  const parts = partsOf(message).map(plainPart);
  const role = textOf(message, 'role') ?? '';
  if (role !== 'assistant') {
    const content = parts.flatMap((part) => saidBlock(part) ?? []);
    return [{ role, content, group: null }];
  }
  return stepsOf(parts).flatMap((step): Told[] => {
    const content = step.flatMap(answerBlocks);
    const results = step.flatMap((part) => (isOutside(part) ? (resultBlock(part) ?? []) : []));
    if (content.length + results.length === 0) return [];
    const answer: Told = { role, content, group: null };
    return results.length === 0
      ? [answer]
      : [answer, { role: 'user', content: results, group: null }];
  });
}

/** The parts of each step. */
function stepsOf(parts: readonly JsonObject[]): readonly (readonly JsonObject[])[] {
  const steps: JsonObject[][] = [[]];
  for (const part of parts) {
    if (part['type'] === 'step-start') steps.push([]);
    else steps.at(-1)?.push(part);
  }
  return steps.filter((step) => step.length > 0);
}

/** Version 4 had the call in a member, and other names for its states. */
function plainPart(part: JsonObject): JsonObject {
  const call = asObject(part['toolInvocation']);
  if (part['type'] !== 'tool-invocation' || call === null) return part;
  const { toolCallId, toolName, args, result, state } = call;
  const states: Readonly<Record<string, string>> = {
    result: 'output-available',
    'partial-call': 'input-streaming',
  };
  const now = states[asText(state) ?? ''] ?? 'input-available';
  return { type: 'dynamic-tool', toolCallId, toolName, input: args, output: result, state: now };
}

/** Words, reasoning and files; null for every other part. */
function saidBlock(part: JsonObject): ContentBlock | null {
  const { providerMetadata, type } = part;
  const options = providerMetadata === undefined ? {} : { providerOptions: providerMetadata };
  switch (type) {
    case 'text':
      return partBlock({ ...part, ...options });
    case 'reasoning':
      return partBlock({ type, text: textOf(part, 'text', 'reasoning'), ...options });
    case 'file': {
      const mediaType = textOf(part, 'mediaType', 'mimeType') ?? '';
      const data = textOf(part, 'url', 'data');
      // A picture whose type nobody knew.
      if (mediaType === 'image/*') return partBlock({ type: 'image', image: data });
      return partBlock({ type, data, mediaType, filename: textOf(part, 'filename') ?? undefined });
    }
    default:
      return null;
  }
}

function answerBlocks(part: JsonObject): readonly ContentBlock[] {
  const said = saidBlock(part);
  if (said !== null) return [said];
  if (!isTool(part) || part['state'] === 'input-streaming') return [];
  const result = resultBlock(part);
  const call = partBlock({
    type: 'tool-call',
    toolCallId: part['toolCallId'],
    toolName: nameOf(part),
    input: part['input'] ?? part['rawInput'],
    providerOptions: part['callProviderMetadata'],
  });
  if (result === null) return [{ ...call, status: textOf(part, 'state') ?? 'unknown' }];
  return isOutside(part) ? [call] : [call, result];
}

function isTool(part: JsonObject): boolean {
  const type = textOf(part, 'type') ?? '';
  return type === 'dynamic-tool' || type.startsWith('tool-');
}

function nameOf(part: JsonObject): string {
  const type = textOf(part, 'type') ?? '';
  return type === 'dynamic-tool' ? (textOf(part, 'toolName') ?? '') : type.slice('tool-'.length);
}

/** What the provider itself ran is answered inside the message of its call. */
function isOutside(part: JsonObject): boolean {
  return isTool(part) && part['providerExecuted'] !== true;
}

/** The output of a call; null as long as there is none. */
function resultBlock(part: JsonObject): ContentBlock | null {
  const output = outputOf(part);
  if (output === null) return null;
  return partBlock({ type: 'tool-result', toolCallId: part['toolCallId'], output });
}

function outputOf(part: JsonObject): JsonObject | null {
  switch (part['state']) {
    case 'output-available': {
      const value = part['output'];
      if (typeof value === 'string') return { type: 'text', value };
      return { type: isContent(value) ? 'content' : 'json', value: value ?? null };
    }
    case 'output-error':
      return { type: 'error-text', value: textOf(part, 'errorText') ?? '' };
    case 'output-denied': {
      const reason = textOf(asObject(part['approval']), 'reason');
      return { type: 'error-text', value: reason ?? 'Tool execution denied.' };
    }
    default:
      return null;
  }
}

const contentTypes: ReadonlySet<unknown> = new Set([
  'text',
  'image-data',
  'image-url',
  'file-data',
  'file-url',
]);

/** The parts of which a result for a model is made. */
function isContent(value: unknown): boolean {
  const parts = asList(value);
  return parts.length > 0 && parts.every((part) => contentTypes.has(asObject(part)?.['type']));
}
