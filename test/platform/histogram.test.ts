/** Distributions against the values that went in. */
import fc from '../helpers/fast-check.ts';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../src/platform/histogram.ts';

describe('Histogram', () => {
  it('distribution is all zeros before anything was recorded, and JSON', () => {
    const { distribution } = new Histogram(1);
    expect(new Set(Object.values(distribution))).toEqual(new Set([0]));
    expect(JSON.parse(JSON.stringify(distribution))).toEqual(distribution);
  });

  it('distribution has exact ends and mean, and percentiles within a thousandth', () => {
    const values = fc.array(fc.double({ min: 0, max: 4000, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(values, (all) => {
        const histogram = new Histogram(1_000_000);
        for (const value of all) histogram.record(value);
        const { count, min, mean, max, ...percentiles } = histogram.distribution;
        const sorted = all.toSorted((one, other) => one - other);
        expect([count, min, max]).toEqual([all.length, sorted[0], sorted.at(-1)]);
        expect(mean).toBeCloseTo(all.reduce((sum, value) => sum + value, 0) / all.length, 6);
        const parts = { p50: 0.5, p90: 0.9, p99: 0.99, p999: 0.999 };
        for (const [name, part] of Object.entries(parts)) {
          // Between two values, the machine's histogram takes one of them.
          const low = sorted[Math.max(0, Math.floor(part * all.length) - 1)] ?? 0;
          const high = sorted[Math.min(all.length, Math.ceil(part * all.length)) - 1] ?? 0;
          const told = percentiles[name as keyof typeof parts];
          expect(told).toBeGreaterThanOrEqual(low * 0.999 - 2e-6);
          expect(told).toBeLessThanOrEqual(high * 1.001 + 2e-6);
        }
      }),
    );
  });

  it('record takes 0 and what is beyond its range, which only percentiles cut off', () => {
    const histogram = new Histogram(1_000_000);
    histogram.record(0);
    expect(histogram.distribution).toMatchObject({ count: 1, min: 0, mean: 0, p50: 0, max: 0 });
    histogram.record(1e9);
    for (const wrong of [Number.NaN, -1, Number.POSITIVE_INFINITY]) histogram.record(wrong);
    const { count, max, p50, p99 } = histogram.distribution;
    expect([count, max, p50]).toEqual([2, 1e9, 0]);
    expect(p99).toBeGreaterThan(3_600_000);
  });
});
