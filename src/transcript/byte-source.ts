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
