/**
 * Text of two bytes a character. No tool reads JSON in it, and byte by byte it looks like JSON full
 * of zero bytes; so it is told before anything else is made of it.
 */

/** What the text is in; null when it is not of two bytes a character. */
export type WideEncoding = 'UTF-16LE' | 'UTF-16BE' | null;

/** So many bytes decide; with fewer of them nothing is said. */
const lookBytes = 4096;
const bytesMin = 16;

/** By the mark in front, or because every other byte is zero. */
export function wideEncoding(bytes: Uint8Array): WideEncoding {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'UTF-16LE';
  if (first === 0xfe && second === 0xff) return 'UTF-16BE';
  const to = Math.min(bytes.length, lookBytes) & ~1;
  if (to < bytesMin) return null;
  const zeros: [number, number] = [0, 0];
  for (let at = 0; at < to; at += 2) {
    if (bytes[at] === 0) zeros[0] += 1;
    if (bytes[at + 1] === 0) zeros[1] += 1;
  }
  // JSON is mostly ASCII at its beginning, and a character of two zero bytes is no text.
  const pairs = to / 2;
  if (zeros[0] === 0 && zeros[1] > 0.75 * pairs) return 'UTF-16LE';
  return zeros[1] === 0 && zeros[0] > 0.75 * pairs ? 'UTF-16BE' : null;
}
