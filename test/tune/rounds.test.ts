/** Turns, bounds of time and bytes, and what a store is taken to write. */
import { describe, expect, test } from 'vitest';
import { nodeClock } from '../../src/platform/node-clock.ts';
import { latencyHistogram } from '../../src/platform/latency-histogram.ts';
import { Pace } from '../../src/tune/pace.ts';
import { alternate, turnFor } from '../../src/tune/rounds.ts';
import type { Slice } from '../../src/tune/rounds.ts';
import { zeroBytes } from '../../src/tune/subject.ts';

const MiB = 1024 * 1024;

/** A pace on a clock that stands still until it is moved. */
function paceOf(bounds: { readonly seconds?: number; readonly bytes?: number }) {
  const time = { nowMs: 0 };
  const clock = { ...nodeClock(), monotonicMs: () => time.nowMs };
  const stop = new AbortController();
  const pace = new Pace(clock, { seconds: 10, bytes: 1000, ...bounds, signal: stop.signal });
  return { pace, time, stop };
}

/** Slices that take so long each, and note their turns. */
function slicesOf(time: { nowMs: number }, tookMs: readonly number[], turns: string[]): Slice[] {
  return tookMs.map((ms, at): Slice => {
    return ({ round }) => {
      time.nowMs += ms;
      turns.push(`${round}${'abc'[at]}`);
      return Promise.resolve(at * 100 + round);
    };
  });
}

describe('alternate', () => {
  test('alternate drops the first round, and begins each with another candidate', async () => {
    const { pace, time } = paceOf({});
    const turns: string[] = [];
    const told = await alternate(pace, pace.part(1, 1), slicesOf(time, [1, 1, 1], turns));
    expect(turns.slice(0, 9)).toEqual(['0a', '0b', '0c', '1b', '1c', '1a', '2c', '2a', '2b']);
    expect(told).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [101, 102, 103, 104, 105, 106, 107, 108],
      [201, 202, 203, 204, 205, 206, 207, 208],
    ]);
  });

  test('alternate begins no round that would not end in time, and counts whole rounds only', async () => {
    const { pace, time } = paceOf({ seconds: 1 });
    const told = await alternate(pace, pace.part(1, 1), slicesOf(time, [120, 120], []));
    expect(told.map((rounds) => rounds.length)).toEqual([3, 3]);
    expect(time.nowMs).toBeLessThanOrEqual(1000);
    const late = paceOf({ seconds: 1 });
    const cut = await alternate(
      late.pace,
      late.pace.part(1, 1),
      slicesOf(late.time, [2000, 1], []),
    );
    expect(cut).toEqual([[], []]);
    expect(late.time.nowMs).toBe(2000);
  });

  test('alternate makes the least rounds however late it is', async () => {
    const { pace, time } = paceOf({ seconds: 1 });
    time.nowMs = 5000;
    const told = await alternate(pace, pace.part(1, 1), slicesOf(time, [10], []), 2);
    expect(told).toEqual([[1]]);
  });

  test('alternate ends when a candidate has no bytes left', async () => {
    const { pace } = paceOf({});
    let calls = 0;
    const slice: Slice = () => {
      calls += 1;
      return Promise.resolve(calls > 3 ? null : calls);
    };
    expect(await alternate(pace, pace.part(1, 1), [slice])).toEqual([[2, 3]]);
  });

  test('alternate throws the reason of an abort', async () => {
    const { pace, stop } = paceOf({});
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(alternate(pace, pace.part(1, 1), [() => Promise.resolve(1)])).rejects.toBe(reason);
  });

  test('turnFor divides time and bytes among all slices, within bounds', () => {
    const part = { untilMs: 9000, bytes: 1800 };
    expect(turnFor(0, part, 10)).toEqual({ sliceMs: 100, sliceBytes: 20 });
    expect(turnFor(0, { ...part, untilMs: 1e9 }, 10).sliceMs).toBe(250);
    expect(turnFor(9000, part, 10).sliceMs).toBe(4);
  });
});

describe('pace', () => {
  test('Pace takes bytes until there are none, and remembers that it refused', () => {
    const { pace } = paceOf({ bytes: 100 });
    expect([pace.take(60), pace.take(60), pace.take(40), pace.take(1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect([pace.written, pace.isOutOfBytes]).toEqual([100, true]);
    expect(paceOf({}).pace.isOutOfBytes).toBe(false);
  });
});

describe('zeroBytes', () => {
  test('zeroBytes is the first two segments, then the largest behind each that is nearly full', () => {
    const first = 3 * MiB + 32 * 1024;
    expect(zeroBytes(0, MiB)).toBe(first);
    expect(zeroBytes(0.89 * MiB, MiB)).toBe(first);
    expect(zeroBytes(0.9 * MiB, MiB)).toBe(first + 16 * MiB);
    expect(zeroBytes(2.9 * MiB, MiB)).toBe(first + 32 * MiB);
    expect(zeroBytes(19 * MiB, MiB)).toBe(first + 48 * MiB);
    expect(zeroBytes(0, 16 * MiB)).toBe(32 * MiB + 32 * 1024);
  });
});

describe('latencyHistogram', () => {
  test('latencyHistogram tells percentiles to within a thousandth, and null of nothing', () => {
    const histogram = latencyHistogram();
    expect(histogram.latency()).toBeNull();
    for (let ms = 1; ms <= 100; ms += 1) histogram.record(ms);
    const { count, p50Ms, p99Ms, maxMs } = histogram.latency() ?? { count: 0 };
    expect(count).toBe(100);
    expect(p50Ms).toBeCloseTo(50, 0);
    expect(p99Ms).toBeCloseTo(99, 0);
    expect(maxMs).toBeCloseTo(100, 0);
  });

  test('latencyHistogram takes a time of nothing for a nanosecond', () => {
    const histogram = latencyHistogram();
    histogram.record(0);
    expect(histogram.latency()?.maxMs).toBe(1e-6);
  });
});
