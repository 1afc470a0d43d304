/**
 * Work that is cut off after every number of changes to the disk, and the disks that the cut may
 * leave.
 */
import { expect } from 'vitest';
import { xxh64 } from '../../src/format/checksum.ts';
import { SimCrash } from '../../src/platform/sim/faults.ts';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import type { RecoveryLab } from './recovery-lab.ts';

/** What power loss may leave of a disk: nothing that was not synced, all of it, and two by chance. */
export function afterPowerLoss(disk: SimDisk, seed: number): readonly SimDisk[] {
  return [
    disk.crash({ keep: 'none' }),
    disk.crash({ keep: 'all' }),
    disk.crash({ keep: 'random', seed }),
    disk.crash({ keep: 'random', seed: seed + 5000 }),
  ];
}

/** The two blocks in front of every history and segment. */
const isHeader = (page: number): boolean => page < 2;

/**
 * Disks on which the order of writes counts for nothing: names before contents, contents before
 * names, headers before what they tell of, and that before its header; and for every second seed one by
 * chance. Of equal
 * ones one is left: where everything is synced, that is all.
 */
export function afterReordering(disk: SimDisk, seed: number): readonly SimDisk[] {
  const left = new Map<string, SimDisk>();
  for (const options of [
    { keep: 'none' } as const,
    { keep: 'none', names: 'all' } as const,
    { keep: 'all', names: 'none' } as const,
    { keep: 'all', keepPage: isHeader } as const,
    { keep: 'all', keepPage: (page: number) => !isHeader(page) } as const,
    ...(seed % 2 === 0 ? [{ seed }] : []),
  ]) {
    const one = disk.crash(options);
    const digests = one.paths().map((path) => `${path} ${xxh64(one.readFile(path))}`);
    left.set([...one.paths('directory'), ...digests].join('\n'), one);
  }
  return [...left.values()];
}

/** Every session opens with exactly what was acknowledged. */
export async function expectWhole(lab: RecoveryLab, when: string): Promise<void> {
  const readings = await lab.read();
  for (const [id, sent] of lab.sent) {
    expect(readings.get(id)?.error ?? null, `${id} ${when}`).toBeNull();
    expect(readings.get(id)?.messages, `${id} ${when}`).toEqual(sent);
  }
}

/**
 * Runs the work on copies of a machine, cut off after every number of changes, until it ends; the
 * number of changes that it took. `prepare` runs on each copy before the count begins.
 */
export async function atEveryChange<T = void>(
  base: RecoveryLab,
  work: (lab: RecoveryLab, prepared: T) => Promise<unknown>,
  check: (lab: RecoveryLab, changes: number) => Promise<void>,
  prepare: (lab: RecoveryLab) => Promise<T> = () => Promise.resolve(undefined as T),
): Promise<number> {
  for (let changes = 0; ; changes += 1) {
    const lab = base.rebooted();
    const prepared = await prepare(lab);
    lab.disk.crashAfter(changes);
    let isOver = false;
    try {
      await work(lab, prepared);
      isOver = true;
    } catch (error) {
      // A handle may tell it as its own trouble that the machine went off.
      const looking = lab.disk.fileSystem('probe').stat('/');
      const isOff = await looking.then(
        () => false,
        (reason: unknown) => reason instanceof SimCrash,
      );
      if (!isOff) throw error;
    }
    await check(lab, changes);
    if (isOver) return changes;
  }
}
