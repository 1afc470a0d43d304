/**
 * Walks a small history: a crash behind every operation of the file system, every disk that it may
 * leave, recovery, a crash behind every operation inside that recovery, recovery again. What the user
 * was promised is compared each time.
 */
import { present } from '../../src/base/assert.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { SimMachine } from '../helpers/sim-store.ts';
import {
  compareAll,
  judgeAgain,
  newTally,
  requireStill,
  requireTold,
  tornTailsOf,
} from '../sim/looks.ts';
import { judgeRot } from '../sim/rot.ts';
import { copyOf } from '../sim/model.ts';
import type { Models } from '../sim/model.ts';
import { digestOf, disksAfterPowerLoss } from './crash-points.ts';
import type { History } from './histories.ts';
import { User } from './histories.ts';

/** How far a walk goes. */
export interface Bounds {
  /** Disks of one moment; beyond it they are a sample. */
  readonly disksMax: number;
  /** Every so manieth different disk is also recovered with a crash behind every operation. */
  readonly cutEvery: number;
  /** Disks that each crash inside recovery leaves. */
  readonly cutDisksMax: number;
}

/** Counts of a walk. */
export interface WalkCounts {
  /** Moments at which the history was cut off. */
  moments: number;
  /** Of these, those at which not every disk was looked at. */
  sampled: number;
  /** The most parts that were not durable at one moment. */
  partsMax: number;
  /** Disks that were made, and of these the different ones, which were recovered. */
  disks: number;
  distinct: number;
  /** Crashes inside recovery, and different disks that they left, which were recovered. */
  cuts: number;
  cutDistinct: number;
}

interface Moment {
  readonly disk: SimDisk;
  readonly models: Models;
  readonly operation: string;
}

/** Walks it. Throws at a violation, with the moment in its message. */
export async function walk(name: string, history: History, bounds: Bounds): Promise<WalkCounts> {
  const moments = await momentsOf(history);
  const counts: WalkCounts = {
    moments: moments.length,
    sampled: 0,
    partsMax: 0,
    disks: 0,
    distinct: 0,
    cuts: 0,
    cutDistinct: 0,
  };
  const seen = new Set<string>();
  for (const [index, moment] of moments.entries()) {
    const { parts, isSampled, disks } = disksAfterPowerLoss(moment.disk, bounds.disksMax, index);
    counts.partsMax = Math.max(counts.partsMax, parts);
    if (isSampled) counts.sampled += 1;
    for (const [number, disk] of disks.entries()) {
      counts.disks += 1;
      if (!isNew(seen, disk, moment.models)) continue;
      counts.distinct += 1;
      const isCut = counts.distinct % bounds.cutEvery === 0;
      try {
        await judge(disk, moment.models, 1000 * index + number);
        if (isCut) await cutRecovery(disk, moment.models, { bounds, counts });
      } catch (error) {
        const where = `${name}, moment ${index} (${moment.operation}), disk ${number}`;
        throw new Error(`Violation: ${where}`, { cause: error });
      }
    }
  }
  return counts;
}

/**
 * Flips bits of the disk that the end of a history leaves, one at a time, at places that are drawn.
 * Throws at a violation; the result is how many bits were flipped.
 */
export async function rotAtTheEnd(name: string, history: History, flips: number): Promise<number> {
  const { disk, models } = present((await momentsOf(history)).at(-1), 'a history has an end');
  const tally = newTally();
  for (let seed = 1; seed <= flips; seed += 1) {
    const left = disk.crash({ keep: seed % 2 === 0 ? 'all' : 'none' });
    const machine = new SimMachine(left, Prng.fromSeed(seed));
    try {
      await judgeRot({ machine, models, end: 'power cut', seed }, tally);
    } catch (error) {
      throw new Error(`Violation: ${name}, rot ${seed}`, { cause: error });
    }
  }
  return tally.rotten;
}

/** The machine in front of every operation that changes something, and at the end. */
async function momentsOf(history: History): Promise<readonly Moment[]> {
  const { disk } = await SimMachine.start(5);
  const user = new User(new SimMachine(disk, Prng.fromSeed(5)));
  const prepared = await history.before(user);
  const moments: Moment[] = [];
  let changes = disk.changes;
  const take = (operation: string): void => {
    moments.push({ disk: disk.clone(), models: copyOf(user.models), operation });
  };
  disk.beforeOperation = ({ kind, path }) => {
    // What was changed since the last one; what only reads leaves nothing new.
    if (disk.changes > changes + 1 || moments.length === 0) take(`${kind} ${path}`);
    changes = disk.changes - 1;
    return undefined;
  };
  await history.run(user, prepared);
  disk.beforeOperation = null;
  take('the end');
  return moments;
}

function isNew(seen: Set<string>, disk: SimDisk, models: Models): boolean {
  const digest = `${digestOf(disk)} ${JSON.stringify([...models.values()])}`;
  if (seen.has(digest)) return false;
  seen.add(digest);
  return true;
}

/** Opens it, compares, goes on; for some, once more behind another power cut. */
async function judge(disk: SimDisk, models: Models, seed: number): Promise<void> {
  const machine = new SimMachine(disk.clone(), Prng.fromSeed(~seed));
  const store = await machine.open({}, 'after');
  const torn = tornTailsOf(machine);
  const depth = seed % 4 === 0 ? 'all' : 'entries';
  const known = await compareAll(machine, store, { models, end: 'power cut', depth });
  if (seed % 3 !== 0) return;
  const crashed = machine.crash(seed);
  requireStill(torn, crashed);
  await judgeAgain(crashed, known, newTally());
}

/** Recovery is cut off behind every change; each disk that is left then is recovered. */
async function cutRecovery(
  disk: SimDisk,
  models: Models,
  into: { readonly bounds: Bounds; readonly counts: WalkCounts },
): Promise<void> {
  const { bounds, counts } = into;
  const seen = new Set<string>();
  for (let changes = 1; ; changes += 1) {
    const machine = new SimMachine(disk.clone(), Prng.fromSeed(77));
    machine.disk.crashAfter(changes);
    const store = await machine.open({}, 'cut').catch(requireTold);
    if (store !== null) return;
    counts.cuts += 1;
    const left = disksAfterPowerLoss(machine.disk, bounds.cutDisksMax, changes).disks;
    for (const [number, one] of left.entries()) {
      if (!isNew(seen, one, models)) continue;
      counts.cutDistinct += 1;
      try {
        await judge(one, models, 100 * changes + number);
      } catch (error) {
        throw new Error(`Recovery cut off behind ${changes} changes, disk ${number}`, {
          cause: error,
        });
      }
    }
  }
}
