/**
 * How large a picture is, from the first bytes of its file. Only as much of the base64 is decoded
 * as the format needs; what is not understood has no size.
 */

/** In pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A JPEG may carry this much in front of its size: thumbnails, colour profiles. */
const jpegBytesMax = 256 * 1024;

/** The size of a PNG, GIF, WebP or JPEG; null for anything else. */
export function pictureSize(base64: string): PictureSize | null {
  const head = Buffer.from(base64.slice(0, 64), 'base64');
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47]) && head.length >= 24) {
    return { width: head.readUInt32BE(16), height: head.readUInt32BE(20) };
  }
  if (startsWith(head, [0x47, 0x49, 0x46, 0x38]) && head.length >= 10) {
    return { width: head.readUInt16LE(6), height: head.readUInt16LE(8) };
  }
  if (startsWith(head, [0x52, 0x49, 0x46, 0x46])) return webpSize(head);
  if (!startsWith(head, [0xff, 0xd8])) return null;
  return jpegSize(Buffer.from(base64.slice(0, Math.ceil(jpegBytesMax / 3) * 4), 'base64'));
}

function startsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function webpSize(head: Buffer): PictureSize | null {
  if (head.length < 30 || head.toString('latin1', 8, 12) !== 'WEBP') return null;
  const kind = head.toString('latin1', 12, 16);
  if (kind === 'VP8X') {
    return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
  }
  if (kind === 'VP8L') {
    const bits = head.readUInt32LE(21);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind !== 'VP8 ') return null;
  return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
}

/** Walks the segments up to the frame header. */
function jpegSize(bytes: Buffer): PictureSize | null {
  let at = 2;
  while (at + 9 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    const isFill = marker === 0xff;
    at += isFill ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}
