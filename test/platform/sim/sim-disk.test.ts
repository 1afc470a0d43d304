/** The simulated disk beside its file system: copies, faults, room, killed processes. */
import { describe, expect, it } from 'vitest';
import { assert } from '../../../src/base/assert.ts';
import { writeAll } from '../../../src/platform/file-system.ts';
import { SimCrash } from '../../../src/platform/sim/faults.ts';
import type { Operation } from '../../../src/platform/sim/faults.ts';
import { Prng } from '../../../src/platform/sim/prng.ts';
import { SimDisk } from '../../../src/platform/sim/sim-disk.ts';

const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

describe('SimDisk content', () => {
  it('equals a plain array under random writes, cuts, syncs, clones and crashes', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      await compareWithArray(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed} fails; repeat with compareWithArray(${seed})`, {
          cause: error,
        });
      });
    }
  });
});

async function compareWithArray(seed: number): Promise<void> {
  const prng = Prng.fromSeed(seed);
  let disk = SimDisk.create(seed);
  disk.writeFile('/f', bytes());
  let file = await disk.fileSystem().open('/f', 'write');
  let live = bytes();
  let synced = bytes();
  for (let step = 0; step < 120; step++) {
    const choice = prng.below(12);
    if (choice < 6) {
      const chunk = new Uint8Array(prng.pick([0, 1, 100, 512, 4096, 9000]));
      if (prng.chance(0.8)) prng.fill(chunk);
      const at = prng.chance(0.3) ? prng.below(5) * 4096 : prng.below(20_000);
      await writeAll(file, chunk, at);
      const end = chunk.length === 0 ? 0 : at + chunk.length;
      const grown = new Uint8Array(Math.max(live.length, end));
      grown.set(live);
      grown.set(chunk, chunk.length === 0 ? 0 : at);
      live = grown;
    } else if (choice < 8) {
      const size = prng.below(20_000);
      await file.truncate(size);
      const cut = new Uint8Array(size);
      cut.set(live.subarray(0, size));
      live = cut;
    } else if (choice < 10) {
      await file.sync();
      synced = live.slice();
    } else if (choice === 10) {
      disk = disk.clone();
      file = await disk.fileSystem().open('/f', 'write');
    } else {
      same(disk.crash({ keep: 'none' }).readFile('/f'), synced);
      same(disk.crash({ keep: 'all' }).readFile('/f'), live);
      disk.crash();
    }
    same(disk.readFile('/f'), live);
    if (prng.chance(0.2)) same(disk.crash({ keep: 'none' }).readFile('/f'), synced);
  }
}

/** `toEqual` takes milliseconds for each of these. */
function same(found: Uint8Array, wanted: Uint8Array): void {
  assert(Buffer.compare(found, wanted) === 0, 'the disk holds what the array holds');
}

describe('SimDisk.clone', () => {
  it('keeps what is not synced apart from what is, and neither disk sees the other', async () => {
    const disk = SimDisk.create(1);
    disk.writeFile('/f', bytes(1, 1));
    const file = await disk.fileSystem().open('/f', 'write');
    await writeAll(file, bytes(2), 0);
    const copy = disk.clone();
    await writeAll(file, bytes(3), 0);
    await file.sync();
    expect(copy.readFile('/f')).toEqual(bytes(2, 1));
    expect(copy.crash({ keep: 'none' }).readFile('/f')).toEqual(bytes(1, 1));
    const other = await copy.fileSystem().open('/f', 'write');
    await writeAll(other, bytes(4), 1);
    expect(disk.readFile('/f')).toEqual(bytes(3, 1));
    expect(copy.readFile('/f')).toEqual(bytes(2, 4));
  });

  it('keeps changes of names that are not durable so in the copy', async () => {
    const disk = SimDisk.create(1);
    disk.writeFile('/s/a', bytes(1));
    await disk.fileSystem().rename('/s/a', '/s/b');
    const copy = disk.clone();
    expect(copy.paths()).toEqual(['/s/b']);
    expect(copy.crash({ keep: 'none' }).paths()).toEqual(['/s/a']);
    await copy.fileSystem().syncDirectory('/s');
    expect(copy.crash({ keep: 'none' }).paths()).toEqual(['/s/b']);
    expect(disk.crash({ keep: 'none' }).paths()).toEqual(['/s/a']);
  });
});

describe('SimDisk test access', () => {
  it('counts as synced and costs no operation', () => {
    const disk = SimDisk.create(1);
    disk.writeFile('/a/b/f', bytes(1, 2));
    disk.makeLink('/a/l', 'b');
    expect(disk.paths()).toEqual(['/a/b/f']);
    expect(disk.paths('directory')).toEqual(['/a', '/a/b']);
    expect(disk.paths('link')).toEqual(['/a/l']);
    expect(disk.crash({ keep: 'none' }).readFile('/a/b/f')).toEqual(bytes(1, 2));
    disk.removePath('/a');
    expect(disk.crash({ keep: 'none' }).paths('directory')).toEqual([]);
    expect(disk.operations).toBe(0);
  });
});

describe('SimDisk faults', () => {
  it('failNext lets operations of the kind fail, after those that are skipped', async () => {
    const disk = SimDisk.create(1);
    const fs = disk.fileSystem();
    disk.failNext('create', 'EMFILE', 2, 1);
    await fs.create('/1');
    for (const path of ['/2', '/3']) {
      await expect(fs.create(path)).rejects.toMatchObject({
        code: 'EMFILE',
        syscall: 'open',
        path,
      });
    }
    await fs.create('/4');
    expect(disk.paths()).toEqual(['/1', '/4']);
  });

  it('beforeOperation sees every operation, and may fail it or cut a write short', async () => {
    const disk = SimDisk.create(1);
    const seen: Operation[] = [];
    disk.beforeOperation = (operation) => {
      seen.push(operation);
      if (operation.kind === 'write' && operation.length === 5) return { shortWrite: 2 };
      return operation.kind === 'sync' ? { errno: 'EIO' } : undefined;
    };
    const file = await disk.fileSystem().create('/f');
    expect(await file.write(bytes(1, 2, 3, 4, 5), 8)).toBe(2);
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO', errno: -5 });
    expect(seen.map(({ kind, at, length }) => [kind, at, length])).toEqual([
      ['create', undefined, undefined],
      ['write', 8, 5],
      ['sync', 0, 0],
    ]);
    expect(disk.readFile('/f').length).toBe(10);
  });

  it('crashAfter turns the machine off after that many changes; looking does not count', async () => {
    const disk = SimDisk.create(1);
    const fs = disk.fileSystem();
    disk.crashAfter(2);
    const file = await fs.create('/f');
    await fs.list('/');
    await file.stat();
    await writeAll(file, bytes(1), 0);
    expect(disk.changes).toBe(2);
    await expect(file.sync()).rejects.toThrow(SimCrash);
    await expect(fs.list('/')).rejects.toThrow(SimCrash);
    expect(() => disk.locks('a').tryLock('/LOCK')).toThrow(SimCrash);
    const after = disk.crash({ keep: 'all' });
    expect(await after.fileSystem().list('/')).toEqual(['f']);
  });

  it('killProcess stops what the process still calls, and keeps what it wrote', async () => {
    const disk = SimDisk.create(1);
    const fs = disk.fileSystem('a');
    const file = await fs.create('/f');
    await writeAll(file, bytes(1), 0);
    disk.killProcess('a');
    await expect(file.write(bytes(2), 0)).rejects.toThrow(SimCrash);
    await expect(fs.list('/')).rejects.toThrow(SimCrash);
    expect(disk.readFile('/f')).toEqual(bytes(1));
    expect(await disk.fileSystem('a').list('/')).toEqual(['f']);
  });
});

describe('SimDisk.limitBytes', () => {
  it('first takes what fits, then answers ENOSPC, and removing a file makes room', async () => {
    const disk = SimDisk.create(1);
    const fs = disk.fileSystem();
    disk.limitBytes(8192);
    const file = await fs.create('/f');
    expect(await file.write(new Uint8Array(10_000).fill(1), 0)).toBe(8192);
    await expect(file.write(bytes(1), 8192)).rejects.toMatchObject({ code: 'ENOSPC', errno: -28 });
    expect(await file.write(bytes(2), 100)).toBe(1);
    expect((await fs.space('/')).freeBytes).toBe(0);
    await fs.remove('/f');
    expect((await fs.space('/')).freeBytes).toBe(0);
    await file.close();
    expect((await fs.space('/')).freeBytes).toBe(8192);
  });

  it('lets space that was filled with zeros be written without new room', async () => {
    const disk = SimDisk.create(1);
    const file = await disk.fileSystem().create('/f');
    await writeAll(file, new Uint8Array(8192), 0);
    disk.limitBytes(8192);
    expect(await file.write(new Uint8Array(8192).fill(3), 0)).toBe(8192);
    const after = disk.crash({ keep: 'all' });
    expect((await after.fileSystem().space('/')).freeBytes).toBe(0);
  });
});
