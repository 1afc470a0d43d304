/**
 * Files that are one JSON value, whose tool reads all of it or nothing: whether one is whole, and
 * what stands behind its end. A shorter value that is written over a longer one, without cutting
 * the file, leaves the end of the old one there; a program that appends leaves a second value.
 */
import type { ByteSource } from './byte-source.ts';
import { byte, skipBlanks } from './json-scan.ts';
import { jsonTail } from './json-tail.ts';

/** True when the bytes from `from` on are one list or one object, with nothing else but blanks. */
export function isOneValue(source: ByteSource, from = 0): boolean {
  const at = firstOf(source, from);
  const [opener] = source.read(at, 1);
  if (opener !== byte.open && opener !== byte.openArray) return false;
  const closer = opener === byte.open ? byte.close : byte.closeArray;
  const levels = jsonTail(source, at + 1, 'plain');
  return levels?.length === 1 && levels[0]?.closer === closer;
}

/** True when all that the file says stands on one line. */
export function isOneLine(source: ByteSource): boolean {
  for (let at = firstOf(source, 0); at < source.size; at += chunkBytes) {
    const bytes = Buffer.from(source.read(at, Math.min(chunkBytes, source.size - at)));
    const end = bytes.indexOf('\n', 0, 'latin1');
    if (end >= 0) return isBlankFrom(source, at + end, source.size);
  }
  return true;
}

/** In words, what stands from `at` on, behind the end of the value that the file is. */
export function wordsBehind(source: ByteSource, at: number): string {
  const length = source.size - at;
  if (!isOneValue(source, at)) return `${length} bytes stand behind the end of the value`;
  const second = `a second whole value stands behind the end of the first, ${length} bytes`;
  return isRepeated(source, at)
    ? `${second}: the same once more`
    : `${second}; where it is the newer one, keep that and cut off the first`;
}

/** Whether the file says the same behind `at` as in front of it, but for blanks at both ends. */
function isRepeated(source: ByteSource, at: number): boolean {
  let [one, other] = [firstOf(source, 0), at];
  const end = at;
  while (one < end && other < source.size) {
    const length = Math.min(chunkBytes, end - one, source.size - other);
    // The array of a read is used again by the next one.
    const bytes = Buffer.from(source.read(one, length));
    if (!bytes.equals(source.read(other, length))) return false;
    one += length;
    other += length;
  }
  return isBlankFrom(source, other, source.size) && isBlankFrom(source, one, end);
}

const chunkBytes = 64 * 1024;

function isBlankFrom(source: ByteSource, from: number, to: number): boolean {
  for (let at = from; at < to; at += chunkBytes) {
    const bytes = source.read(at, Math.min(chunkBytes, to - at));
    if (skipBlanks(bytes, 0, bytes.length, 'pass') < bytes.length) return false;
  }
  return true;
}

/** The first place from `from` on that is no blank. */
function firstOf(source: ByteSource, from: number): number {
  for (let at = from; at < source.size; at += chunkBytes) {
    const bytes = source.read(at, Math.min(chunkBytes, source.size - at));
    const first = skipBlanks(bytes, 0, bytes.length);
    if (first < bytes.length) return at + first;
  }
  return source.size;
}
