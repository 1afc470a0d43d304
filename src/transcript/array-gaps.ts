/**
 * Bytes between the elements of a list that are no element. No tool reads a file of JSON with such
 * bytes in it, so a mend takes them out and leaves what stands between two elements; what they were
 * stays in the original.
 */
import { mendOf } from './fault-finding.ts';
import type { ByteSource } from './byte-source.ts';
import type { ByteFault } from './file-record.ts';
import type { JsonFrame } from './json-file.ts';
import type { Splice } from './splice.ts';

interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** The mends of a list: those of its faults, and those that take out what is no element. */
export function listMends(
  source: ByteSource,
  faults: readonly ByteFault[],
  elements: readonly Extent[],
  array: JsonFrame['array'],
): readonly Splice[] {
  const own = outermost(faults.flatMap(mendOf));
  if (array === null) return own;
  const gaps = new Map<number, Splice>();
  for (const { code, offset, mend } of faults) {
    if (code !== 'MALFORMED_RECORD' || mend !== null) continue;
    const gap = gapAround(source, offset, elements, array);
    if (gap !== null) gaps.set(gap.offset, gap);
  }
  const isOutside = (mend: Splice): boolean =>
    ![...gaps.values()].some(
      ({ offset, length }) => mend.offset >= offset && mend.offset < offset + length,
    );
  return [...own.filter(isOutside), ...gaps.values()].toSorted((a, b) => a.offset - b.offset);
}

/** Without those whose bytes another one takes along, such as zeros in what is cut off as torn. */
function outermost(mends: readonly Splice[]): readonly Splice[] {
  const kept: Splice[] = [];
  let end = 0;
  const wideFirst = mends.toSorted((a, b) => a.offset - b.offset || b.length - a.length);
  for (const mend of wideFirst) {
    // An insertion stands at the edge of what is taken, and stays.
    if (mend.length > 0 && mend.offset + mend.length <= end) continue;
    kept.push(mend);
    end = Math.max(end, mend.offset + mend.length);
  }
  return kept;
}

function gapAround(
  source: ByteSource,
  offset: number,
  elements: readonly Extent[],
  array: NonNullable<JsonFrame['array']>,
): Splice | null {
  // Where nothing but a comma is missing, the fault stands at the next element.
  const after = elements.findIndex((element) => element.offset >= offset);
  const next = after < 0 ? array.close : (elements[after]?.offset ?? null);
  const before = after < 0 ? elements.at(-1) : elements[after - 1];
  const from = before === undefined ? array.from + 1 : before.offset + before.length;
  // Behind the list, or in one that does not end, nothing says what would stand there.
  if (next === null || offset < from || offset > next) return null;
  const isBetween = before !== undefined && after >= 0;
  const text = (isBetween ? ',' : '') + blanksBefore(source, from, next);
  return { offset: from, length: next - from, bytes: Buffer.from(text), code: 'MALFORMED_RECORD' };
}

const lookBytes = 4096;

/** The blanks in front of a place, which set what stands there on its line. */
function blanksBefore(source: ByteSource, from: number, to: number): string {
  const offset = Math.max(from, to - lookBytes);
  const text = Buffer.from(source.read(offset, to - offset)).toString('latin1');
  return /[ \t\r\n]*$/.exec(text)?.[0] ?? '';
}
