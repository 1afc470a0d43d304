/** Short words for conversations in tests. The ids and names fit every provider. */
import type { PlainMessage } from './placed.ts';

/** A block as a test writes it. */
export type PlainBlock = { readonly type: string; readonly [field: string]: unknown };

/** Ids that every provider takes. */
export const [idA, idB] = ['a1B2c3D4e', 'f5G6h7I8j'];

/** What the user says. */
export function user(...content: readonly (PlainBlock | string)[]): PlainMessage {
  return { role: 'user', content: content.map(asBlock) };
}

/** What the assistant says. */
export function assistant(...content: readonly (PlainBlock | string)[]): PlainMessage {
  return { role: 'assistant', content: content.map(asBlock) };
}

/** Instructions. */
export function system(...content: readonly (PlainBlock | string)[]): PlainMessage {
  return { role: 'system', content: content.map(asBlock) };
}

/** A message that a model wrote. */
export function by(model: string, message: PlainMessage): PlainMessage {
  return { ...message, model };
}

/** A text block. */
export function text(words: string): PlainBlock {
  return { type: 'text', text: words };
}

/** A call, signed so that Gemini takes it. */
export function call(id: string, more: Readonly<Record<string, unknown>> = {}): PlainBlock {
  const input = { path: 'notes.txt' };
  return { type: 'tool_use', id, name: 'read_file', input, thought_signature: 'c2ln', ...more };
}

/** A result. */
export function result(id: string, more: Readonly<Record<string, unknown>> = {}): PlainBlock {
  return { type: 'tool_result', tool_use_id: id, content: 'three lines', ...more };
}

/** Thinking, signed unless told otherwise. */
export function thinking(
  more: Readonly<Record<string, unknown>> = { signature: 'c2ln' },
): PlainBlock {
  return { type: 'thinking', thinking: 'The notes may tell.', ...more };
}

function asBlock(content: PlainBlock | string): PlainBlock {
  return typeof content === 'string' ? text(content) : content;
}
