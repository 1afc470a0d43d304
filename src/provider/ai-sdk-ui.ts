/**
 * A conversation as `UIMessage[]` of Vercel's AI SDK, the shape that chats keep on the client.
 *
 * It is made from the model messages, so it holds what they hold: an answer of the assistant with
 * all of its steps is one message, and a call and its result are one part. Ids are numbered, so the
 * same history has the same ones. Pictures in results become part of the output, as data. Pure.
 */
import { addAll } from '../base/lists.ts';
import { unreachable } from '../base/assert.ts';
import type { PlacedMessage } from '../integrity/conversation.ts';
import { toAiSdk } from './ai-sdk.ts';
import type { AiFile, AiImage, AiMessage, AiOutput, AiText, AiToolCall } from './ai-sdk.ts';
import type { Exported, ExportOptions } from './exported.ts';
import type { AiProviderOptions, AiReasoning } from './reasoning.ts';

/** Words. */
export interface UiText {
  type: 'text';
  text: string;
  state: 'done';
  providerMetadata?: AiProviderOptions;
}

/** Reasoning. */
export interface UiReasoning {
  type: 'reasoning';
  text: string;
  state: 'done';
  providerMetadata?: AiProviderOptions;
}

/** A picture or a document; an address, or `data:` with the bytes. */
export interface UiFile {
  type: 'file';
  mediaType: string;
  url: string;
  filename?: string;
}

/** A call with its result. */
export type UiTool = {
  type: 'dynamic-tool';
  toolName: string;
  toolCallId: string;
  input: unknown;
  callProviderMetadata?: AiProviderOptions;
} & ({ state: 'output-available'; output: unknown } | { state: 'output-error'; errorText: string });

/** Where a step of the assistant begins. */
export interface UiStep {
  type: 'step-start';
}

/** What a message is made of. */
export type UiPart = UiText | UiReasoning | UiFile | UiTool | UiStep;

/** One message. */
export interface UiMessage {
  id: string;
  role: 'system' | 'user' | 'assistant';
  parts: UiPart[];
}

/** The conversation for `useChat` and its kin. Throws INVALID where the SDK would throw. */
export function toAiSdkUi(
  messages: readonly PlacedMessage[],
  options: ExportOptions = {},
): Exported<UiMessage[]> {
  const { value, leftOut } = toAiSdk(messages, options);
  const made: UiMessage[] = [];
  for (const [index, message] of value.entries()) {
    if (message.role === 'tool') continue;
    const before = made.at(-1);
    const parts = partsOf(message, outputsBehind(value, index));
    // Results of tools stand between the steps of one answer; they are parts of their calls here.
    if (message.role === 'assistant' && before?.role === 'assistant') addAll(before.parts, parts);
    else made.push({ id: `message-${made.length + 1}`, role: message.role, parts });
  }
  return { value: made, leftOut };
}

/** What answers the calls of this message: an id may come back in another turn. */
function outputsBehind(
  messages: readonly AiMessage[],
  index: number,
): ReadonlyMap<string, AiOutput> {
  let at = index + 1;
  while (messages[at]?.role === 'assistant') at += 1;
  const answer = messages[at];
  if (answer?.role !== 'tool') return new Map();
  return new Map(answer.content.map(({ toolCallId, output }) => [toolCallId, output]));
}

function partsOf(
  message: Exclude<AiMessage, { role: 'tool' }>,
  outputs: ReadonlyMap<string, AiOutput>,
): UiPart[] {
  const { role, content } = message;
  if (typeof content === 'string') {
    const said: UiText = { type: 'text', text: content, state: 'done' };
    return role === 'assistant' ? [{ type: 'step-start' }, said] : [said];
  }
  const parts = content.map((part) => partOf(part, outputs));
  return role === 'assistant' ? [{ type: 'step-start' }, ...parts] : parts;
}

function partOf(
  part: AiText | AiImage | AiFile | AiReasoning | AiToolCall,
  outputs: ReadonlyMap<string, AiOutput>,
): UiPart {
  switch (part.type) {
    case 'text':
    case 'reasoning': {
      const { type, text, providerOptions } = part;
      return { type, text, state: 'done', ...metadata(providerOptions, 'providerMetadata') };
    }
    case 'image':
      return filePart(part.image, part.mediaType ?? 'image/*', undefined);
    case 'file':
      return filePart(part.data, part.mediaType, part.filename);
    case 'tool-call':
      return toolPart(part, outputs.get(part.toolCallId));
    default:
      return unreachable(part);
  }
}

function filePart(data: string, mediaType: string, filename: string | undefined): UiFile {
  const url = /^https?:\/\//.test(data) ? data : `data:${mediaType};base64,${data}`;
  return { type: 'file', mediaType, url, ...(filename === undefined ? {} : { filename }) };
}

function toolPart(call: AiToolCall, output: AiOutput | undefined): UiTool {
  const { toolName, toolCallId, input, providerOptions } = call;
  const signed = metadata(providerOptions, 'callProviderMetadata');
  const head = { type: 'dynamic-tool', toolName, toolCallId, input, ...signed } as const;
  if (output?.type === 'error-text') {
    return { ...head, state: 'output-error', errorText: output.value };
  }
  return { ...head, state: 'output-available', output: output?.value ?? '' };
}

function metadata<Name extends string>(
  options: AiProviderOptions | undefined,
  name: Name,
): { [N in Name]?: AiProviderOptions } {
  return options === undefined ? {} : ({ [name]: options } as { [N in Name]: AiProviderOptions });
}
