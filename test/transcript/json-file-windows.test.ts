/** What is read of a damaged list does not depend on how much of it is held at a time. */
import { expect, it } from 'vitest';
import { bytesSource } from '../../src/transcript/byte-source.ts';
import { jsonFile } from '../../src/transcript/json-file.ts';
import fc from '../helpers/fast-check.ts';
import { runs } from '../helpers/transcript-lab.ts';

/** Places of the elements, and what is told. */
function read(bytes: Buffer, chunkBytes: number): readonly unknown[] {
  const told: unknown[] = [];
  const source = bytesSource(bytes);
  for (const { offset, length } of jsonFile(
    source,
    ['messages'],
    ({ code, offset: at, length: count, meaning }) => told.push([code, at, count, meaning]),
    { chunkBytes },
  )) {
    told.push([offset, length]);
  }
  return told;
}

const text = fc
  .tuple(fc.constantFrom('w', 'two words ', 'x{y[z'), fc.integer({ min: 1, max: 12 }))
  .map(([words, times]) => words.repeat(times));
const zeros = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 20 })), {
  minLength: 1,
  maxLength: 3,
});

// An element with zeros in it was lost where the window held nothing in front of it, or behind.
it('jsonFile reads lists with zeros in them alike, however small its window is', () => {
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 3, maxLength: 6 }),
      zeros,
      fc.constantFrom(0, 2),
      (texts, all, indent) => {
        const messages = texts.map((content) => ({ role: 'user', content }));
        const bytes = Buffer.from(JSON.stringify({ messages }, null, indent));
        for (const [place, count] of all) {
          const at = place % bytes.length;
          bytes.fill(0, at, Math.min(bytes.length, at + count));
        }
        const whole = read(bytes, 1024 * 1024);
        for (const chunkBytes of [1, 16, 64, 200]) {
          expect(read(bytes, chunkBytes), `windows of ${chunkBytes}`).toEqual(whole);
        }
      },
    ),
    runs(300),
  );
});
