/** Quantiles of latencies, and medians of rounds. */
import { expect, test } from 'vitest';
import { ratioOfEnds } from '../../bench/by-length.ts';
import { LatencyHistogram, latencyOf } from '../../bench/latency.ts';
import { spreadOf, spreadText } from '../../bench/rounds.ts';

test('latencyOf gives quantiles of unsorted samples', () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  const [p50Ms, p90Ms, p99Ms, p999Ms, maxMs] = [51, 91, 100, 100, 100];
  expect(latencyOf(samples)).toEqual({ count: 100, p50Ms, p90Ms, p99Ms, p999Ms, maxMs });
});

test('LatencyHistogram gives the quantiles of samples to three digits', () => {
  const histogram = new LatencyHistogram();
  expect(histogram.latency.p50Ms).toBeNaN();
  for (let ms = 1; ms <= 1000; ms += 1) histogram.record(ms);
  const { count, p50Ms, p99Ms, p999Ms, maxMs } = histogram.latency;
  expect(count).toBe(1000);
  for (const [found, expected] of [
    [p50Ms, 500],
    [p99Ms, 990],
    [p999Ms, 999],
    [maxMs, 1000],
  ] as const) {
    expect(Math.abs(found / expected - 1)).toBeLessThan(0.002);
  }
});

test('LatencyHistogram takes in another one, and forgets', () => {
  const [one, other] = [new LatencyHistogram(), new LatencyHistogram()];
  one.record(0);
  other.record(5);
  one.add(other);
  other.reset();
  expect([one.count, other.count]).toEqual([2, 0]);
  expect(one.latency.maxMs).toBeCloseTo(5, 1);
});

test('spreadOf gives the median of the rounds and how far they are apart', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ rounds: 3, median: 2, least: 1, most: 3 });
  expect(spreadOf([4, 1, 2, 3]).median).toBe(2.5);
  expect(spreadOf([]).median).toBeNaN();
  expect(spreadText(spreadOf([1.234, 2.5, 2]))).toBe('2 (1.23 to 2.50, 3 rounds)');
});

test('ratioOfEnds compares the longest with the shortest in each round', () => {
  const all = [
    { length: 1, ms: [1, 2, 4] },
    { length: 2, ms: [9, 9, 9] },
    { length: 3, ms: [2, 2, 2] },
  ];
  expect(ratioOfEnds(all, ({ ms }) => ms)).toEqual({ rounds: 3, median: 1, least: 0.5, most: 2 });
});
