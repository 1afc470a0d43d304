/** Bytes to read from: a file, or an array in tests. */

/** A file of fixed length; what is appended while it is read is not seen. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /**
   * The bytes from `offset` on, at most `length` of them; fewer only at the end. The array may be
   * used again by the next call: copy what must stay.
   */
  read(offset: number, length: number): Uint8Array;
  /**
   * Puts the bytes from `offset` on into an array of the caller's, and tells how many; fewer than
   * it takes only at the end. Where a source has it, this saves a copy.
   */
  readonly readInto?: (offset: number, into: Uint8Array) => number;
}

/** Fills an array with bytes of the source; how many there were. */
export function readInto(source: ByteSource, offset: number, into: Uint8Array): number {
  if (source.readInto !== undefined) return source.readInto(offset, into);
  const bytes = source.read(offset, into.length);
  into.set(bytes);
  return bytes.length;
}

/** A source over bytes that are in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}
