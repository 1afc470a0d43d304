/** Messages of a session of a store as rules and plans see them. */
import type { Message } from '../session/message.ts';
import type { PlacedMessage } from './conversation.ts';

/** A message with its place: the entry of this seq, the so many-th message (from 0). */
export function placedOf(message: Message, seq: number, index: number): PlacedMessage {
  const place = { record: index, offset: null, length: 0, line: null, id: String(seq) };
  const content =
    typeof message.content === 'string'
      ? [{ type: 'text' as const, text: message.content }]
      : message.content;
  return {
    role: message.role,
    content,
    place,
    places: content.map(() => place),
    model: message.model ?? null,
  };
}
