/** What a repair would write can be read before it is written. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { splicedSource } from '../../src/transcript/spliced-source.ts';
import type { Splice } from '../../src/transcript/splice.ts';

const text = new TextEncoder();

function sourceOf(bytes: Uint8Array, perReadMax = 7): Parameters<typeof splicedSource>[0] {
  return {
    size: bytes.length,
    // As a file system may: fewer bytes than asked.
    read: (offset, length) => bytes.subarray(offset, offset + Math.min(length, perReadMax)),
  };
}

/** The plain way: from the last splice to the first, on an array. */
function plainly(bytes: Uint8Array, splices: readonly Splice[]): number[] {
  const result = [...bytes];
  for (const { offset, length, bytes: more } of splices.toReversed()) {
    result.splice(offset, length, ...more);
  }
  return result;
}

/** Splices that do not overlap, ascending, with several insertions at one place. */
const cases = fc
  .tuple(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(fc.tuple(fc.nat(9), fc.nat(5), fc.uint8Array({ maxLength: 4 })), { maxLength: 6 }),
  )
  .map(([bytes, steps]) => {
    const splices: Splice[] = [];
    let at = 0;
    for (const [gap, length, more] of steps) {
      const offset = at + gap;
      if (offset + length > bytes.length) break;
      splices.push({ offset, length, bytes: more });
      at = offset + length;
    }
    return { bytes, splices };
  });

describe('splicedSource', () => {
  test('reads at every place what carrying the splices out would give', () => {
    fc.assert(
      fc.property(cases, fc.nat(70), fc.nat(20), ({ bytes, splices }, offset, length) => {
        const expected = plainly(bytes, splices);
        const source = splicedSource(sourceOf(bytes), splices);
        expect(source.size).toBe(expected.length);
        expect([...source.read(offset, length)]).toEqual(expected.slice(offset, offset + length));
        expect([...source.read(0, source.size)]).toEqual(expected);
      }),
    );
  });

  test('refuses splices that overlap or lie behind the end', () => {
    const source = sourceOf(text.encode('abcdef'));
    const splice = (offset: number, length: number): Splice => ({
      offset,
      length,
      bytes: new Uint8Array(),
    });
    expect(() => splicedSource(source, [splice(1, 3), splice(2, 1)])).toThrow(/overlap/);
    expect(() => splicedSource(source, [splice(5, 3)])).toThrow(/inside/);
  });
});
