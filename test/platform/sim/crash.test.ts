/** What power loss may leave of a simulated disk, told as short stories. */
import { describe, expect, it } from 'vitest';
import { writeAll } from '../../../src/platform/file-system.ts';
import type { FileSystem } from '../../../src/platform/file-system.ts';
import type { CrashOptions } from '../../../src/platform/sim/crash.ts';
import { SimDisk } from '../../../src/platform/sim/sim-disk.ts';

const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

function diskWith(...directories: readonly string[]): { disk: SimDisk; fs: FileSystem } {
  const disk = SimDisk.create(7);
  for (const directory of directories) disk.makeDirectory(directory);
  return { disk, fs: disk.fileSystem() };
}

/** Everything on the disk as text, for comparing. */
function show(disk: SimDisk): string {
  return disk
    .paths()
    .map((path) => `${path}=${new TextDecoder().decode(disk.readFile(path))}`)
    .join(' ');
}

/** All outcomes of many crashes by chance. */
function outcomes(disk: SimDisk, options: CrashOptions = {}): Set<string> {
  const seen = new Set<string>();
  for (let seed = 0; seed < 200; seed++) seen.add(show(disk.crash({ ...options, seed })));
  return seen;
}

async function put(fs: FileSystem, path: string, text: string): Promise<void> {
  const file = await fs.create(path);
  await writeAll(file, new TextEncoder().encode(text), 0);
  await file.sync();
  await file.close();
}

describe('crash', () => {
  it('takes a created file away if its directory was not synced, whatever was synced in it', async () => {
    const { disk, fs } = diskWith('/s');
    await put(fs, '/s/f', 'x');
    expect(show(disk.crash({ keep: 'none' }))).toBe('');
    expect(outcomes(disk)).toEqual(new Set(['', '/s/f=x']));
    await fs.syncDirectory('/s');
    expect(outcomes(disk)).toEqual(new Set(['/s/f=x']));
  });

  it('takes a directory away with all in it if its own name was not synced', async () => {
    const { disk, fs } = diskWith('/s');
    await fs.createDirectory('/s/d');
    await put(fs, '/s/d/f', 'x');
    await fs.syncDirectory('/s/d');
    expect(outcomes(disk)).toEqual(new Set(['', '/s/d/f=x']));
  });

  it('keeps the content as of the last sync, and leaves the running machine as it was', async () => {
    const { disk, fs } = diskWith('/s');
    await put(fs, '/s/f', 'old');
    await fs.syncDirectory('/s');
    const file = await fs.open('/s/f', 'write');
    await writeAll(file, new TextEncoder().encode('newer'), 0);
    expect(show(disk.crash({ keep: 'none' }))).toBe('/s/f=old');
    expect(show(disk.crash({ keep: 'all' }))).toBe('/s/f=newer');
    expect(show(disk)).toBe('/s/f=newer');
    await file.sync();
    expect(outcomes(disk)).toEqual(new Set(['/s/f=newer']));
  });

  it('brings a removed file back until the directory is synced', async () => {
    const { disk, fs } = diskWith();
    disk.writeFile('/s/f', filled(1, 120));
    await fs.remove('/s/f');
    expect(outcomes(disk)).toEqual(new Set(['', '/s/f=x']));
    await fs.syncDirectory('/s');
    expect(outcomes(disk)).toEqual(new Set(['']));
  });

  it('undoes removals in any order', async () => {
    const { disk, fs } = diskWith();
    disk.writeFile('/s/1', filled(1, 120));
    disk.writeFile('/s/2', filled(1, 120));
    await fs.remove('/s/1');
    await fs.remove('/s/2');
    expect(outcomes(disk)).toEqual(new Set(['', '/s/1=x', '/s/2=x', '/s/1=x /s/2=x']));
  });

  it('replaces by rename whole or not at all', async () => {
    const { disk, fs } = diskWith();
    disk.writeFile('/s/f', filled(1, 97));
    disk.writeFile('/s/f.tmp', filled(1, 98));
    await fs.rename('/s/f.tmp', '/s/f');
    expect(outcomes(disk)).toEqual(new Set(['/s/f=a /s/f.tmp=b', '/s/f=b']));
    await fs.syncDirectory('/s');
    expect(outcomes(disk)).toEqual(new Set(['/s/f=b']));
  });

  it('keeps a move between directories only when both were synced, and never loses the file', async () => {
    const { disk, fs } = diskWith('/to');
    disk.writeFile('/from/f', filled(1, 120));
    await fs.rename('/from/f', '/to/f');
    const both = new Set(['/from/f=x', '/to/f=x']);
    expect(outcomes(disk)).toEqual(both);
    await fs.syncDirectory('/to');
    expect(outcomes(disk)).toEqual(both);
    await fs.syncDirectory('/from');
    expect(outcomes(disk)).toEqual(new Set(['/to/f=x']));
  });

  it('keeps of the changes of one name a prefix, so that a file never stands at two names', async () => {
    const { disk, fs } = diskWith();
    disk.writeFile('/s/a', filled(1, 120));
    await fs.rename('/s/a', '/s/b');
    await fs.rename('/s/b', '/s/c');
    expect(outcomes(disk)).toEqual(new Set(['/s/a=x', '/s/b=x', '/s/c=x']));
  });

  it('makes a move durable with a later change of its old name that was synced', async () => {
    const { disk, fs } = diskWith('/to');
    disk.writeFile('/from/f', filled(1, 120));
    await fs.rename('/from/f', '/to/f');
    await put(fs, '/from/f', 'new');
    await fs.syncDirectory('/from');
    expect(outcomes(disk)).toEqual(new Set(['/from/f=new /to/f=x']));
  });

  it('lets a rename make visible what was never synced in the file', async () => {
    const { disk, fs } = diskWith('/s');
    const file = await fs.create('/s/f.tmp');
    await writeAll(file, filled(3, 98), 0);
    await file.close();
    await fs.rename('/s/f.tmp', '/s/f');
    await fs.syncDirectory('/s');
    const seen = outcomes(disk);
    expect(seen).toContain('/s/f=');
    expect(seen).toContain('/s/f=bbb');
    expect(seen).toContain('/s/f=\0\0\0');
  });
});

describe('crash of unsynced sectors', () => {
  /** Three sectors of 1, of which the second and third were overwritten with 2 and not synced. */
  async function overwritten(): Promise<SimDisk> {
    const { disk, fs } = diskWith();
    disk.writeFile('/f', filled(1536, 1));
    const file = await fs.open('/f', 'write');
    await writeAll(file, filled(1024, 2), 512);
    return disk;
  }

  it('keeps, drops, zeroes or garbles each by itself, and leaves the synced ones alone', async () => {
    const disk = await overwritten();
    const fates = [new Set<string>(), new Set<string>()];
    for (let seed = 0; seed < 200; seed++) {
      const bytes = disk.crash({ seed }).readFile('/f');
      expect(bytes.subarray(0, 512)).toEqual(filled(512, 1));
      for (const [index, seen] of fates.entries()) {
        const sector = bytes.subarray(512 + index * 512, 1024 + index * 512);
        const uniform = sector.every((byte) => byte === sector[0]);
        seen.add(uniform ? String(sector[0]) : 'garbage');
      }
    }
    const all = new Set(['0', '1', '2', 'garbage']);
    expect(fates).toEqual([all, all]);
  });

  it('never harms synced bytes in a sector that is shared with new ones, unless asked to', async () => {
    const { disk, fs } = diskWith();
    disk.writeFile('/f', filled(100, 1));
    const file = await fs.open('/f', 'write');
    await writeAll(file, filled(100, 2), 100);
    let torn = 0;
    for (let seed = 0; seed < 200; seed++) {
      const safe = disk.crash({ seed }).readFile('/f');
      expect(safe.subarray(0, 100)).toEqual(filled(100, 1));
      const bytes = disk.crash({ seed, sharedSectors: 'torn' }).readFile('/f');
      if (bytes.subarray(0, 100).some((byte) => byte !== 1)) torn++;
    }
    expect(torn).toBeGreaterThan(0);
  });

  it('gives the same disk for the same seed', async () => {
    const first = await overwritten();
    const second = await overwritten();
    for (let round = 0; round < 20; round++) {
      expect(first.crash().readFile('/f')).toEqual(second.crash().readFile('/f'));
    }
    expect(first.crash({ seed: 3 }).readFile('/f')).toEqual(
      first.crash({ seed: 3 }).readFile('/f'),
    );
  });

  it('lets a file end at its old size, its new size, or between, with zeros for lost data', async () => {
    const { disk, fs } = diskWith('/s');
    disk.writeFile('/f', filled(512, 1));
    const file = await fs.open('/f', 'write');
    await writeAll(file, filled(4096, 2), 512);
    const sizes = new Set<number>();
    let zeros = 0;
    for (let seed = 0; seed < 300; seed++) {
      const bytes = disk.crash({ seed }).readFile('/f');
      sizes.add(bytes.length);
      if (bytes.length === 4608 && bytes.subarray(512).every((byte) => byte === 0)) zeros++;
      expect(bytes.subarray(0, 512)).toEqual(filled(512, 1));
    }
    expect([...sizes].sort((a, b) => a - b)).toEqual([
      512, 1024, 1536, 2048, 2560, 3072, 3584, 4096, 4608,
    ]);
    expect(zeros).toBeGreaterThan(0);
  });
});

describe('crash after a sync that failed', () => {
  it('loses the content although a later sync succeeded, because the pages were marked clean', async () => {
    const { disk, fs } = diskWith();
    disk.writeFile('/f', filled(4096, 1));
    const file = await fs.open('/f', 'write');
    await writeAll(file, filled(10, 2), 0);
    disk.failNext('sync', 'EIO');
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO', syscall: 'fdatasync' });
    await file.sync();
    expect(disk.readFile('/f')[0]).toBe(2);
    expect(disk.clone().readFile('/f')[0]).toBe(2);
    expect(disk.crash({ keep: 'all' }).readFile('/f')[0]).toBe(1);
  });

  it('keeps content that is written once more before the next sync', async () => {
    const { disk, fs } = diskWith();
    disk.writeFile('/f', filled(4096, 1));
    const file = await fs.open('/f', 'write');
    await writeAll(file, filled(10, 2), 0);
    disk.failNext('sync', 'EIO');
    await expect(file.sync()).rejects.toThrow('EIO');
    await writeAll(file, filled(10, 2), 0);
    await file.sync();
    expect(disk.crash({ keep: 'none' }).readFile('/f')[0]).toBe(2);
  });

  it('shows the old content at once on a file system that takes failed pages back', async () => {
    const { disk, fs } = diskWith();
    disk.writeFile('/f', filled(10, 1));
    disk.syncFailure = 'revert';
    const file = await fs.open('/f', 'write');
    await writeAll(file, filled(20, 2), 0);
    disk.failNext('sync', 'EIO');
    await expect(file.sync()).rejects.toThrow('EIO');
    expect(disk.readFile('/f')).toEqual(filled(10, 1));
  });

  it('takes names back although a later sync of the directory succeeded', async () => {
    const { disk, fs } = diskWith('/s');
    await put(fs, '/s/f', 'x');
    disk.failNext('sync-directory', 'EIO');
    await expect(fs.syncDirectory('/s')).rejects.toMatchObject({ code: 'EIO', syscall: 'fsync' });
    await fs.syncDirectory('/s');
    expect(show(disk.crash({ keep: 'none' }))).toBe('');
  });
});
