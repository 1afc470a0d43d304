/** Ids are kept as hashes: none may be missed, and two may not be taken for one. */
import { describe, expect, test } from 'vitest';
import { IdSet } from '../../../src/integrity/rules/id-set.ts';

describe('IdSet', () => {
  test('IdSet tells the ids that it has from those that it has not', () => {
    const ids = new IdSet();
    expect(ids.has('')).toBe(false);
    expect(ids.add('')).toBe(true);
    expect(ids.add('')).toBe(false);
    expect(ids.has('')).toBe(true);
    expect(ids.add('toolu_1')).toBe(true);
    expect(ids.has('toolu_2')).toBe(false);
    expect(ids.has('1_uloot')).toBe(false);
    expect(ids.size).toBe(2);
  });

  test('IdSet keeps a million ids that are nearly alike apart', () => {
    const ids = new IdSet();
    const shapes = [
      (n: number) => `call_${String(n)}`,
      (n: number) => `${String(n)}_call`,
      (n: number) => `toolu_01${n.toString(36).padStart(22, 'A')}`,
      (n: number) => String.fromCharCode(n & 0xffff, n >> 16, 120),
    ];
    for (const shape of shapes) {
      for (let n = 0; n < 250_000; n += 1) {
        const id = shape(n);
        if (ids.has(id) || !ids.add(id)) expect.unreachable(`${JSON.stringify(id)} was not seen`);
      }
    }
    expect(ids.size).toBe(1_000_000);
    expect(ids.has('call_249999')).toBe(true);
    expect(ids.has('call_250000')).toBe(false);
  });
});
