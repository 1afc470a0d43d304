/** Disks that exist only as formulas, with as much noise as a test asks for, from a seed. */
import type { Series } from '../../src/tune/curve.ts';
import { delayLadder, entriesLadder } from '../../src/tune/ladders.ts';

export interface MadeUpDisk {
  /** One sync. */
  readonly syncMs: number;
  /** What a batched append costs without any sync. */
  readonly appendMs: number;
  /** Making a segment: each, and for every MiB. */
  readonly segmentMs: number;
  readonly fillMsPerMiB: number;
  readonly kind: string;
}

export const disks = {
  spinning: { syncMs: 8.3, appendMs: 0.03, segmentMs: 40, fillMsPerMiB: 15, kind: 'ext4' },
  consumer: { syncMs: 0.8, appendMs: 0.03, segmentMs: 3, fillMsPerMiB: 3, kind: 'ext4' },
  protected: { syncMs: 0.03, appendMs: 0.03, segmentMs: 0.2, fillMsPerMiB: 0.6, kind: 'xfs' },
  memory: { syncMs: 0.002, appendMs: 0.03, segmentMs: 0.02, fillMsPerMiB: 0.2, kind: 'tmpfs' },
  network: { syncMs: 3, appendMs: 0.03, segmentMs: 12, fillMsPerMiB: 9, kind: 'nfs' },
} as const satisfies Readonly<Record<string, MadeUpDisk>>;

/** `shared` slows a whole round down, `own` each number by itself: factors up to 1 + so much. */
export interface Noise {
  readonly shared: number;
  readonly own: number;
  readonly seed: number;
  readonly rounds?: number;
}

export const quiet: Noise = { shared: 0, own: 0, seed: 1 };

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A series of speeds at these values. */
export function seriesOf(
  values: readonly number[],
  speed: (value: number) => number,
  { shared, own, seed, rounds = 8 }: Noise,
): Series {
  const chance = chanceOf(seed);
  const slow = Array.from({ length: rounds }, () => 1 + shared * chance());
  return {
    values,
    rounds: values.map((value) => slow.map((by) => speed(value) / by / (1 + own * chance()))),
  };
}

/** Batched appends per second: every `entries` of them wait for one sync. */
export function entriesSeries({ syncMs, appendMs }: MadeUpDisk, noise: Noise): Series {
  const speed = (entries: number): number => (1000 * entries) / (entries * appendMs + syncMs);
  return seriesOf(entriesLadder, speed, noise);
}

/** The same with one sync after every delay. */
export function delaySeries({ syncMs, appendMs }: MadeUpDisk, noise: Noise): Series {
  const speed = (delayMs: number): number => (1000 / appendMs) * (delayMs / (delayMs + syncMs));
  return seriesOf(delayLadder.slice(0, 6), speed, noise);
}
