/** From made-up disks to settings, and what is said of them. */
import { describe, expect, test } from 'vitest';
import {
  defaults,
  delayAdvice,
  entriesAdvice,
  exposureOf,
  ioAdvice,
  makingMs,
  segmentAdvice,
  segmentCostOf,
  settingsText,
  settingText,
} from '../../src/tune/advice.ts';
import { curveOf } from '../../src/tune/curve.ts';
import { flushOf, flushWarning } from '../../src/tune/flush.ts';
import { betterAbove, judge, moveOf } from '../../src/tune/judge.ts';
import type { Neighbour } from '../../src/tune/judge.ts';
import { entriesLadder, neighboursOn } from '../../src/tune/ladders.ts';
import { resolveOptions } from '../../src/store/options.ts';
import { delaySeries, disks, entriesSeries, quiet, seriesOf } from './made-up-disks.ts';
import type { MadeUpDisk } from './made-up-disks.ts';

const MiB = 1024 * 1024;
const empty = { points: [], knee: null };
const syncs = (p50Ms: number, count = 100) => ({ p50Ms, count });
const rounds = (ratio: number): readonly number[] => Array.from({ length: 8 }, () => ratio);

describe('entries and delay', () => {
  test.each([
    ['spinning', 1000],
    ['consumer', 300],
    ['protected', 10],
    ['memory', 1],
    ['network', 1000],
  ] as const)('entriesAdvice for a %s disk is %i', (name, value) => {
    const advised = entriesAdvice(curveOf(entriesSeries(disks[name], quiet)));
    expect(advised).toMatchObject({ value, reason: { from: 'measured' } });
  });

  test('entriesAdvice keeps the default when nothing was measured, or the rounds do not agree', () => {
    expect(entriesAdvice(empty)).toEqual({
      value: 10,
      reason: { from: 'default', why: 'not measured, so this is the default' },
    });
    const few = curveOf(entriesSeries(disks.consumer, { ...quiet, rounds: 4 }));
    expect(entriesAdvice(few).reason.why).toContain('too few rounds');
    let kept = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const curve = curveOf(entriesSeries(disks.memory, { shared: 1, own: 12, seed }));
      const { value, reason } = entriesAdvice(curve);
      if (value === defaults.syncEntriesMax && reason.from === 'default') kept += 1;
    }
    expect(kept).toBeGreaterThan(90);
  });

  test('entriesAdvice says when more may pay, and when the rounds do not agree on it', () => {
    const knee = { at: 100, share: 0.9, certainty: 'unsure', place: 'beyond' } as const;
    const { value, reason } = entriesAdvice({ points: [], knee });
    expect(value).toBe(100);
    expect(reason.why).toBe(
      'reaches 90 % of what batched appends do with 100; whether more pays the rounds do not ' +
        'agree; more than was tried may pay too',
    );
  });

  test.each([
    ['spinning', 50],
    ['consumer', 5],
    ['protected', 1],
    ['memory', 1],
    ['network', 20],
  ] as const)(
    'delayAdvice for a %s disk is %i ms, by the curve or by the sync alone',
    (name, value) => {
      const disk = disks[name];
      expect(delayAdvice(curveOf(delaySeries(disk, quiet)), syncs(disk.syncMs)).value).toBe(value);
      expect(delayAdvice(empty, syncs(disk.syncMs))).toMatchObject({
        value,
        reason: { from: 'model' },
      });
    },
  );

  test('delayAdvice goes by the sync when the rounds are not sure', () => {
    const knee = { at: 1, share: 1, certainty: 'unsure', place: 'inside' } as const;
    expect(delayAdvice({ points: [], knee }, syncs(0.8))).toEqual({
      value: 5,
      reason: {
        from: 'model',
        why: 'syncs of 0.800 ms (median of 100) then take at most 14 % of the time',
      },
    });
    expect(delayAdvice(empty, null)).toMatchObject({ value: 100, reason: { from: 'default' } });
  });
});

describe('delay that the rounds do not agree on', () => {
  const knee = { at: 1, share: 0.4, certainty: 'unsure', place: 'inside' } as const;
  const point = (at: number, median: number) => {
    return { at, value: { median, low: median / 2, high: median * 2, rounds: 6 } };
  };

  test('delayAdvice takes no delay that was seen to be slow, whatever the syncs ask for', () => {
    const points = [point(1, 5026), point(2, 9000), point(5, 12_000), point(10, 13_141)];
    const { value, reason } = delayAdvice({ points, knee }, syncs(0.04));
    expect([value, reason.from]).toEqual([5, 'measured']);
    expect(reason.why).toBe(
      'the shortest that reached 85 % of the best median; the rounds do not agree on it, and ' +
        'syncs of 0.0400 ms (median of 100) alone would ask for 1 ms',
    );
  });

  test('delayAdvice advises nothing beyond the default that was not tried', () => {
    for (const points of [[], [point(50, 10), point(100, 20), point(200, 90)]]) {
      const { value, reason } = delayAdvice({ points, knee }, syncs(200));
      expect([value, reason.from]).toEqual([100, 'default']);
      expect(reason.why).toContain('nothing beyond this was tried');
    }
    const sure = { at: 200, share: 1, certainty: 'sure', place: 'beyond' } as const;
    expect(delayAdvice({ points: [], knee: sure }, syncs(200)).value).toBe(200);
  });

  test('delayAdvice takes a median of less than five syncs for none', () => {
    const { value, reason } = delayAdvice(empty, syncs(0.8, 4));
    expect([value, reason.from]).toEqual([100, 'default']);
    expect(reason.why).toContain('a median of 4 syncs is none');
    expect(delayAdvice(empty, syncs(0.8, 5)).value).toBe(5);
  });
});

describe('segments', () => {
  const costOf = ({ segmentMs, fillMsPerMiB }: MadeUpDisk, noise = quiet) => {
    const time = (bytes: number): number => segmentMs + (fillMsPerMiB * bytes) / MiB;
    const { points } = curveOf(seriesOf([MiB / 4, MiB, 4 * MiB], time, noise));
    return segmentCostOf(points);
  };

  test('segmentCostOf finds the line of each disk, and null of a single size', () => {
    for (const disk of Object.values(disks)) {
      const cost = costOf(disk);
      expect(cost?.fixedMs).toBeCloseTo(disk.segmentMs, 6);
      expect(cost?.msPerMiB).toBeCloseTo(disk.fillMsPerMiB, 6);
    }
    expect(segmentCostOf([])).toBeNull();
  });

  test('segmentCostOf goes by the quickest round of each size, because others only add time', () => {
    const at = (bytes: number, low: number, median: number) => {
      return { at: bytes, value: { median, low, high: 99, rounds: 8 } };
    };
    const points = [at(MiB, 6, 90), at(2 * MiB, 9, 9), at(4 * MiB, 15, 40)];
    const cost = segmentCostOf(points);
    expect(cost?.fixedMs).toBeCloseTo(3, 9);
    expect(cost?.msPerMiB).toBeCloseTo(3, 9);
  });

  test('segmentCostOf is never below nothing, however the noise tilts the line', () => {
    const spread = (median: number) => ({ median, low: median, high: median, rounds: 8 });
    const at = (bytes: number, ms: number) => ({ at: bytes, value: spread(ms) });
    const falling = segmentCostOf([at(MiB, 9), at(2 * MiB, 5), at(4 * MiB, 1)]);
    expect(falling).toEqual({ fixedMs: 1, msPerMiB: 0 });
    const steep = segmentCostOf([at(MiB, 1), at(2 * MiB, 9), at(4 * MiB, 90)]);
    expect(steep?.fixedMs).toBe(0);
  });

  test.each([
    ['spinning', 4e6, 4 * MiB], // as much as an opening may wait for
    ['spinning', 1e5, MiB],
    ['consumer', 2e7, 4 * MiB],
    ['protected', 4e7, MiB],
    ['memory', 5e7, MiB],
    ['network', 3e6, 2 * MiB],
    ['network', 3e7, 8 * MiB],
  ] as const)('segmentAdvice for a %s disk at %i bytes per second is %i', (name, rate, value) => {
    const advised = segmentAdvice(costOf(disks[name]), rate);
    expect(advised).toMatchObject({ value, reason: { from: 'model' } });
  });

  test('segmentAdvice goes below the default only where making one takes half a second', () => {
    expect(segmentAdvice({ fixedMs: 100, msPerMiB: 350 }, 1e6).value).toBe(MiB);
    expect(segmentAdvice({ fixedMs: 100, msPerMiB: 450 }, 1e6).value).toBe(MiB / 2);
    expect(segmentAdvice({ fixedMs: 900, msPerMiB: 450 }, 1e6).value).toBe(MiB / 4);
    expect(makingMs({ fixedMs: 2, msPerMiB: 3 }, 2 * MiB)).toBe(8);
  });

  test('segmentAdvice keeps the default when a speed or the cost is not known', () => {
    expect(segmentAdvice(null, 1e6)).toMatchObject({ value: MiB, reason: { from: 'default' } });
    expect(segmentAdvice({ fixedMs: 1, msPerMiB: 1 }, null).reason.from).toBe('default');
  });
});

describe('backend', () => {
  test('ioAdvice takes the pool only when it is clearly quicker and not slower together', () => {
    const worker = { value: 'worker', reason: { from: 'measured' } };
    expect(ioAdvice({ latency: rounds(1.05), shared: rounds(2) })).toMatchObject(worker);
    expect(ioAdvice({ latency: rounds(1.3), shared: rounds(0.5) })).toMatchObject(worker);
    const pool = ioAdvice({ latency: rounds(1.3), shared: rounds(1) });
    expect(pool).toMatchObject({ value: 'pool', reason: { from: 'measured' } });
    expect(pool.reason.why).toContain('hold only while the event loop and libuv’s pool are free');
  });

  test('ioAdvice stays with the worker and says so when the rounds do not agree', () => {
    const latency = [3, 0.3, 3, 0.3, 3, 0.3, 3, 0.3];
    const { value, reason } = ioAdvice({ latency, shared: rounds(1) });
    expect([value, reason.from]).toEqual(['worker', 'default']);
    expect(reason.why).toContain('could not decide');
    expect(ioAdvice({ latency: [], shared: [] }).reason).toEqual({
      from: 'default',
      why: 'not measured, so this is the default',
    });
    const few = ioAdvice({ latency: rounds(2).slice(0, 4), shared: [] });
    expect(few.reason.why).toContain('too few rounds');
  });
});

describe('check', () => {
  const step = (
    recommended: number | string,
    neighbour: number | string,
    ratios: readonly number[],
  ) => ({ setting: 'syncEntriesMax', recommended, neighbour, ratios }) satisfies Neighbour;

  test('judge wants a step up to pay, and lets a step down cost a little', () => {
    expect(judge(step(30, 100, rounds(1.3))).isBetter).toBe('yes');
    expect(judge(step(30, 100, rounds(1.1))).isBetter).toBe('no');
    expect(judge(step(30, 10, rounds(0.97))).isBetter).toBe('yes');
    expect(judge(step(30, 10, rounds(0.9))).isBetter).toBe('no');
    expect(judge(step(30, 100, [2, 0.5, 2, 0.5, 2, 0.5])).isBetter).toBe('undecided');
    expect(judge(step(30, 100, [9, 9, 9, 9])).isBetter).toBe('undecided');
  });

  test('judge tells the ratio with its spread and what it would have had to be', () => {
    expect(judge(step(30, 100, [1, 1.2, 1.1, 1, 1.1, 1]))).toEqual({
      setting: 'syncEntriesMax',
      recommended: 30,
      neighbour: 100,
      ratio: { median: 1.05, low: 1, high: 1.2, rounds: 6 },
      isBetter: 'undecided',
      why: 'whether 100 has 1.18 times the speed of 30 the rounds do not agree, or they were too few',
    });
  });

  test('betterAbove asks the pool for more than the worker, and segments for a clear gain', () => {
    const io = (neighbour: string) =>
      betterAbove({ setting: 'io', recommended: '', neighbour, ratios: [] });
    expect([io('pool'), io('worker')]).toEqual([1.1, 1 / 1.1]);
    const bytes = { setting: 'segmentBytes', recommended: 2, ratios: [] } as const;
    expect(betterAbove({ ...bytes, neighbour: 1 })).toBe(1.1);
    expect(betterAbove({ ...bytes, neighbour: 4 })).toBe(1.1);
  });

  test('no setting is driven to and fro: after a move, the way back is not better', () => {
    // At any ratio between two neighbours, at most one of the two is better than the other.
    for (let ratio = 0.5; ratio < 2; ratio += 0.01) {
      const up = judge(step(10, 30, rounds(ratio))).isBetter === 'yes';
      const down = judge(step(30, 10, rounds(1 / ratio))).isBetter === 'yes';
      expect(up && down, String(ratio)).toBe(false);
    }
  });

  test('moveOf takes the quickest of those that are better, or none', () => {
    const [slow, quick] = [judge(step(30, 10, rounds(0.97))), judge(step(30, 100, rounds(1.5)))];
    expect(moveOf([slow, quick])).toBe(quick);
    expect(moveOf([judge(step(30, 100, rounds(1)))])).toBeNull();
    expect(moveOf([])).toBeNull();
  });

  test('neighboursOn finds the steps on both sides, also of a value between steps', () => {
    expect(neighboursOn(entriesLadder, 1)).toEqual({ down: null, up: 3 });
    expect(neighboursOn(entriesLadder, 30)).toEqual({ down: 10, up: 100 });
    expect(neighboursOn(entriesLadder, 50)).toEqual({ down: 30, up: 100 });
    expect(neighboursOn(entriesLadder, 1000)).toEqual({ down: 300, up: null });
  });
});

describe('flush', () => {
  test.each([
    ['tmpfs', 0.5, 'none'],
    ['ramfs', null, 'none'],
    ['ext4', 0.019, 'doubtful'],
    ['ext4', 0.02, 'real'],
    ['xfs', disks.protected.syncMs, 'real'],
    ['ext4', disks.spinning.syncMs, 'real'],
    ['nfs', disks.network.syncMs, 'doubtful'],
    ['fuse', 5, 'doubtful'],
    ['ext4', null, 'unknown'],
  ] as const)('flushOf judges %s at %s ms as %s', (kind, ms, verdict) => {
    const flush = flushOf(kind, ms === null ? null : syncs(ms));
    expect(flush.verdict).toBe(verdict);
    const isWarned = verdict === 'none' || verdict === 'doubtful';
    expect(flushWarning(flush) !== null).toBe(isWarned);
  });

  test('flushOf of hardly any sync does not say that it is real, nor that it is not', () => {
    for (const ms of [0.001, 5]) {
      const { verdict, why } = flushOf('ext4', syncs(ms, 1));
      expect([verdict, why]).toEqual(['unknown', 'fdatasync was measured only once']);
    }
    expect(flushOf('ext4', syncs(5, 5)).verdict).toBe('real');
  });

  test.each(['nobarrier', 'barrier=0'])('flushOf doubts a mount with %s', (option) => {
    const flush = flushOf('ext4', syncs(5), ['rw', option]);
    expect(flush.verdict).toBe('doubtful');
    expect(flush.why).toContain(`mounted with ${option}`);
    expect(flushOf('tmpfs', syncs(5), [option]).verdict).toBe('none');
  });

  test('flushWarning names what may be behind it', () => {
    expect(flushWarning(flushOf('ext4', syncs(0.001)))).toContain('eatmydata');
    expect(flushWarning(flushOf('tmpfs', syncs(0.001)))).toMatch(/^Nothing is durable here: tmpfs/);
  });
});

describe('words', () => {
  const settings = {
    syncEntriesMax: 30,
    syncDelayMsMax: 5,
    segmentBytes: MiB,
    io: 'pool',
  } as const;

  test('settingsText is what Store.open takes', () => {
    const text = settingsText(settings);
    expect(text).toBe(
      "{ syncEntriesMax: 30, syncDelayMsMax: 5, segmentBytes: 1048576, io: 'pool' }",
    );
    expect(resolveOptions(settings)).toMatchObject(settings);
    expect(settingText('segmentBytes', 4 * MiB)).toBe('4 MiB');
    expect(settingText('syncDelayMsMax', 5)).toBe('5 ms');
  });

  test('exposureOf tells the ceilings, which are the engine’s, and the sync on top', () => {
    const ready = { count: 9, p50Ms: 1, p90Ms: 1, p99Ms: 1.25, maxMs: 2 };
    const flush = { verdict: 'real', why: '' } as const;
    const unknown = { flush, ready: null };
    expect(exposureOf({ ...settings, io: 'worker' }, { flush, ready })).toEqual({
      entriesMax: 30,
      delayMsMax: 5,
      told:
        'A power cut costs at most the last 30 entries of a session that were appended as batched; ' +
        'their sync begins within 5 ms, and takes its time on top (p99 here: 1.25 ms). What was ' +
        'appended as durable is not lost.',
    });
    expect(exposureOf(settings, unknown).told).toContain('as long as the event loop');
    expect(exposureOf({ ...settings, syncEntriesMax: 1 }, unknown).told).toContain(
      'the last entry of',
    );
  });
});
