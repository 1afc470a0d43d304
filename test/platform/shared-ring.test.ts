/** The ring against a plain queue, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { Prng } from '../../src/platform/sim/prng.ts';
import { ringMemory, SharedRing } from '../../src/platform/shared-ring.ts';
import type { RecordPlace } from '../../src/platform/shared-ring.ts';
import { testSeed } from '../helpers/seed.ts';

const seed = testSeed(1e6);

function put(ring: SharedRing, number: number, body: Uint8Array): boolean {
  return ring.put(number, body.length, ({ bytes, at }) => bytes.set(body, at));
}

const read =
  (length: number) =>
  ({ bytes, at }: RecordPlace): Uint8Array =>
    bytes.slice(at, at + length);

describe('SharedRing', () => {
  it(`SharedRing gives back what was put, in order, around the end (HOLDFAST_SEED=${seed})`, () => {
    const prng = Prng.fromSeed(seed);
    const memory = ringMemory(256);
    const [writer, reader] = [new SharedRing(memory), new SharedRing(memory)];
    const queue: { readonly number: number; readonly body: Uint8Array }[] = [];
    let number = 0;
    let refused = 0;
    for (let step = 0; step < 20_000; step += 1) {
      if (prng.below(2) === 0) {
        const body = Uint8Array.from({ length: prng.below(70) }, () => prng.below(256));
        number += 1;
        if (put(writer, number, body)) queue.push({ number, body });
        else refused += 1;
        continue;
      }
      const next = queue[0];
      if (next === undefined) {
        expect(reader.take(number + 1, read(1))).toBeUndefined();
        continue;
      }
      expect(reader.take(next.number + 1, read(1))).toBeUndefined();
      expect(reader.take(next.number, read(next.body.length))).toEqual(next.body);
      queue.shift();
    }
    expect(refused).toBeGreaterThan(0);
    expect(number).toBeGreaterThan(5000);
  });

  it('SharedRing goes on when its positions pass 2^31 and 2^32', () => {
    const memory = ringMemory(64);
    const positions = new Int32Array(memory.positions);
    const [writer, reader] = [new SharedRing(memory), new SharedRing(memory)];
    for (const start of [2 ** 31 - 32, 2 ** 32 - 32]) {
      positions.fill(start | 0);
      for (let number = 1; number <= 8; number += 1) {
        expect(put(writer, number, Uint8Array.of(number, 7))).toBe(true);
        expect(reader.take(number, read(2))).toEqual(Uint8Array.of(number, 7));
      }
    }
  });

  it('SharedRing puts nothing when there is no room', () => {
    const memory = ringMemory(64);
    const [writer, reader] = [new SharedRing(memory), new SharedRing(memory)];
    expect(put(writer, 1, new Uint8Array(57))).toBe(false);
    expect(put(writer, 1, new Uint8Array(40).fill(1))).toBe(true);
    expect(put(writer, 2, new Uint8Array(16).fill(2))).toBe(false);
    expect(put(writer, 2, new Uint8Array(8).fill(2))).toBe(true);
    expect(put(writer, 3, new Uint8Array(0))).toBe(false);
    expect(reader.take(1, read(40))).toEqual(new Uint8Array(40).fill(1));
    expect(reader.take(2, read(8))).toEqual(new Uint8Array(8).fill(2));
  });
});
