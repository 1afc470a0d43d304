/** The bare log as its users meet it, on a simulated disk. */
import { beforeAll, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { readLog } from '../../src/log/read-log.ts';
import { logDirectory, openLog, payloadOf, readAll, upTo } from '../helpers/wal-lab.ts';
import { fill, failure, segment } from './wal-steps.ts';

describe('Wal', () => {
  beforeAll(initChecksum);

  it('Wal gives back what was appended, in order, also to the next who opens it', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    expect(wal).toMatchObject({ mode: 'write', firstSeq: 1, lastSeq: 0, durableUpTo: 0 });
    const nothing = { kept: null, cutBytes: 0, inDoubt: null, damage: null };
    expect(wal.recovery).toEqual({ verdict: 'new', ...nothing });
    expect(await readAll(wal)).toEqual([]);
    await fill(wal, 1, 100);
    expect(wal).toMatchObject({ lastSeq: 100, durableUpTo: 100, firstSeq: 1 });
    expect(await readAll(wal)).toEqual(upTo(100));
    await wal.close();
    const again = await openLog(disk);
    expect(again.recovery.verdict).toBe('closed');
    expect(await readAll(again)).toEqual(upTo(100));
    await fill(again, 101, 102);
    await again.close();
  });

  it('Wal keeps its sequence through many opens, with and without appends', async () => {
    const disk = SimDisk.create(1);
    for (let round = 0; round < 12; round += 1) {
      const wal = await openLog(disk);
      const last = wal.lastSeq;
      expect(last).toBe(Math.ceil(round / 2) * 3);
      if (round % 2 === 0) await fill(wal, last + 1, last + 3);
      expect(await readAll(wal)).toEqual(upTo(wal.lastSeq));
      await wal.close();
    }
    // What was made ahead and never used does not pile up.
    expect(disk.paths().filter((path) => path.endsWith('.segment')).length).toBeLessThan(9);
  });

  it('Wal writes a list as a whole and numbers it without a gap', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    const list = upTo(3).map((seq) => payloadOf(seq));
    expect(await wal.appendAll(list)).toEqual({ firstSeq: 1, lastSeq: 3 });
    const both = [wal.append(payloadOf(4)), wal.appendAll([payloadOf(5), payloadOf(6)])];
    expect(await Promise.all(both)).toEqual([{ seq: 4 }, { firstSeq: 5, lastSeq: 6 }]);
    await wal.close();
    expect(await readAll(await openLog(disk))).toEqual(upTo(6));
  });

  it('Wal copies what it is given before it returns', async () => {
    const wal = await openLog(SimDisk.create(1));
    const bytes = payloadOf(1, 64);
    const appended = wal.append(bytes);
    bytes.fill(0);
    await appended;
    expect(await readAll(wal, (seq) => payloadOf(seq, 64))).toEqual([1]);
  });

  it('Wal reads a range, in pieces of its own, and stops when it is told to', async () => {
    const wal = await openLog(SimDisk.create(1));
    await fill(wal, 1, 60, 1000);
    const seqs: number[] = [];
    for await (const { seq, bytes } of wal.read({ from: 20, to: 41 })) {
      bytes.fill(0);
      seqs.push(seq);
    }
    expect(seqs).toEqual(upTo(41, 20));
    expect(await readAll(wal, (seq) => payloadOf(seq, 1000))).toEqual(upTo(60));
    const reason = new Error('enough');
    const reading = async (): Promise<void> => {
      const controller = new AbortController();
      for await (const { seq } of wal.read({ signal: controller.signal })) {
        if (seq === 5) controller.abort(reason);
      }
    };
    await expect(reading()).rejects.toBe(reason);
    expect(() => wal.read({ from: -1 })).toThrow('from is -1');
  });

  it('Wal shows batched entries to its own reader, and syncs them in time', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    expect(await wal.append(payloadOf(1), { durability: 'batched' })).toEqual({ seq: 1 });
    expect(wal).toMatchObject({ lastSeq: 1, durableUpTo: 0 });
    expect(await readAll(wal)).toEqual([1]);
    await disk.clock.advanceThrough(100);
    expect(wal.durableUpTo).toBe(1);
    await wal.append(payloadOf(2), { durability: 'batched' });
    await wal.flush();
    expect(wal.durableUpTo).toBe(2);
    expect(await readAll(await openLog(disk.crash({ keep: 'none' })))).toEqual([1, 2]);
  });

  it('Wal answers in order, so that nobody reads an entry before the one in front', async () => {
    const wal = await openLog(SimDisk.create(1));
    const order: number[] = [];
    const note = async (seq: number, durability: 'durable' | 'batched'): Promise<void> => {
      order.push((await wal.append(payloadOf(seq), { durability })).seq);
      expect(wal.lastSeq).toBeGreaterThanOrEqual(seq);
      expect(await readAll(wal)).toEqual(expect.arrayContaining(upTo(seq)));
    };
    await Promise.all([note(1, 'durable'), note(2, 'batched'), note(3, 'durable')]);
    expect(order).toEqual([1, 2, 3]);
  });

  it('Wal in mode read takes no lock and shows only what is proven to be durable', async () => {
    const disk = SimDisk.create(1);
    expect((await failure(openLog(disk, { mode: 'read' }))).code).toBe('NOT_FOUND');
    disk.makeDirectory(logDirectory);
    expect((await failure(openLog(disk, { mode: 'read' }))).code).toBe('NOT_FOUND');
    const wal = await openLog(disk, {}, 'writer');
    await fill(wal, 1, 3);
    const beside = await openLog(disk, { mode: 'read' }, 'reader');
    expect(beside).toMatchObject({ mode: 'read', lastSeq: 2, durableUpTo: 2 });
    expect(await readAll(beside)).toEqual([1, 2]);
    await disk.clock.advanceThrough(100);
    const before = disk.changes;
    const later = await openLog(disk, { mode: 'read' }, 'reader');
    expect(await readAll(later)).toEqual([1, 2, 3]);
    expect(disk.changes).toBe(before);
    expect((await failure(later.append(payloadOf(4)))).code).toBe('READ_ONLY');
    expect((await failure(later.truncateBefore(1))).code).toBe('READ_ONLY');
    await later.close();
    await fill(wal, 4, 4);
  });

  it('Wal opens a log of very many small entries with memory for a part of them', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    const list = Array.from({ length: 100 }, () => new Uint8Array(1));
    for (let count = 0; count < 100; count += 1) await wal.appendAll(list);
    await wal.close();
    const { facts, runs } = await readLog(disk.fileSystem('main'), logDirectory);
    const segments = facts.segments.length;
    expect(segments).toBeGreaterThan(3);
    expect(facts.frames.length).toBeLessThan(4 * segments);
    expect(runs.size).toBeLessThan(3 * segments);
    const batches = facts.segments.flatMap(({ content }) => [...(content?.batches ?? [])]);
    expect(batches.length).toBeLessThan(3 * segments);
    // A view would keep the bytes of the segment that it was read from.
    expect(Math.max(...[...facts.frames].map(({ key }) => key.buffer.byteLength))).toBe(16);
    const again = await openLog(disk);
    expect(again).toMatchObject({ firstSeq: 1, lastSeq: 10_000 });
    expect(await readAll(again, () => new Uint8Array(1))).toEqual(upTo(10_000));
  });

  it('Wal lets whole segments below a sequence go, and keeps its sequence', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    await fill(wal, 1, 150, 1000);
    const removals: string[] = [];
    disk.beforeOperation = ({ kind, path }) => {
      if (kind === 'remove') removals.push(path);
      return undefined;
    };
    const cut = async (seq: number): Promise<void> => {
      const truncating = wal.truncateBefore(seq);
      await disk.clock.advanceThrough(100);
      await truncating;
    };
    await cut(1);
    expect(removals).toEqual([]);
    expect(wal.firstSeq).toBe(1);
    await cut(30);
    const first = wal.firstSeq;
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(30);
    expect(removals).toContain(segment(1));
    const expected = (seq: number): Uint8Array => payloadOf(seq, 1000);
    expect(await readAll(wal, expected)).toEqual(upTo(150, first));
    // The newest entry stays, whatever is asked: it tells where the sequence goes on.
    await cut(1000);
    expect(wal.lastSeq).toBe(150);
    const left = wal.firstSeq;
    expect(left).toBeGreaterThan(first);
    const unclean = await openLog(disk.crash({ keep: 'none' }));
    expect(unclean).toMatchObject({ firstSeq: left, lastSeq: 150 });
    expect(await readAll(unclean, expected)).toEqual(upTo(150, left));
    await wal.close();
    const again = await openLog(disk);
    expect(again).toMatchObject({ firstSeq: left, lastSeq: 150 });
    await fill(again, 151, 151);
  });

  it('Wal tells a full disk and goes on when there is room', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    await fill(wal, 1, 3, 1000);
    disk.limitBytes(30_000);
    const errors: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      await wal.append(payloadOf(wal.lastSeq + 1, 1000)).catch((error: unknown) => {
        errors.push(HoldfastError.is(error) ? error.code : String(error));
      });
    }
    expect(new Set(errors)).toEqual(new Set(['FULL']));
    disk.limitBytes(100_000_000);
    const next = wal.lastSeq + 1;
    await fill(wal, next, next + 2, 1000);
    const after = await openLog(disk.crash({ keep: 'none' }));
    expect(await readAll(after, (seq) => payloadOf(seq, 1000))).toEqual(upTo(next + 2));
  });

  it('Wal takes an entry of no bytes and one larger than a segment', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    const sizes = [0, 300_000, 0, 1];
    for (const [index, bytes] of sizes.entries()) await wal.append(payloadOf(index + 1, bytes));
    const again = await openLog(disk.crash({ keep: 'none' }));
    expect(await readAll(again, (seq) => payloadOf(seq, sizes[seq - 1]))).toEqual(upTo(4));
  });
});
