/**
 * A source that reads more than it is asked for. Records that are decoded again mostly follow each
 * other, and a call of the operating system for each would cost more than decoding it.
 */
import type { ByteSource } from './byte-source.ts';
import { haveSameBytes } from './spelling.ts';

const chunkBytes = 256 * 1024;

/** The same bytes, read in larger pieces; holds one of them. */
export function readAhead(source: ByteSource): ByteSource {
  let from = 0;
  let held: Uint8Array = new Uint8Array(0);
  const ahead: ByteSource = {
    size: source.size,
    read(offset, length) {
      if (length >= chunkBytes) return source.read(offset, length);
      if (offset < from || offset + length > from + held.length) {
        held = Uint8Array.from(source.read(offset, chunkBytes));
        from = offset;
      }
      return held.subarray(offset - from, offset - from + length);
    },
  };
  haveSameBytes(source, ahead);
  return ahead;
}
