/** A whole report of a made-up disk, as a run would have told it. */
import { exposureOf } from '../../src/tune/advice.ts';
import { curveOf } from '../../src/tune/curve.ts';
import { flushOf } from '../../src/tune/flush.ts';
import { judge } from '../../src/tune/judge.ts';
import type { TuneReport } from '../../src/tune/report.ts';
import { delaySeries, disks, entriesSeries, seriesOf } from './made-up-disks.ts';

const MiB = 1024 * 1024;
const noise = { shared: 0.3, own: 0.05, seed: 7 };
const latency = (p50Ms: number) => {
  return { count: 1000, p50Ms, p90Ms: p50Ms * 1.5, p99Ms: p50Ms * 3, maxMs: p50Ms * 9 };
};
const spread = (median: number) => {
  return { median, low: median * 0.9, high: median * 1.1, rounds: 8 };
};
const rounds = (ratio: number) => Array.from({ length: 8 }, (_, at) => ratio * (1 + at / 100));

/** The report, with what a test changes in it. */
export function madeUpReport(members: Partial<TuneReport> = {}): TuneReport {
  const disk = disks.consumer;
  const settings = {
    syncEntriesMax: 300,
    syncDelayMsMax: 5,
    segmentBytes: 2 * MiB,
    io: 'worker',
  } as const;
  const reason = { from: 'measured', why: 'because of the curve' } as const;
  const io = {
    latency: latency(0.9),
    perSecond: spread(1100),
    sharedPerSecond: spread(21_000),
  };
  const ready = latency(disk.syncMs);
  const sync = latency(disk.syncMs);
  const flush = flushOf(disk.kind, sync);
  const sizes = seriesOf([512, 4096, 65_536, MiB], (bytes) => 0.8 + (3 * bytes) / MiB, noise);
  const segments = seriesOf([MiB / 4, MiB, 4 * MiB], (bytes) => 3 + (3 * bytes) / MiB, noise);
  return {
    schema: 'holdfast.tune/1',
    directory: '/disk/<agents> & "more"',
    node: '20.20.2',
    load: { loadAverage: 0.2, processors: 4 },
    seconds: { allowed: 30, taken: 29.4 },
    bytes: { allowed: 1024 * MiB, written: 500_000_000 },
    stopped: null,
    disk: {
      fileSystem: disk.kind,
      flush,
      sync,
      ready,
      growing: latency(1.9),
      growth: spread(2.3),
      sizes: curveOf(sizes).points,
      segments: curveOf(segments).points,
    },
    engine: {
      worker: io,
      pool: io,
      sessions: curveOf(seriesOf([1, 4, 16, 64], (count) => 1100 * count ** 0.9, noise)),
      batches: curveOf(seriesOf([1, 4, 16, 64], (count) => 1100 * count ** 0.8, noise)),
      payloads: curveOf(seriesOf([256, 4096, 65_536], (bytes) => 900 * bytes ** 0.8, noise)),
      entries: curveOf(entriesSeries(disk, noise)),
      delays: curveOf(delaySeries(disk, noise)),
    },
    advice: {
      settings,
      reasons: {
        syncEntriesMax: reason,
        syncDelayMsMax: reason,
        segmentBytes: reason,
        io: reason,
      },
      expected: {
        textBytes: 512,
        durable: latency(0.9),
        durablePerSecond: spread(1100),
        sharedSessions: 32,
        sharedPerSecond: spread(21_000),
        batched: latency(0.04),
        batchedPerSecond: spread(28_000),
      },
      againstDefaults: spread(1.6),
      exposure: exposureOf(settings, { flush, ready }),
    },
    checks: [
      judge({ setting: 'syncEntriesMax', recommended: 300, neighbour: 100, ratios: rounds(0.8) }),
      judge({ setting: 'syncEntriesMax', recommended: 300, neighbour: 1000, ratios: rounds(1) }),
      judge({ setting: 'io', recommended: 'worker', neighbour: 'pool', ratios: [3, 0.2, 1, 2, 1] }),
    ],
    warnings: [],
    ...members,
  };
}
