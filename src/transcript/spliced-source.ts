/**
 * A source as it would be after splices, without making it: what a repair would write can be read
 * and checked before anything is written.
 */
import { assert } from '../base/assert.ts';
import type { ByteSource } from './byte-source.ts';
import { inOrder } from './splice.ts';
import type { Splice } from './splice.ts';

/** A stretch of the result: of the source from `from` on, or new bytes. */
interface Piece {
  /** Where it begins in the result. */
  readonly at: number;
  readonly length: number;
  readonly from: number;
  readonly bytes: Uint8Array | null;
}

/** The source with the splices carried out. They must not overlap; in whatever
 * order they come, insertions at a place stand in front of what replaces the bytes there. */
export function splicedSource(source: ByteSource, splices: readonly Splice[]): ByteSource {
  const pieces = piecesOf(source, splices);
  const last = pieces.at(-1);
  const size = last === undefined ? 0 : last.at + last.length;
  return {
    size,
    read(offset, length) {
      const end = Math.min(size, offset + length);
      const into = new Uint8Array(Math.max(0, end - offset));
      for (let index = pieceAt(pieces, offset); index < pieces.length; index += 1) {
        const piece = pieces[index];
        if (piece === undefined || piece.at >= end) break;
        copy(source, piece, { into, offset, end });
      }
      return into;
    },
  };
}

function piecesOf(source: ByteSource, splices: readonly Splice[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let [from, at] = [0, 0];
  const add = (length: number, bytes: Uint8Array | null): void => {
    if (length > 0) pieces.push({ at, length, from, bytes });
    at += length;
  };
  for (const splice of inOrder(splices)) {
    assert(splice.offset >= from, 'splices must not overlap');
    add(splice.offset - from, null);
    add(splice.bytes.length, splice.bytes);
    from = splice.offset + splice.length;
  }
  assert(from <= source.size, 'a splice must lie inside its source');
  add(source.size - from, null);
  return pieces;
}

/** Index of the piece that holds this place of the result; the number of pieces behind the end. */
function pieceAt(pieces: readonly Piece[], offset: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const piece = pieces[middle];
    if (piece !== undefined && piece.at + piece.length <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function copy(
  source: ByteSource,
  piece: Piece,
  want: { readonly into: Uint8Array; readonly offset: number; readonly end: number },
): void {
  const begin = Math.max(piece.at, want.offset);
  const end = Math.min(piece.at + piece.length, want.end);
  let at = begin;
  while (at < end) {
    const skip = at - piece.at;
    const part =
      piece.bytes === null
        ? source.read(piece.from + skip, end - at)
        : piece.bytes.subarray(skip, skip + end - at);
    assert(part.length > 0, 'a source must have the bytes of its size');
    want.into.set(part, at - want.offset);
    at += part.length;
  }
}
