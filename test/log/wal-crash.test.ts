/** The bare log on a simulated disk that crashes, fails or tears: what was acknowledged is kept. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { openLog, payloadOf, readAll, upTo } from '../helpers/wal-lab.ts';
import { fill, failure, segment } from './wal-steps.ts';

/** Opens, appends, rotates, truncates, closes and opens again; notes what was acknowledged. */
async function life(disk: SimDisk, told: { durable: number; submitted: number }): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    const wal = await openLog(disk, {}, 'victim');
    for (let count = 0; count < 20; count += 1) {
      told.submitted += 1;
      const durability = count % 3 === 1 ? 'batched' : 'durable';
      const { seq } = await wal.append(payloadOf(told.submitted, 900), { durability });
      if (durability === 'durable') told.durable = seq;
    }
    const time = async (): Promise<void> => {
      for (let turns = 0; turns < 5; turns += 1) await disk.clock.advanceThrough(50);
    };
    await Promise.all([wal.truncateBefore(told.durable - 5), time()]);
    await wal.close();
    told.durable = told.submitted;
  }
}

describe('Wal', () => {
  beforeAll(initChecksum);

  it('Wal keeps whole entries beyond the mark by writing them again', async () => {
    const disk = SimDisk.create(1);
    await fill(await openLog(disk), 1, 5);
    const crashed = disk.clone();
    const wal = await openLog(crashed);
    // The mark in the last commit tells of the entry before; the last one was not told of.
    expect(wal.recovery).toEqual({
      verdict: 'unclean',
      kept: { from: 5, to: 5 },
      cutBytes: 0,
      inDoubt: null,
      damage: null,
    });
    expect(wal).toMatchObject({ lastSeq: 5, durableUpTo: 5 });
    // Nothing that was reported depends on the page cache any more.
    const after = await openLog(crashed.crash({ keep: 'none' }));
    expect(await readAll(after)).toEqual(upTo(5));
    expect(after.recovery.kept).toBe(null);
    await fill(after, 6, 7);
  });

  it('Wal brings back entries whose sync failed only when they really are there', async () => {
    for (const syncFailure of ['clean', 'revert'] as const) {
      const disk = SimDisk.create(1);
      disk.syncFailure = syncFailure;
      const wal = await openLog(disk);
      await fill(wal, 1, 3);
      disk.failNext('sync', 'EIO');
      const error = await failure(wal.append(payloadOf(4)));
      expect(error.code).toBe('POISONED');
      expect(error.details).toMatchObject({ durableUpTo: 3, inDoubt: { from: 4, to: 4 } });
      expect((await failure(wal.append(payloadOf(5)))).code).toBe('POISONED');
      expect((await failure(wal.flush())).code).toBe('POISONED');
      expect((await failure(wal.truncateBefore(2))).code).toBe('POISONED');
      expect((await failure(wal.close())).code).toBe('POISONED');
      // Closing freed the lock. The cache may show entry 4, the disk never had it.
      const again = await openLog(disk);
      const found = again.lastSeq;
      expect(found).toBeGreaterThanOrEqual(3);
      const later = await openLog(disk.crash({ keep: 'none' }));
      expect(await readAll(later)).toEqual(upTo(found));
    }
  });

  it('Wal cuts a torn tail, keeps its bytes, and tells which entries it may have held', async () => {
    const disk = SimDisk.create(1);
    await fill(await openLog(disk), 1, 4);
    const crashed = disk.clone();
    const bytes = crashed.readFile(segment(1));
    const end = bytes.findLastIndex((byte) => byte !== 0);
    bytes.fill(0xdd, end - 60, end + 1);
    crashed.writeFile(segment(1), bytes);
    const wal = await openLog(crashed);
    expect(wal.recovery).toMatchObject({ verdict: 'torn', inDoubt: { from: 4, to: 4 } });
    expect(wal.recovery.cutBytes).toBeGreaterThan(60);
    const kept = crashed.paths().filter((path) => path.includes('/quarantine/'));
    expect(kept).toHaveLength(1);
    expect(crashed.readFile(kept[0] ?? '')).toHaveLength(wal.recovery.cutBytes);
    expect(crashed.readFile(segment(1))).toEqual(bytes);
    await fill(wal, 4, 6);
    await wal.close();
    const again = await openLog(crashed);
    expect(again.recovery).toMatchObject({ verdict: 'closed', cutBytes: 0, inDoubt: null });
    expect(await readAll(again)).toEqual(upTo(6));
  });

  it('Wal survives a crash at every change of its own recovery', async () => {
    const disk = SimDisk.create(3);
    const wal = await openLog(disk);
    await fill(wal, 1, 3);
    await wal.append(payloadOf(4), { durability: 'batched' });
    const bytes = disk.readFile(segment(1));
    const end = bytes.findLastIndex((byte) => byte !== 0);
    const crashed = disk.clone();
    bytes.set(payloadOf(9, 80), end + 9);
    crashed.writeFile(segment(1), bytes);
    let cases = 0;
    for (let changes = 1; ; changes += 1) {
      const victim = crashed.clone();
      victim.crashAfter(changes);
      const opened = await openLog(victim, {}, 'victim').catch(() => null);
      for (const keep of ['none', 'all', 'random', 'random'] as const) {
        const after = victim.crash({ keep, seed: changes * 4 + cases });
        const found = await openLog(after, {}, 'second');
        expect(await readAll(found)).toEqual(upTo(4));
        await fill(found, 5, 6);
        const last = await openLog(after.crash({ keep: 'none' }), {}, 'third');
        expect(await readAll(last)).toEqual(upTo(6));
        cases += 1;
      }
      if (opened !== null) break;
    }
    expect(cases).toBeGreaterThan(40);
  });

  it('Wal keeps what it acknowledged through a crash at every change of a whole life', async () => {
    let cases = 0;
    for (let changes = 1; ; changes += 1) {
      const disk = SimDisk.create(changes);
      disk.crashAfter(changes);
      const told = { durable: 0, submitted: 0 };
      const ended = await life(disk, told).then(
        () => true,
        () => false,
      );
      for (const keep of ['none', 'random', 'all'] as const) {
        const found = await openLog(disk.crash({ keep, seed: changes }), {}, 'after');
        expect(found.lastSeq).toBeGreaterThanOrEqual(told.durable);
        expect(found.lastSeq).toBeLessThanOrEqual(told.submitted);
        const seqs = await readAll(found, (seq) => payloadOf(seq, 900));
        expect(seqs).toEqual(upTo(found.lastSeq, found.firstSeq));
        cases += 1;
      }
      if (ended) break;
    }
    expect(cases).toBeGreaterThan(300);
  });
});
