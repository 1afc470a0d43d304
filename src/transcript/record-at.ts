/**
 * Records that are decoded a second time, when they are needed, because an index keeps only their
 * places.
 */
import type { Place } from '../integrity/conversation.ts';
import type { ByteSource } from './byte-source.ts';
import { parseRecord } from './decode.ts';

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value when it is an object of JSON, else null. */
export function objectOf(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : null;
}

/** The value when it is a text, else null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The bytes of a record, as a copy that may be kept. */
export function bytesAt(source: ByteSource, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const part = source.read(offset + done, length - done);
    if (part.length === 0) return bytes.subarray(0, done);
    bytes.set(part, done);
    done += part.length;
  }
  return bytes;
}

/**
 * The value of a record that was read before; an object without members when somebody wrote over
 * the file meanwhile.
 */
export function recordAt(source: ByteSource, place: Pick<Place, 'offset' | 'length'>): JsonObject {
  return objectOf(parseRecord(bytesAt(source, place.offset ?? 0, place.length))) ?? {};
}
