/** Messages of a session as rules, plans and exports take them. Pure. */
import type { Place, PlacedMessage } from '../integrity/conversation.ts';
import type { Message } from '../session/message.ts';

/** A message of a session with its sequence. */
export interface SessionMessage {
  readonly seq: number;
  readonly message: Message;
}

/** The message in its place: its entry. A message that is one string is one text. */
export function placedMessage({ seq, message }: SessionMessage): PlacedMessage {
  const { role, content: told, model } = message;
  const content = typeof told === 'string' ? [{ type: 'text', text: told } as const] : told;
  const place: Place = { record: seq - 1, offset: null, length: 0, line: null, id: String(seq) };
  return {
    role,
    content,
    place,
    places: content.map(() => place),
    model: typeof model === 'string' ? model : null,
  };
}

/** All of them. */
export function sessionMessages(messages: readonly SessionMessage[]): readonly PlacedMessage[] {
  return messages.map(placedMessage);
}
