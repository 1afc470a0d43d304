/** Splices: what they leave alone, and how several lists become one. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { composed } from '../../src/transcript/composed-splices.ts';
import { applySplices, mergeSplices } from '../../src/transcript/splice.ts';
import fc from '../helpers/fast-check.ts';
import { runs } from '../helpers/transcript-lab.ts';
import type { Splice } from '../../src/transcript/splice.ts';

const splice = (offset: number, length: number, text: string): Splice => ({
  offset,
  length,
  bytes: Buffer.from(text),
});

function applied(text: string, splices: readonly Splice[]): string {
  const pieces = [...applySplices(bytesSource(Buffer.from(text)), splices)];
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece))).toString();
}

describe('applySplices', () => {
  it('replaces, takes out and puts in, in whatever order it is told', () => {
    const splices = [splice(6, 0, 'G'), splice(0, 1, ''), splice(3, 2, 'xyz')];
    expect(applied('abcdef', splices)).toBe('bcxyzfG');
    expect(applied('abc', [])).toBe('abc');
  });

  it('puts insertions at one place in the order they are given, in front of a replacement', () => {
    expect(applied('abc', [splice(1, 1, 'B'), splice(1, 0, '1'), splice(1, 0, '2')])).toBe('a12Bc');
  });

  it('refuses splices that cover the same byte, or lie behind the end', () => {
    expect(() => applied('abcdef', [splice(1, 3, ''), splice(3, 1, '')])).toThrow(/do not overlap/);
    expect(() => applied('abc', [splice(2, 2, '')])).toThrow(/within its source/);
  });
});

describe('mergeSplices', () => {
  it('leaves out what lies within bytes that a later list replaces', () => {
    const mends = [splice(2, 1, ''), splice(5, 0, '\n'), splice(9, 1, '')];
    const edits = [splice(1, 5, 'new'), splice(9, 0, '+')];
    expect(applied('0123456789', mergeSplices(mends, edits))).toBe('0new678+');
  });

  it('keeps insertions at the edges of what is replaced', () => {
    const merged = mergeSplices([splice(2, 0, '<'), splice(4, 0, '>')], [splice(2, 2, '..')]);
    expect(applied('abcdef', merged)).toBe('ab<..>ef');
  });

  it('refuses lists of which one replaces half of what the other does', () => {
    expect(() => mergeSplices([splice(0, 3, '')], [splice(2, 3, '')])).toThrow(/do not overlap/);
  });
});

describe('composed', () => {
  it('takes the place of an earlier splice that replaced the same bytes', () => {
    const text = '{"parent":"lost"}';
    const first = [splice(10, 6, '"guess"')];
    const both = composed(first, [splice(10, 7, '"better guess"')]);
    expect(applied(text, both)).toBe('{"parent":"better guess"}');
    expect(both).toHaveLength(1);
  });

  it('carries later splices over to what the earlier ones were about', () => {
    const text = '01\0\x002345{6}{7}';
    const mends = [splice(2, 2, ''), splice(11, 0, '\n')];
    const mended = applied(text, mends);
    expect(mended).toBe('012345{6}\n{7}');
    const later = [splice(1, 3, 'abc'), splice(7, 1, 'six'), splice(11, 1, ''), splice(13, 0, '!')];
    expect(applied(text, composed(mends, later))).toBe(applied(mended, later));
  });

  it('does what one list and then the other does, wherever they meet', () => {
    const some = fc.array(fc.tuple(fc.nat(4), fc.nat(3), fc.constantFrom('', 'x', 'yz', 'uvw')), {
      maxLength: 5,
    });
    /** Splices with the gaps that are told, as far as the text goes. */
    const placed = (
      told: readonly (readonly [number, number, string])[],
      size: number,
    ): readonly Splice[] => {
      let at = 0;
      return told.flatMap(([gap, length, text]) => {
        const offset = at + gap;
        at = offset + length;
        return at > size ? [] : [splice(offset, length, text)];
      });
    };
    fc.assert(
      fc.property(some, some, (one, other) => {
        const text = 'abcdefghijklmnop';
        const earlier = placed(one, text.length);
        const between = applied(text, earlier);
        const later = placed(other, between.length);
        expect(applied(text, composed(earlier, later))).toBe(applied(between, later));
      }),
      runs(2000),
    );
  });
});
