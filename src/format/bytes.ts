/**
 * Little-endian numbers in byte buffers. Positions and sequence numbers are 64 bits wide on disk
 * and at most 2^53 - 1 here; a larger one on disk can only be damage and reads as null.
 */
import { assert } from '../base/assert.ts';

const word = 2 ** 32;

/** A view on exactly these bytes, also when they are part of a larger buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes a whole number of 0 to 2^53 - 1 in eight bytes. */
export function setCount(view: DataView, at: number, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, 'a count is a whole number below 2^53');
  view.setUint32(at, value % word, true);
  view.setUint32(at + 4, Math.floor(value / word), true);
}

/** Reads what `setCount` wrote; null when the number is 2^53 or more. */
export function getCount(view: DataView, at: number): number | null {
  const high = view.getUint32(at + 4, true);
  return high >= 2 ** 21 ? null : high * word + view.getUint32(at, true);
}

/** Lower-case hexadecimal text of the bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** The bytes of a hexadecimal text whose length is even. */
export function fromHex(text: string): Uint8Array {
  assert(/^([0-9a-f]{2})*$/.test(text), 'hexadecimal text');
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** True for as many bytes of the same values. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one === other) return true;
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}

/** True when no byte of the range is set. */
export function isZero(bytes: Uint8Array, from = 0, to: number = bytes.length): boolean {
  for (let at = from; at < to; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

const zeros: Uint8Array = new Uint8Array(4096);

/** Position behind the last byte that is not zero, at least `from`. */
export function endOfContent(bytes: Uint8Array, from: number): number {
  let end = bytes.length;
  // Segments are zero-filled ahead of use, and there may be megabytes of that.
  while (end - from >= zeros.length) {
    if (Buffer.compare(bytes.subarray(end - zeros.length, end), zeros) !== 0) break;
    end -= zeros.length;
  }
  while (end > from && bytes[end - 1] === 0) end -= 1;
  return end;
}

/** The next multiple of eight. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
