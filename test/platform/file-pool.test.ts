/** Many open files on few descriptors: what is closed in between, and what never is. */
import { describe, expect, it } from 'vitest';
import { poolFiles } from '../../src/platform/file-pool.ts';
import { writeAll } from '../../src/platform/file-system.ts';
import type { File, FileSystem } from '../../src/platform/file-system.ts';
import { systemError } from '../../src/platform/system-error.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A pool over a simulated disk that counts the descriptors that are open. */
class Bench {
  readonly disk = SimDisk.create(1);
  readonly files: FileSystem;
  open = 0;
  /** So many descriptors has the process. */
  limit = Number.POSITIVE_INFINITY;

  constructor(idleMax: number) {
    this.disk.makeDirectory('/d');
    const inner = this.disk.fileSystem();
    const requireDescriptor = (path: string): void => {
      if (this.open >= this.limit) throw systemError('EMFILE', 'open', path);
    };
    const counted = async (path: string, opening: () => Promise<File>): Promise<File> => {
      requireDescriptor(path);
      const file = await opening();
      this.open += 1;
      const close = async (): Promise<void> => {
        this.open -= 1;
        await file.close();
      };
      return {
        path: file.path,
        read: (into, at) => file.read(into, at),
        write: (data, at) => file.write(data, at),
        truncate: (size) => file.truncate(size),
        sync: () => file.sync(),
        stat: () => file.stat(),
        hasName: () => file.hasName(),
        close,
      };
    };
    const fs: FileSystem = {
      list: (path) => inner.list(path),
      stat: (path) => inner.stat(path),
      realPath: (path) => inner.realPath(path),
      createDirectory: (path) => inner.createDirectory(path),
      create: (path) => counted(path, () => inner.create(path)),
      open: (path, mode) => counted(path, () => inner.open(path, mode)),
      peek: (path, bytes, see) => inner.peek(path, bytes, see),
      rename: (from, to) => inner.rename(from, to),
      remove: (path) => inner.remove(path),
      removeDirectory: (path) => inner.removeDirectory(path),
      syncDirectory: async (path) => {
        requireDescriptor(path);
        await inner.syncDirectory(path);
      },
      space: (path) => inner.space(path),
    };
    this.files = poolFiles(fs, idleMax);
  }

  async made(name: string): Promise<File> {
    const file = await this.files.create(`/d/${name}`);
    await writeAll(file, bytes(name), 0);
    await file.sync();
    return file;
  }
}

async function text(file: File): Promise<string> {
  const into = new Uint8Array(16);
  return new TextDecoder().decode(into.subarray(0, await file.read(into, 0)));
}

describe('poolFiles', () => {
  it('holds the bound with any number of open files, and every one of them works', async () => {
    const bench = new Bench(3);
    const names = Array.from({ length: 50 }, (_, at) => `file-${at}`);
    const files = await Promise.all(names.map((name) => bench.made(name)));
    expect(bench.open).toBeLessThanOrEqual(3);
    for (const [at, file] of files.entries()) expect(await text(file)).toBe(names[at]);
    expect(bench.open).toBeLessThanOrEqual(3);
    for (const file of files) await file.close();
    expect(bench.open).toBe(0);
  });

  it('never closes a file with writes that were not synced', async () => {
    const bench = new Bench(0);
    const file = await bench.made('a');
    expect(bench.open).toBe(0);
    await writeAll(file, bytes('b'), 0);
    expect(bench.open).toBe(1);
    bench.disk.failNext('sync', 'EIO');
    await expect(file.sync()).rejects.toMatchObject({ code: 'EIO' });
    expect(bench.open).toBe(1);
    await file.close();
    expect(bench.open).toBe(0);
  });

  it('refuses another file in the place of one that rested, and one that is gone', async () => {
    const bench = new Bench(0);
    const file = await bench.made('a');
    await bench.files.remove('/d/a');
    await expect(file.stat()).rejects.toMatchObject({ code: 'ENOENT' });
    const other = await bench.made('a');
    await expect(file.write(bytes('x'), 0)).rejects.toMatchObject({ code: 'ESTALE' });
    expect(await text(other)).toBe('a');
  });

  it('finds a file again after it, or a directory above it, was renamed', async () => {
    const bench = new Bench(0);
    const file = await bench.made('a');
    await bench.files.createDirectory('/d/in');
    await bench.files.rename('/d/a', '/d/in/b');
    await bench.files.rename('/d/in', '/d/out');
    expect(await text(file)).toBe('a');
  });

  it('gives up the descriptors of idle files when the process has none left', async () => {
    const bench = new Bench(8);
    for (const name of ['a', 'b', 'c']) await bench.made(name);
    bench.limit = 3;
    await bench.files.syncDirectory('/d');
    expect(bench.open).toBe(0);
    for (const name of ['d', 'e', 'f', 'g']) await bench.made(name);
    expect(await text(await bench.files.open('/d/a', 'read'))).toBe('a');
  });

  it('tells that no descriptor is left when every file is in need of its own', async () => {
    const bench = new Bench(8);
    const file = await bench.made('a');
    await writeAll(file, bytes('b'), 0);
    bench.limit = 1;
    await expect(bench.files.syncDirectory('/d')).rejects.toMatchObject({ code: 'EMFILE' });
    await file.sync();
    await bench.files.syncDirectory('/d');
  });
});
