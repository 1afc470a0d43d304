/** mkdir -p that power loss cannot take back. */
import { describe, expect, it } from 'vitest';
import { createDirectories } from '../../src/platform/create-directories.ts';
import { SimCrash } from '../../src/platform/sim/faults.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';

describe('createDirectories', () => {
  it('makes all parents durable', async () => {
    const disk = SimDisk.create(1);
    await createDirectories(disk.fileSystem(), '/a/b/c');
    expect(disk.crash({ keep: 'none' }).paths('directory')).toEqual(['/a', '/a/b', '/a/b/c']);
  });

  it('makes all parents durable when it is run again after a kill at any point', async () => {
    for (let at = 0; at < 8; at++) {
      const disk = SimDisk.create(1);
      disk.crashAfter(at);
      const run = createDirectories(disk.fileSystem(), '/a/b/c');
      await run.catch((error: unknown) => expect(error).toBeInstanceOf(SimCrash));
      const again = disk.clone();
      await createDirectories(again.fileSystem(), '/a/b/c');
      const left = again.crash({ keep: 'none' }).paths('directory');
      expect(left, `killed after ${at} changes`).toEqual(['/a', '/a/b', '/a/b/c']);
    }
  });

  it('follows a link to a directory, and takes one that another process made meanwhile', async () => {
    const disk = SimDisk.create(1);
    disk.makeDirectory('/real');
    disk.makeLink('/l', '/real');
    let raced = false;
    disk.beforeOperation = ({ kind, path }) => {
      if (raced || kind !== 'create-directory') return;
      raced = true;
      disk.makeDirectory(path);
    };
    await createDirectories(disk.fileSystem(), '/l/x/y');
    expect(disk.crash({ keep: 'none' }).paths('directory')).toEqual([
      '/real',
      '/real/x',
      '/real/x/y',
    ]);
  });

  it('refuses a path with a file in it, and a link that leads nowhere', async () => {
    const disk = SimDisk.create(1);
    disk.writeFile('/f', new Uint8Array(1));
    disk.makeLink('/l', '/nowhere');
    const fs = disk.fileSystem();
    await expect(createDirectories(fs, '/f/x')).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(createDirectories(fs, '/l/x')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('goes on when the parent of what is there may not be read', async () => {
    const disk = SimDisk.create(1);
    disk.makeDirectory('/home/me');
    disk.failNext('sync-directory', 'EACCES');
    await createDirectories(disk.fileSystem(), '/home/me/store');
    expect(disk.crash({ keep: 'none' }).paths('directory')).toContain('/home/me/store');
    disk.failNext('sync-directory', 'EIO');
    await expect(createDirectories(disk.fileSystem(), '/home/me/store')).rejects.toThrow('EIO');
  });
});
