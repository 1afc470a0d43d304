/** Places of mended bytes, told as those of the file: offsets, lengths and lines. */
import { describe, expect, it } from 'vitest';
import type { Place } from '../../src/integrity/conversation.ts';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { OriginalPlaces } from '../../src/transcript/original-places.ts';
import { applySplices } from '../../src/transcript/splice.ts';
import type { Splice } from '../../src/transcript/splice.ts';

const text = 'ab\ncd\n\nef';
const source = bytesSource(Buffer.from(text));
const linesIn = (part: string): number => part.split('\n').length;

/** All bytes are different but for line ends, so that each tells where it comes from. */
const added = ['', 'X', '\n', 'Y\nZ\n'];

/** Every splice of up to three bytes. */
const splices: readonly Splice[] = Array.from({ length: text.length + 1 }, (_, offset) =>
  [0, 1, 2, 3]
    .filter((length) => offset + length <= text.length)
    .flatMap((length) =>
      added
        .filter((bytes) => length + bytes.length > 0)
        .map((bytes) => ({ offset, length, bytes: Buffer.from(bytes) })),
    ),
).flat();

/** Every two of them that have room for one another, and each alone. */
function* lists(): Generator<readonly Splice[]> {
  yield [];
  for (const one of splices) {
    yield [one];
    for (const two of splices) if (one.offset + one.length < two.offset) yield [one, two];
  }
}

/** Where each byte of the result stands in the source; null for one that was put in. */
function originsOf(list: readonly Splice[]): readonly (number | null)[] {
  const origins: (number | null)[] = [];
  let at = 0;
  const kept = (to: number): void => {
    for (; at < to; at += 1) origins.push(at);
  };
  for (const { offset, length, bytes } of list) {
    kept(offset);
    origins.push(...Array.from(bytes, () => null));
    at = offset + length;
  }
  kept(text.length);
  return origins;
}

const place = (offset: number, length: number, line: number): Place => {
  return { record: 4, offset, length, line, id: 'r' };
};

describe('OriginalPlaces', () => {
  it('gives every kept byte the offset and the line that it has in the file', () => {
    let looked = 0;
    for (const list of lists()) {
      const places = new OriginalPlaces(source, list);
      const result = Buffer.concat([...applySplices(source, list)].map((one) => Buffer.from(one)));
      const origins = originsOf(list);
      expect(origins).toHaveLength(result.length);
      for (const [at, origin] of origins.entries()) {
        if (origin === null) continue;
        const line = linesIn(result.toString('utf8', 0, at));
        expect(places.of(place(at, 1, line))).toEqual(
          place(origin, 1, linesIn(text.slice(0, origin))),
        );
        looked += 1;
      }
    }
    expect(looked).toBeGreaterThan(10_000);
  });

  it('ends a piece where its last byte does, whatever was put in behind it', () => {
    for (const list of lists()) {
      const places = new OriginalPlaces(source, list);
      const origins = originsOf(list);
      for (const [from, begin] of origins.entries()) {
        for (let to = from + 1; to <= origins.length; to += 1) {
          const end = origins[to - 1] ?? null;
          if (begin === null || end === null) continue;
          const told = places.of(place(from, to - from, 1));
          expect([told.offset, told.length]).toEqual([begin, end + 1 - begin]);
        }
      }
    }
  });

  it('lets what begins in new bytes begin where these were put', () => {
    const places = new OriginalPlaces(source, [
      { offset: 3, length: 2, bytes: Buffer.from('Y\nZ') },
    ]);
    expect(places.of(place(5, 1, 3))).toMatchObject({ offset: 3, line: 2 });
  });

  it('leaves places without bytes and without lines as they are, and shares what was shared', () => {
    const places = new OriginalPlaces(source, [{ offset: 0, length: 3, bytes: Buffer.from('') }]);
    const row = { record: 1, offset: null, length: 0, line: null, id: 'row' };
    expect(places.of(row)).toBe(row);
    const bare = { record: 0, offset: 0, length: 2, line: null, id: null };
    expect(places.of(bare)).toEqual({ ...bare, offset: 3 });
    const message = { role: 'user', content: [], place: bare, places: [bare], model: null };
    const told = places.ofMessage(message);
    expect(told.places[0]).toBe(told.place);
  });
});
