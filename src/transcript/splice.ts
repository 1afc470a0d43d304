/**
 * How a file is changed: bytes at a place are replaced. Whatever no splice covers is copied byte by
 * byte, so records that a plan does not touch stay identical by construction.
 */

/** `length` bytes from `offset` on make way for `bytes`; 0 is an insertion. */
export interface Splice {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
}
