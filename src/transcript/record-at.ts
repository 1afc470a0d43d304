/**
 * Records that are decoded a second time, when they are needed, because an index keeps only their
 * places.
 */
import type { Place } from '../integrity/conversation.ts';
import type { ByteSource } from './byte-source.ts';
import { parseRecord, unparsed } from './decode.ts';
import type { JsonObject } from './json-value.ts';
import { asObject } from './json-value.ts';
import { spelledAt } from './spelling.ts';

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
  return asObject(valueAt(source, place.offset ?? 0, place.length)) ?? {};
}

/** As `recordAt`, for any value; undefined when the bytes are no longer what they were. */
export function valueAt(source: ByteSource, offset: number, length: number): unknown {
  const bytes = bytesAt(source, offset, length);
  const value = parseRecord(bytes);
  return value === unparsed ? undefined : spelledAt(source, offset, bytes, value);
}
