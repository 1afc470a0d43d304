/** Small words for conversations in tests. */
import type { PlacedMessage } from '../../src/integrity/conversation.ts';
import type { ContentBlock } from '../../src/session/message.ts';

/** A message whose record is numbered by `placed`. */
export interface ShortMessage {
  readonly role: string;
  readonly content: readonly ContentBlock[];
}

type Given = string | ContentBlock;

function blocks(given: readonly Given[]): readonly ContentBlock[] {
  return given.map((one) => (typeof one === 'string' ? text(one) : one));
}

export function user(...given: readonly Given[]): ShortMessage {
  return { role: 'user', content: blocks(given) };
}

export function model(...given: readonly Given[]): ShortMessage {
  return { role: 'assistant', content: blocks(given) };
}

export function system(...given: readonly Given[]): ShortMessage {
  return { role: 'system', content: blocks(given) };
}

export function text(words: string): ContentBlock {
  return { type: 'text', text: words };
}

export function call(id: string, input: unknown = {}): ContentBlock {
  return { type: 'tool_use', id, name: 'bash', input };
}

export function result(id: string, content = `result of ${id}`): ContentBlock {
  return { type: 'tool_result', tool_use_id: id, content };
}

export function thought(words: string, signature?: string): ContentBlock {
  return { type: 'thinking', thinking: words, ...(signature === undefined ? {} : { signature }) };
}

/** With places: record, line and id follow from the number of the message. */
export function placed(
  messages: readonly ShortMessage[],
  writer: string | null = null,
): readonly PlacedMessage[] {
  return messages.map(({ role, content }, record) => {
    const place = { record, offset: record * 100, length: 99, line: record + 1, id: `m${record}` };
    const who = role === 'assistant' ? writer : null;
    return { role, content, place, places: content.map(() => place), model: who };
  });
}

/** Without places. */
export function bare(messages: readonly PlacedMessage[]): readonly ShortMessage[] {
  return messages.map(({ role, content }) => ({ role, content }));
}
