/** Pictures and documents of requests as blocks. */
import type { ContentBlock } from '../../session/message.ts';

/** Bytes as base64, in `data:` or bare, or an address, as the source of a block. */
export function sourceOf(data: string, mediaType: string | null): Record<string, unknown> {
  const inline = /^data:([^;,]+);base64,/.exec(data);
  if (inline !== null) {
    return { type: 'base64', media_type: inline[1], data: data.slice(inline[0].length) };
  }
  const typed = mediaType === null ? {} : { media_type: mediaType };
  if (/^[a-z]+:\/\//.test(data)) return { type: 'url', url: data, ...typed };
  return { type: 'base64', ...typed, data };
}

/** A picture, or a document with its title. */
export function mediaBlock(
  data: string,
  mediaType: string | null,
  title: string | null,
): ContentBlock {
  const source = sourceOf(data, mediaType);
  const told = source['media_type'];
  const isImage = (typeof told === 'string' ? told : (mediaType ?? '')).startsWith('image/');
  const named = title === null ? {} : { title };
  return { type: isImage ? 'image' : 'document', source, ...named } as ContentBlock;
}
