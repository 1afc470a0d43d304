/**
 * Every disk that a power cut may leave at one moment: each subset of the names, sizes and sectors that
 * are not durable then. Where there are too many, a sample from a seed, with nothing and everything in
 * it.
 */
import { xxh64 } from '../../src/format/checksum.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';

/** Disks of one moment. */
export interface Disks {
  /** Parts that were not durable. */
  readonly parts: number;
  /** True when some subsets were left out. */
  readonly isSampled: boolean;
  readonly disks: readonly SimDisk[];
}

/** All of them, or `disksMax` of them, when there are more. The disk runs on. */
export function disksAfterPowerLoss(disk: SimDisk, disksMax: number, seed: number): Disks {
  // What is in a lock file is for people only.
  const parts = disk.unsyncedParts((name) => name !== 'LOCK' && name !== 'GATE');
  const all = 2 ** parts.length;
  const isSampled = all > disksMax;
  const dice = Prng.fromSeed(seed);
  const disks: SimDisk[] = [];
  for (let index = 0; index < Math.min(all, disksMax); index += 1) {
    const kept = isSampled ? sampled(parts, index, dice) : subset(parts, index);
    disks.push(disk.crash({ keepPart: (part) => kept.has(part) }));
  }
  return { parts: parts.length, isSampled, disks };
}

function subset(parts: readonly string[], bits: number): ReadonlySet<string> {
  return new Set(parts.filter((_, index) => ((bits >>> index) & 1) === 1));
}

/** Nothing, everything, everything but one and nothing but one first; then by chance. */
function sampled(parts: readonly string[], index: number, dice: Prng): ReadonlySet<string> {
  if (index === 0) return new Set();
  if (index === 1) return new Set(parts);
  const one = parts[(index - 2) >> 1];
  if (one !== undefined) {
    return index % 2 === 0 ? new Set([one]) : new Set(parts.filter((part) => part !== one));
  }
  return new Set(parts.filter(() => dice.below(2) === 0));
}

/** Equal for disks with the same names and bytes; locks and times do not count. */
export function digestOf(disk: SimDisk): string {
  const files = disk.paths().filter((path) => !/\/(LOCK|GATE)$/.test(path));
  const contents = files.map((path) => `${path} ${xxh64(disk.readFile(path))}`);
  return `${disk.paths('directory').join(' ')} ${contents.join(' ')}`;
}
