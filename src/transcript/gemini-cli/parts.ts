/**
 * Between the parts of Gemini and the blocks of a conversation. Whatever a part says that a block
 * has no member for stays on the block, so that the way back gives the same part.
 */
import type { ContentBlock } from '../../session/message.ts';
import type { JsonObject } from '../json-value.ts';
import { asList, asObject, asText, jsonText } from '../json-value.ts';
import { knownBlock, rawBlock } from '../known-block.ts';

/**
 * The parts of a content: one text, one part, or a list of either. What stands in a list and is
 * neither is there as it is.
 */
export function partsOf(content: unknown): readonly unknown[] {
  if (typeof content === 'string') return [{ text: content }];
  if (!Array.isArray(content)) return asObject(content) === null ? [] : [content];
  return content.map((each: unknown) => (typeof each === 'string' ? { text: each } : each));
}

/** The block that says what a part says. */
export function blockOfPart(value: unknown): ContentBlock {
  const part = asObject(value);
  if (part === null) return knownBlock(value);
  const { thoughtSignature, ...rest } = part;
  const signed = thoughtSignature === undefined ? {} : { thought_signature: thoughtSignature };
  const call = asObject(rest['functionCall']);
  if (call !== null) return { ...callBlock(rest, call), ...signed };
  const response = asObject(rest['functionResponse']);
  if (response !== null) return { ...resultBlock(rest, response), ...signed };
  const data = asObject(rest['inlineData']);
  const media = asText(data?.['mimeType']);
  if (data !== null && media?.startsWith('image/') === true) {
    const { inlineData: _, ...others } = rest;
    const source = { type: 'base64', media_type: media, data: data['data'] };
    return { ...others, type: 'image', source, ...signed };
  }
  const text = asText(rest['text']);
  if (text !== null) {
    const { text: _, thought, ...others } = rest;
    if (thought === true) return { ...others, type: 'thinking', thinking: text, ...signed };
    return {
      ...others,
      type: 'text',
      text,
      ...(thought === undefined ? {} : { thought }),
      ...signed,
    };
  }
  // A kind of part that is not known here keeps its own name: `fileData`, `executableCode`.
  return { ...rest, type: Object.keys(rest)[0] ?? 'empty_part', ...signed } as ContentBlock;
}

function callBlock(part: JsonObject, call: JsonObject): ContentBlock {
  const { functionCall: _, ...others } = part;
  const { id, name, args, ...more } = call;
  return {
    ...others,
    ...more,
    type: 'tool_use',
    id: asText(id) ?? '',
    name: asText(name) ?? '',
    input: args ?? {},
  };
}

/** A response is an object; its usual shapes are `{ output }` and `{ error }`, one text each. */
function resultBlock(part: JsonObject, said: JsonObject): ContentBlock {
  const { functionResponse: _, ...others } = part;
  const { id, name, response, ...more } = said;
  const plain = plainResponse(response);
  return {
    ...others,
    ...more,
    type: 'tool_result',
    tool_use_id: asText(id) ?? '',
    ...(typeof name === 'string' ? { name } : {}),
    content: plain?.text ?? jsonText(response ?? {}) ?? '',
    ...(plain?.isError === true ? { is_error: true } : {}),
    ...(plain === null ? { response: response ?? {} } : {}),
  };
}

function plainResponse(response: unknown): { text: string; isError: boolean } | null {
  const object = asObject(response);
  if (object === null || Object.keys(object).length !== 1) return null;
  const output = asText(object['output']);
  if (output !== null) return { text: output, isError: false };
  const error = asText(object['error']);
  return error === null ? null : { text: error, isError: true };
}

/** The part that says what a block says. `names` knows the tool of each call. */
export function partOfBlock(block: ContentBlock, names: ReadonlyMap<string, string>): unknown {
  const raw = rawBlock(block);
  if (raw !== block) return raw;
  const { type, thought_signature: signature, ...rest } = block as JsonObject;
  const signed = signature === undefined ? {} : { thoughtSignature: signature };
  switch (type) {
    case 'text':
      return { ...rest, ...signed };
    case 'thinking': {
      const { thinking, ...others } = rest;
      return { text: thinking, thought: true, ...others, ...signed };
    }
    case 'tool_use': {
      const { id, name, input, ...others } = rest;
      return {
        functionCall: { ...(id === '' ? {} : { id }), name, args: input },
        ...others,
        ...signed,
      };
    }
    case 'tool_result':
      return { ...responsePart(rest, names), ...signed };
    case 'image': {
      const { source, ...others } = rest;
      const image = asObject(source);
      const data = { mimeType: image?.['media_type'], data: image?.['data'] };
      return { inlineData: data, ...others, ...signed };
    }
    default:
      return { ...rest, ...signed };
  }
}

function responsePart(rest: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  const { tool_use_id: id, name, content, is_error: isError, response, ...others } = rest;
  const text = asText(content) ?? textsOf(content);
  // The response as it came says more than its text, as long as the text is still its own.
  const kept = response !== undefined && text === (jsonText(response) ?? '');
  const said = kept ? response : isError === true ? { error: text } : { output: text };
  const tool = asText(name) ?? names.get(asText(id) ?? '') ?? 'unknown';
  const call = id === '' ? {} : { id };
  return { functionResponse: { ...call, name: tool, response: said }, ...others };
}

/** The texts of a result's content; pictures have no place in a response. */
export function textsOf(content: unknown): string {
  return asList(content)
    .map((block) => asText(asObject(block)?.['text']) ?? '')
    .join('\n');
}
