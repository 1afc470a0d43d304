/**
 * Pictures and documents as every export sees them, whatever provider their source was written for.
 * Pure.
 */
import type { ContentBlock } from '../session/message.ts';

/** Bytes as base64, an address, or an id that only one provider knows. */
export type Media =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly mediaType: string | null; readonly url: string }
  | { readonly kind: 'text'; readonly text: string };

type Fields = Readonly<Record<string, unknown>>;

/** What an `image` or `document` block shows; null for a source that is not known here. */
export function mediaOf(block: ContentBlock): Media | null {
  const source = (block as Fields)['source'];
  if (typeof source !== 'object' || source === null) return null;
  const { type, data, url, media_type: mediaType } = source as Fields;
  if (type === 'base64' && typeof mediaType === 'string') return base64(mediaType, data);
  if (type === 'url' && typeof url === 'string') {
    return ofUrl(url, typeof mediaType === 'string' ? mediaType : null);
  }
  if (type === 'text' && typeof data === 'string') return { kind: 'text', text: data };
  return null;
}

/** The address of a picture or document: `data:` for bytes that are here. */
export function urlOf(media: Exclude<Media, { kind: 'text' }>): string {
  return media.kind === 'url' ? media.url : `data:${media.mediaType};base64,${media.data}`;
}

function base64(mediaType: string, data: unknown): Media | null {
  if (typeof data === 'string') return { kind: 'base64', mediaType, data };
  if (!(data instanceof Uint8Array)) return null;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return { kind: 'base64', mediaType, data: bytes.toString('base64') };
}

function ofUrl(url: string, mediaType: string | null): Media | null {
  const inline = /^data:([\w.+-]+\/[\w.+-]+);base64,/.exec(url);
  if (inline === null) {
    return /^https?:\/\//.test(url) ? { kind: 'url', mediaType, url } : null;
  }
  const [head, inlineType = ''] = inline;
  return { kind: 'base64', mediaType: inlineType, data: url.slice(head.length) };
}
