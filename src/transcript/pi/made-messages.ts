/**
 * Blocks as messages of pi: the other way of `blocks.ts`. What a part has and a block does not show
 * stays. A block that says more than pi has words for is refused.
 */
import { deepJson } from '../../base/deep-json.ts';
import type { ContentBlock } from '../../session/message.ts';
import { refuse, type Piece } from '../changed-items.ts';
import type { JsonObject } from '../json-value.ts';
import { asObject, asText } from '../json-value.ts';
import { rawBlock } from '../known-block.ts';
import { partsOf, providerCallId } from './blocks.ts';

/** What a new message takes over from its surroundings. */
export interface Surroundings {
  readonly api: unknown;
  readonly provider: unknown;
  readonly model: unknown;
  /** Milliseconds, as messages of pi carry them. */
  readonly timestamp: number;
}

const blockMembers: Readonly<Record<string, readonly string[]>> = {
  text: ['text', 'thought_signature'],
  tool_use: ['id', 'name', 'input', 'item_id', 'thought_signature'],
  tool_result: ['tool_use_id', 'content', 'is_error'],
  thinking: ['thinking', 'signature'],
  redacted_thinking: ['data'],
};

function sayable(block: ContentBlock): JsonObject {
  const object = block as JsonObject;
  const known = blockMembers[block.type];
  if (known === undefined) return object;
  const odd = Object.keys(object).find((name) => name !== 'type' && !known.includes(name));
  if (odd !== undefined) refuse(`pi has no words for ${odd} of a ${block.type} block`);
  return object;
}

/** Names of calls as they stand in the file; where there is an id of the item, it is in them. */
export class CallNames {
  readonly #raw = new Map<string, string>();
  readonly #tool = new Map<string, string>();

  /** Remembers the calls of an answer. */
  see(message: JsonObject): void {
    for (const part of partsOf(message)) {
      const object = asObject(part);
      const raw = asText(object?.['id']);
      if (raw !== null) this.add(raw, asText(object?.['name']) ?? '');
    }
  }

  add(raw: string, tool: string): void {
    this.#raw.set(providerCallId(raw), raw);
    this.#tool.set(raw, tool);
  }

  /** The id in the file for one of the conversation. */
  raw(id: string): string {
    return this.#raw.get(id) ?? id;
  }

  tool(raw: string): string {
    return this.#tool.get(raw) ?? '';
  }
}

/** An image that pi does not know, such as one by address, stays what it is, as it was read. */
function imagePart(block: ContentBlock): unknown {
  const source = asObject((block as JsonObject)['source']);
  const isBare = Object.keys(block).length === 2 && source?.['type'] === 'base64';
  if (!isBare || Object.keys(source).length > 3) return rawBlock(block);
  return { type: 'image', data: source['data'], mimeType: source['media_type'] };
}

function signed(signature: unknown, name: string): JsonObject {
  return signature === undefined ? {} : { [name]: signature };
}

/** A block as a part of a message. */
function madePart(block: ContentBlock, calls: CallNames): unknown {
  const said = sayable(block);
  switch (block.type) {
    case 'text': {
      const signature = signed(said['thought_signature'], 'textSignature');
      return { type: 'text', text: said['text'], ...signature };
    }
    case 'image':
      return imagePart(block);
    case 'tool_use': {
      const item = asText(said['item_id']);
      const id = `${asText(said['id']) ?? ''}${item === null ? '' : `|${item}`}`;
      calls.add(id, asText(said['name']) ?? '');
      const signature = signed(said['thought_signature'], 'thoughtSignature');
      return { type: 'toolCall', id, name: said['name'], arguments: said['input'], ...signature };
    }
    case 'thinking': {
      const signature = signed(said['signature'], 'thinkingSignature');
      return { type: 'thinking', thinking: said['thinking'], ...signature };
    }
    case 'redacted_thinking':
      return { type: 'thinking', thinking: '', thinkingSignature: said['data'], redacted: true };
    case 'reasoning':
      return { type: 'thinking', thinking: '', thinkingSignature: deepJson(block) ?? '' };
    default:
      // A part of a kind that is not known here stays what it is, wherever a plan puts it.
      return rawBlock(block);
  }
}

/** A part with another block in its stead; what the block does not show stays. */
function replacedPart(old: unknown, block: ContentBlock, calls: CallNames): unknown {
  const part = asObject(old);
  // An item that stands there in the words of the provider stays one.
  const isItem = block.type === 'reasoning' && part?.['type'] === block.type;
  const fresh = asObject(isItem ? sayable(block) : madePart(block, calls)) ?? {};
  const isShown = blockMembers[block.type] === undefined;
  if (part === null || part['type'] !== fresh['type'] || isShown) return fresh;
  // Signatures that a block shows are told by it, also when they are gone; others stay.
  const shown = ['thinkingSignature', 'thoughtSignature', 'redacted'];
  const kept = Object.entries(part).filter(([name]) => !shown.includes(name));
  return { ...Object.fromEntries(kept), ...fresh };
}

function resultContent(content: unknown, calls: CallNames): readonly unknown[] {
  if (!Array.isArray(content)) {
    const text = asText(content) ?? '';
    // A text of nothing is refused; a result without parts says as little.
    return text === '' ? [] : [{ type: 'text', text }];
  }
  return content.map((block: ContentBlock) => madePart(block, calls));
}

function madeResult(block: ContentBlock, calls: CallNames, around: Surroundings): JsonObject {
  const said = sayable(block);
  const raw = calls.raw(asText(said['tool_use_id']) ?? '');
  return {
    role: 'toolResult',
    toolCallId: raw,
    toolName: calls.tool(raw),
    content: resultContent(said['content'], calls),
    isError: said['is_error'] === true,
    timestamp: around.timestamp,
  };
}

/** pi counts what an answer cost; an answer that nobody made cost nothing. */
const noUsage: JsonObject = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite: 0,
  totalTokens: 0,
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 },
};

function newMessage(role: string, content: readonly unknown[], around: Surroundings): JsonObject {
  const { api, provider, model, timestamp } = around;
  if (role !== 'assistant') return { role, content, timestamp };
  const isCall = content.some((part) => asObject(part)?.['type'] === 'toolCall');
  const stopReason = isCall ? 'toolUse' : 'stop';
  return { role, content, api, provider, model, usage: noUsage, stopReason, timestamp };
}

/** A message made of pieces, and whether it goes on with the message that was there. */
export interface MadeMessage {
  readonly message: JsonObject;
  readonly isOwn: boolean;
}

/** Messages for the blocks of a message that was not there. */
export function madeMessages(
  role: string,
  blocks: readonly ContentBlock[],
  calls: CallNames,
  around: Surroundings,
): JsonObject[] {
  const pieces = blocks.map((block): Piece => ({ kind: 'new', block }));
  if (pieces.length === 0) return [newMessage(role, [], around)];
  return messagesOf({ role, content: [] }, pieces, calls, around).map(({ message, isOwn }) => {
    return isOwn ? newMessage(role, partsOf(message), around) : message;
  });
}

/** What stands where a message stood, for its pieces after the edits. */
export function messagesOf(
  old: JsonObject,
  pieces: readonly Piece[],
  calls: CallNames,
  around: Surroundings,
): MadeMessage[] {
  const made: MadeMessage[] = [];
  const oldParts = partsOf(old);
  const isResult = old['role'] === 'toolResult';
  const role = isResult ? 'user' : (asText(old['role']) ?? 'user');
  let content: unknown[] = [];
  let hasOwn = isResult;
  const flush = (): void => {
    if (content.length === 0) return;
    const message = hasOwn ? newMessage(role, content, around) : { ...old, content };
    made.push({ message, isOwn: !hasOwn });
    hasOwn = true;
    content = [];
  };
  for (const { kind, block, ...rest } of pieces) {
    const part = 'part' in rest ? rest.part : -1;
    if (isResult && kind === 'kept') {
      flush();
      made.push({ message: old, isOwn: true });
    } else if (isResult && kind === 'replaced' && block.type === 'tool_result') {
      flush();
      const { timestamp: _, ...fresh } = madeResult(block, calls, around);
      made.push({ message: { ...old, ...fresh }, isOwn: true });
    } else if (block.type === 'tool_result' && kind !== 'kept') {
      flush();
      made.push({ message: madeResult(block, calls, around), isOwn: false });
    } else if (kind === 'kept') content.push(oldParts[part]);
    else if (kind === 'new') content.push(madePart(block, calls));
    else content.push(replacedPart(oldParts[part], block, calls));
  }
  flush();
  return made;
}
