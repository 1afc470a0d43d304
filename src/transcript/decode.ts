/** From bytes to text and values. What cannot be decoded is a value, never an exception. */
import { isAscii, isUtf8 } from 'node:buffer';
import { unsign } from './signed-thoughts.ts';
import { withMarks } from './zero-runs.ts';

/** Stands for bytes that are no JSON, or JSON that the machine cannot hold. */
export const unparsed: unique symbol = Symbol('unparsed');

/** The bytes as a `Buffer` that shares their memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The value of JSON text; `unparsed` also when it is too deep or too long for this machine. */
export function parseText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return unparsed;
  }
}

/** The value of JSON bytes, bad UTF-8 as U+FFFD; a thought with that in it loses its signature. */
export function parseBytes(bytes: Buffer, from: number, to: number): unknown {
  const piece = bytes.subarray(from, to);
  try {
    // Most records are ASCII, which is decoded many times faster when it is known.
    const isPlain = isAscii(piece);
    const value = JSON.parse(piece.toString(isPlain ? 'latin1' : 'utf8')) as unknown;
    if (!isPlain && !isUtf8(piece)) unsign(value);
    return value;
  } catch {
    // No JSON, or beyond the longest string: the caller tells which bytes these are.
    return unparsed;
  }
}

/**
 * As `parseBytes`; where zero bytes stand inside, a mark stands for what they took of a string.
 * `unparsed` also when they may have taken more than that.
 */
export function parseMarked(bytes: Buffer, from: number, to: number): unknown {
  const value = parseBytes(bytes, from, to);
  if (value !== unparsed || !bytes.subarray(from, to).includes(0)) return value;
  const whole = withMarks(bytes, from, to);
  return whole === null ? unparsed : parseBytes(whole, 0, whole.length);
}

/** The value of a record's bytes as `jsonLines` and `jsonFile` decoded it. */
export function parseRecord(bytes: Uint8Array): unknown {
  return parseMarked(asBuffer(bytes), 0, bytes.length);
}

/** A copy of the bytes that are not NUL. */
export function withoutNuls(bytes: Buffer, from: number, to: number): Buffer {
  return Buffer.from(bytes.subarray(from, to).filter((value) => value !== 0));
}

/** The first place whose bytes are no UTF-8, or -1. */
export function firstBadUtf8(bytes: Uint8Array, from: number, to: number): number {
  if (isUtf8(bytes.subarray(from, to))) return -1;
  // A prefix that ends inside a character is no UTF-8 either, so the search goes on byte by byte.
  let at = from;
  while (at < to) {
    const length = characterLength(bytes, at, to);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

/** Bytes of the character at `at`; 0 when there is none. */
function characterLength(bytes: Uint8Array, at: number, to: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (at + length > to) return 0;
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
