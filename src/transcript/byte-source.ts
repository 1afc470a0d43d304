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
}

/** A source over bytes that are in memory. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
  };
}
