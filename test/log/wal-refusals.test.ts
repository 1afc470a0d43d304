/** What the bare log refuses: second writers, bad settings, foreign directories, and too much. */
import { beforeAll, describe, expect, it } from 'vitest';
import { batchFramesMax, payloadBytesMax } from '../../src/base/quantities.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { openWal } from '../../src/log/open-wal.ts';
import type { WalOptions } from '../../src/log/wal-options.ts';
import { Store } from '../../src/store/store.ts';
import { logDirectory, openLog, partsOf, payloadOf } from '../helpers/wal-lab.ts';
import { fill, failure } from './wal-steps.ts';

describe('Wal', () => {
  beforeAll(initChecksum);

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
});
