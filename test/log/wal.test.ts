/** The bare log as its users meet it, on a simulated disk that crashes when it is told to. */
import { beforeAll, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { batchFramesMax, payloadBytesMax } from '../../src/base/quantities.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { openWal } from '../../src/log/open-wal.ts';
import { readLog } from '../../src/log/read-log.ts';
import type { Wal } from '../../src/log/wal-log.ts';
import type { WalOptions } from '../../src/log/wal-options.ts';
import { Store } from '../../src/store/store.ts';
import { logDirectory, openLog, partsOf, payloadOf, readAll, upTo } from '../helpers/wal-lab.ts';

async function fill(wal: Wal, from: number, to: number, bytes?: number): Promise<void> {
  for (const seq of upTo(to, from)) {
    expect(await wal.append(payloadOf(seq, bytes))).toEqual({ seq });
  }
}

async function failure(promise: Promise<unknown>): Promise<HoldfastError> {
  const error: unknown = await promise.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  );
  if (!HoldfastError.is(error)) throw error;
  return error;
}

const segment = (number: number): string => `${logDirectory}/${segmentName(number)}`;

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

  it('Wal refuses damage below the mark, and says where and what', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    await fill(wal, 1, 3);
    await wal.close();
    const bytes = disk.readFile(segment(1));
    const at = 8192 + 64 + 56 + 64 + 8;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    disk.writeFile(segment(1), bytes);
    const before = disk.paths();
    const error = await failure(openLog(disk));
    expect(error.code).toBe('DAMAGED');
    expect(error.details).toMatchObject({ file: segment(1) });
    expect(error.message).toContain('lost');
    expect(disk.paths()).toEqual(before);
    // Refusing leaves no lock behind.
    expect((await failure(openLog(disk))).code).toBe('DAMAGED');
  });

  it('Wal misses segments that were there, and a head that is not what it was', async () => {
    const disk = SimDisk.create(1);
    for (const [from, to] of [
      [1, 3],
      [4, 6],
    ] as const) {
      const wal = await openLog(disk);
      await fill(wal, from, to);
      await wal.close();
    }
    const newest = disk.clone();
    newest.removePath(segment(2));
    const error = await failure(openLog(newest));
    expect(error.code).toBe('DAMAGED');
    expect(error.details).toMatchObject({
      file: segment(2),
      sessions: [{ lost: [{ from: 4, to: null }] }],
    });
    const all = disk.clone();
    for (const number of [1, 2]) all.removePath(segment(number));
    expect((await failure(openLog(all))).code).toBe('DAMAGED');
    const head = disk.clone();
    head.writeFile(`${logDirectory}/head`, new Uint8Array(56));
    expect((await failure(openLog(head))).details).toMatchObject({ file: `${logDirectory}/head` });
    head.removePath(`${logDirectory}/head`);
    expect((await openLog(head)).lastSeq).toBe(6);
  });

  it('Wal takes a log that is shorter than expected for damaged', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    await fill(wal, 1, 3);
    await wal.close();
    const error = await failure(openLog(disk, { expectAtLeast: 5 }));
    expect(error.code).toBe('DAMAGED');
    expect(error.details).toMatchObject({ sessions: [{ lost: [{ from: 4, to: 5 }] }] });
    expect(error.message).toContain('(lost: 4 to 5)');
    const one = await failure(openLog(disk, { expectAtLeast: 4 }));
    expect(one.message).toContain('(lost: 4)');
    expect((await openLog(disk, { expectAtLeast: 3 })).lastSeq).toBe(3);
    expect((await failure(openLog(SimDisk.create(2), { expectAtLeast: 1 }))).code).toBe('DAMAGED');
  });

  it('Wal keeps a second writer out, names the first, and lets go when it closes', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk, {}, 'first');
    const error = await failure(openLog(disk, {}, 'second'));
    expect(error.code).toBe('LOCKED');
    expect(error.details).toMatchObject({ owner: { host: 'first' } });
    await wal.close();
    await wal.close();
    await (await openLog(disk, {}, 'second')).close();
    expect((await failure(wal.append(payloadOf(1)))).code).toBe('CLOSED');
    expect((await failure(wal.flush())).code).toBe('CLOSED');
  });

  it('Wal stops to acknowledge once somebody replaced its lock', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    await fill(wal, 1, 1);
    disk.removePath(`${logDirectory}/LOCK`);
    expect((await failure(wal.append(payloadOf(2)))).code).toBe('POISONED');
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

  it('Wal in mode read shows a damaged log up to the loss, says what is lost, and never ends there', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    await fill(wal, 1, 60, 1000);
    await wal.close();
    const expected = (seq: number): Uint8Array => payloadOf(seq, 1000);
    const hurt = disk.clone();
    const bytes = hurt.readFile(segment(2));
    const at = bytes.findIndex((byte, index) => index > 9000 && byte !== 0);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    hurt.writeFile(segment(2), bytes);
    const refused = await failure(openLog(hurt));
    expect(refused.message).toContain('in mode "read"');
    const before = hurt.changes;
    const left = await openLog(hurt, { mode: 'read' });
    expect(left.recovery.verdict).toBe('damaged');
    const { damage } = left.recovery;
    expect(damage).toMatchObject({ file: segment(2), lost: [{ from: left.lastSeq + 1 }] });
    expect(refused.details).toMatchObject({ sessions: [{ lost: damage?.lost }] });
    expect(left.lastSeq).toBeGreaterThanOrEqual(5);
    expect(left.lastSeq).toBeLessThan(60);
    const seqs: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const entry of left.read()) {
        expect(entry.bytes).toEqual(expected(entry.seq));
        seqs.push(entry.seq);
      }
    };
    const error = await failure(reading());
    expect(error).toMatchObject({ code: 'DAMAGED', details: { file: segment(2) } });
    expect(seqs).toEqual(upTo(left.lastSeq));
    const part: number[] = [];
    for await (const { seq } of left.read({ from: 3, to: left.lastSeq })) part.push(seq);
    expect(part).toEqual(upTo(left.lastSeq, 3));
    expect(hurt.changes).toBe(before);

    const headless = disk.clone();
    headless.writeFile(`${logDirectory}/head`, new Uint8Array(56));
    const all = await openLog(headless, { mode: 'read' });
    expect(all.recovery).toMatchObject({ verdict: 'damaged', damage: { lost: [] } });
    expect(all.lastSeq).toBe(60);
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

  it('Wal refuses what it cannot keep before anything is written', async () => {
    const wal = await openLog(SimDisk.create(1));
    const wrong = 'text' as unknown as Uint8Array;
    expect((await failure(wal.append(wrong))).code).toBe('INVALID');
    expect((await failure(wal.appendAll([]))).code).toBe('INVALID');
    const many = Array.from({ length: batchFramesMax }, () => new Uint8Array(0));
    expect((await failure(wal.appendAll(many))).code).toBe('TOO_LARGE');
    const durability = 'sure' as 'durable';
    expect((await failure(wal.append(payloadOf(1), { durability }))).code).toBe('INVALID');
    const half = new Uint8Array(payloadBytesMax - 1000);
    expect((await failure(wal.appendAll([half, half]))).code).toBe('TOO_LARGE');
    expect((await failure(wal.truncateBefore(1.5))).code).toBe('INVALID');
    await wal.appendAll(many.slice(1));
    expect(wal.lastSeq).toBe(batchFramesMax - 1);
  });

  it('Wal refuses settings that are out of bounds and names them', async () => {
    const disk = SimDisk.create(1);
    for (const told of [
      { syncDelayMsMax: 0 },
      { syncEntriesMax: 100_001 },
      { segmentBytes: 1000 },
      { expectAtLeast: -1 },
      { mode: 'append' as 'write' },
    ]) {
      const error = await failure(openLog(disk, told));
      expect(error.code).toBe('INVALID');
      expect(error.details).toEqual({ path: Object.keys(told)[0] });
    }
    expect(disk.paths()).toEqual([]);
  });

  it('Wal refuses options that it does not know, and names those that it does', async () => {
    const disk = SimDisk.create(1);
    const opening = await failure(openLog(disk, { syncDelay: 5 } as object));
    expect(opening).toMatchObject({ code: 'INVALID', details: { path: 'syncDelay' } });
    expect(opening.message).toContain('known are mode, syncDelayMsMax');
    expect(disk.paths()).toEqual([]);
    const wal = await openLog(disk);
    const appending = await failure(wal.append(payloadOf(1), { durabilty: 'batched' } as object));
    expect(appending.message).toContain('durabilty is not known; known are durability, signal');
    expect(() => wal.read({ form: 1 } as object)).toThrow('known are from, to, signal');
  });

  it('Wal refuses a store, the journal in it, and what is neither a log nor empty', async () => {
    const disk = SimDisk.create(1);
    const parts = partsOf(disk);
    const settings = { io: 'pool', segmentBytes: 16_384 } as const;
    const store = await Store.openWith(parts, logDirectory, settings);
    const session = await store.openSession('s', { create: true });
    await session.append({ role: 'user', content: 'hello' });
    const [journal = ''] = await parts.fileSystem.list(`${logDirectory}/journals`);
    // The writer dies, so that no lock keeps anybody out of its journal.
    disk.killProcess('main');
    const before = disk.changes;
    for (const mode of ['write', 'read'] as const) {
      const asStore = await failure(openLog(disk, { mode }, 'other'));
      expect(asStore).toMatchObject({ code: 'INVALID', details: { path: logDirectory } });
      expect(asStore.message).toContain('open it as a Store');
      const own = openWal(partsOf(disk, 'other'), `${logDirectory}/sessions/s`, { mode });
      expect((await failure(own)).message).toContain('it holds "history" and no log');
    }
    expect(disk.changes).toBe(before);
    const inside = openWal(partsOf(disk, 'other'), `${logDirectory}/journals/${journal}`, settings);
    expect((await failure(inside)).message).toContain('it is the journal of a store');
    const after = await Store.openWith(partsOf(disk, 'last'), logDirectory, settings);
    const again = await after.openSession('s');
    expect(again.state.messages).toBe(1);
  });

  it('Wal refuses to write on a file system that cannot lock, unless it is allowed by name', async () => {
    const disk = SimDisk.create(1);
    const parts = partsOf(disk);
    const space = parts.fileSystem.space.bind(parts.fileSystem);
    parts.fileSystem.space = async (path) => ({ ...(await space(path)), kind: 'nfs' });
    const open = (told: WalOptions) => openWal(parts, logDirectory, { io: 'pool', ...told });
    const error = await failure(open({}));
    expect(error).toMatchObject({ code: 'LOCK_UNAVAILABLE' });
    expect(error.message).toContain('allowFileSystems: ["nfs"]');
    expect(disk.paths()).toEqual([]);
    await (await open({ allowFileSystems: ['nfs'] })).close();
    await (await open({ mode: 'read' })).close();
  });

  it('Wal lets an append be taken back as long as nothing of it is written', async () => {
    const wal = await openLog(SimDisk.create(1));
    const reason = new Error('no longer wanted');
    const signal = AbortSignal.abort(reason);
    await expect(wal.append(payloadOf(1), { signal })).rejects.toBe(reason);
    const controller = new AbortController();
    const kept = wal.append(payloadOf(1), { signal: controller.signal });
    await kept;
    controller.abort(reason);
    expect(wal.lastSeq).toBe(1);
  });

  it('Wal takes an entry of no bytes and one larger than a segment', async () => {
    const disk = SimDisk.create(1);
    const wal = await openLog(disk);
    const sizes = [0, 300_000, 0, 1];
    for (const [index, bytes] of sizes.entries()) await wal.append(payloadOf(index + 1, bytes));
    const again = await openLog(disk.crash({ keep: 'none' }));
    expect(await readAll(again, (seq) => payloadOf(seq, sizes[seq - 1]))).toEqual(upTo(4));
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
