/**
 * The content digest: one SHA-256 for a conversation, chained message by message, so that it is
 * known at every point and the last one vouches for all before it.
 *
 *     digest of nothing      SHA-256("holdfast.content/1")
 *     digest after message   SHA-256(digest before, as 64 hex digits + LF + canonical JSON)
 *
 * The canonical JSON is that of `{"content": …, "role": …}` of the message, in UTF-8. Covered are
 * the role, the content, the order of messages, and every field of every block, known or not. Not
 * covered is what stands beside the content and may be added later or differ between copies: id,
 * timestamp, model, usage and other fields of the message, and all events that are not messages.
 * The content `"hi"` and the content `[{"type":"text","text":"hi"}]` mean the same to a provider
 * and have different digests.
 */
import { sha256Hex } from '../format/checksum.ts';
import { canonicalJson } from './canonical.ts';
import type { Message } from './message.ts';

/** The digest of a conversation without messages: 64 lower-case hexadecimal digits, as are all. */
export const emptyDigest: string = sha256Hex('holdfast.content/1');

/** The digest after one more message. Throws INVALID when the message holds what cannot be kept. */
export function nextDigest(previous: string, message: Message): string {
  const { content, role } = message;
  // Of a text, JSON is canonical, and made in one piece.
  if (typeof content === 'string') {
    return sha256Hex(`${previous}\n${JSON.stringify({ content, role })}`);
  }
  const [blocks, speaker] = [canonicalJson(content), canonicalJson(role)];
  return sha256Hex(`${previous}\n{"content":${blocks},"role":${speaker}}`);
}
