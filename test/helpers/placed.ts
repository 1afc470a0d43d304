/** Conversations for tests, written without places. */
import type { Place, PlacedMessage } from '../../src/integrity/conversation.ts';
import type { ContentBlock } from '../../src/session/message.ts';

/** A message as a test writes it. */
export interface PlainMessage {
  readonly role: string;
  readonly content:
    | string
    | readonly { readonly type: string; readonly [field: string]: unknown }[];
  readonly model?: string;
  readonly unread?: Readonly<Record<string, unknown>>;
}

/** A place that tells which message and block it is of. */
export function placeOf(message: number, block: number | null): Place {
  const id = block === null ? `m${String(message)}` : `m${String(message)}.${String(block)}`;
  return { record: message, offset: message * 100, length: 90, line: message + 1, id };
}

/** The messages, each in a record of its own. */
export function placed(messages: readonly PlainMessage[]): readonly PlacedMessage[] {
  return messages.map(({ role, content, model, unread }, index) => {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    return {
      role,
      content: blocks as readonly ContentBlock[],
      place: placeOf(index, null),
      places: blocks.map((_, block) => placeOf(index, block)),
      model: model ?? null,
      ...(unread === undefined ? {} : { unread }),
    };
  });
}
