/** What only the real file system can show: modes, pipes, signals, threads, kinds. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSystemKind } from '../../src/platform/file-system-kind.ts';
import { nodeFileSystem } from '../../src/platform/node-file-system.ts';
import { unsafeFileSystems } from '../../src/recovery/safe-file-system.ts';
import { inline, pooled } from '../../src/platform/system-calls.ts';

let root = '';
beforeEach(() => {
  root = fs.mkdtempSync(join(tmpdir(), 'holdfast-'));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

describe('nodeFileSystem', () => {
  it('makes files and directories for their owner alone', async () => {
    const disk = nodeFileSystem('inline');
    await disk.createDirectory(`${root}/d`);
    await (await disk.create(`${root}/f`)).close();
    expect(fs.statSync(`${root}/d`).mode & 0o777).toBe(0o700);
    expect(fs.statSync(`${root}/f`).mode & 0o777).toBe(0o600);
  });

  it.skipIf(process.platform === 'win32')(
    'refuses a named pipe without waiting for it',
    async () => {
      execFileSync('mkfifo', [`${root}/pipe`]);
      for (const mode of ['read', 'write'] as const) {
        await expect(nodeFileSystem('inline').open(`${root}/pipe`, mode)).rejects.toMatchObject({
          code: 'EINVAL',
        });
      }
    },
  );

  it('inline has written before its promise is awaited', async () => {
    const file = await nodeFileSystem('inline').create(`${root}/f`);
    const written = file.write(Uint8Array.of(1, 2, 3), 0);
    expect(fs.statSync(`${root}/f`).size).toBe(3);
    expect(await written).toBe(3);
    await file.close();
  });

  it('pool leaves the event loop free while a call is under way', async () => {
    const disk = nodeFileSystem('pool');
    const file = await disk.create(`${root}/f`);
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    for (let round = 0; round < 20; round++) {
      await file.write(new Uint8Array(1024 * 1024).fill(round), 0);
      await file.sync();
    }
    clearInterval(counting);
    await file.close();
    expect(turns).toBeGreaterThan(0);
  });

  it.runIf(process.platform === 'linux')(
    'space agrees with the name that the system gives',
    async () => {
      const wanted = execFileSync('stat', ['-f', '-c', '%T', root], { encoding: 'utf8' }).trim();
      const { kind } = await nodeFileSystem('pool').space(root);
      if (/^(ext2\/ext3|xfs|btrfs|tmpfs|overlayfs)$/.test(wanted)) {
        expect(kind).toBe(wanted === 'ext2/ext3' ? 'ext4' : wanted);
      }
    },
  );
});

describe('fileSystemKind', () => {
  it('names what is known, also when the number was read as negative', () => {
    expect(fileSystemKind(0xef53n)).toBe('ext4');
    expect(fileSystemKind(BigInt(0xff534d42 | 0))).toBe('smb');
    expect(fileSystemKind(0x1an)).toBe('0x1a');
  });

  // The numbers of linux/magic.h, and no others: a name that is never given refuses nothing.
  it('gives every name that is refused, by the number that Linux has for it', () => {
    const numbers: Readonly<Record<string, readonly bigint[]>> = {
      nfs: [0x6969n],
      smb: [0x517bn, 0xff534d42n, 0xfe534d42n],
      '9p': [0x01021997n],
      fuse: [0x65735546n],
      afs: [0x5346414fn],
      ceph: [0x00c36400n],
      coda: [0x73757245n],
    };
    expect(new Set(Object.keys(numbers))).toEqual(unsafeFileSystems);
    for (const [name, all] of Object.entries(numbers)) {
      for (const number of all) expect(fileSystemKind(number), name).toBe(name);
    }
  });
});

describe('system calls', () => {
  const interrupted = (): NodeJS.ErrnoException =>
    Object.assign(new Error('interrupted'), { code: 'EINTR' });

  it('F31: inline and pooled call again after EINTR, and pass on any other error', async () => {
    let calls = 0;
    const call = (): number => {
      if (++calls % 3 !== 0) throw interrupted();
      return calls;
    };
    expect(await inline(call)).toBe(3);
    expect(
      await pooled<number>((done) => (++calls < 6 ? done(interrupted(), 0) : done(null, 9))),
    ).toBe(9);
    const failure = Object.assign(new Error('EIO'), { code: 'EIO' });
    await expect(pooled((done) => done(failure, undefined))).rejects.toBe(failure);
    await expect(
      inline(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
  });
});
