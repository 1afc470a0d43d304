/**
 * How a file is changed: bytes at a place are replaced. Whatever no splice covers is copied byte by
 * byte, so records that a plan does not touch stay identical by construction.
 */
import { assert } from '../base/assert.ts';
import type { TranscriptCode } from '../integrity/finding.ts';
import type { ByteSource } from './byte-source.ts';

/** `length` bytes from `offset` on make way for `bytes`; 0 is an insertion. */
export interface Splice {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  /** The finding that it answers, where it is not another one that stands at its place. */
  readonly code?: TranscriptCode;
  /** `nothing`: what is replaced is said as well by what takes its place, such as a number. */
  readonly takes?: 'nothing';
  /** The finding that it answers and what is done, where the bytes do not tell by themselves. */
  readonly why?: { readonly code: TranscriptCode; readonly told: string };
}

const copyBytes = 1024 * 1024;

/**
 * The bytes of the source after the splices, in pieces. An array that is given out may be used
 * again for the next one. Splices may come in any order, but for insertions at one place, which
 * come out as they are given, in front of what replaces the bytes there; no two may cover the same
 * byte.
 */
export function* applySplices(
  source: ByteSource,
  splices: readonly Splice[],
): Generator<Uint8Array, void> {
  let at = 0;
  for (const splice of inOrder(splices)) {
    assert(splice.offset >= at, 'splices do not overlap');
    assert(splice.offset + splice.length <= source.size, 'a splice lies within its source');
    yield* copy(source, at, splice.offset);
    if (splice.bytes.length > 0) yield splice.bytes;
    at = splice.offset + splice.length;
  }
  yield* copy(source, at, source.size);
}

/**
 * One list out of several. A splice whose bytes all lie within those that a later list replaces is
 * left out: the later list is written with the bytes as they would be after mending.
 */
export function mergeSplices(...lists: readonly (readonly Splice[])[]): readonly Splice[] {
  let merged: readonly Splice[] = [];
  for (const list of lists) {
    const wide = inOrder(list.filter(({ length }) => length > 0));
    const kept = merged.filter((splice) => !isWithin(splice, wide));
    merged = inOrder([...kept, ...list]);
  }
  for (const [index, splice] of merged.entries()) {
    const next = merged[index + 1];
    const free = next === undefined || splice.offset + splice.length <= next.offset;
    assert(free, 'splices do not overlap');
  }
  return merged;
}

/** By offset; insertions before replacements; else in the order in which they were given. */
export function inOrder(splices: readonly Splice[]): readonly Splice[] {
  return splices.toSorted(
    (a, b) => a.offset - b.offset || Math.min(a.length, 1) - Math.min(b.length, 1),
  );
}

/** An insertion at either edge is not within: it stands beside what is replaced. */
function isWithin(splice: Splice, wide: readonly Splice[]): boolean {
  const end = splice.offset + splice.length;
  let low = 0;
  let high = wide.length;
  // The last wide splice that begins at or before this one.
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((wide[middle]?.offset ?? 0) <= splice.offset) low = middle + 1;
    else high = middle;
  }
  const over = wide[low - 1];
  if (over === undefined || end > over.offset + over.length) return false;
  return splice.length > 0 || (splice.offset > over.offset && end < over.offset + over.length);
}

function* copy(source: ByteSource, from: number, to: number): Generator<Uint8Array, void> {
  for (let at = from; at < to; ) {
    const bytes = source.read(at, Math.min(copyBytes, to - at));
    assert(bytes.length > 0, 'a source has the bytes of its size');
    yield bytes;
    at += bytes.length;
  }
}
