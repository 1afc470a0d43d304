/** What every FileSystem must do, real or simulated. Run by file-system.test.ts over each of them. */
import { describe, expect, it } from 'vitest';
import { readUpTo, writeAll } from '../../src/platform/file-system.ts';
import type { FileSystem } from '../../src/platform/file-system.ts';

/** A file system with an empty directory in it, and a hand to put symbolic links there. */
export interface Subject {
  readonly fs: FileSystem;
  readonly root: string;
  readonly link: (path: string, target: string) => void;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

async function put(fs: FileSystem, path: string, value: string): Promise<void> {
  const file = await fs.create(path);
  await writeAll(file, text(value), 0);
  await file.close();
}

async function get(fs: FileSystem, path: string): Promise<string> {
  const file = await fs.open(path, 'read');
  const { size } = await file.stat();
  const bytes = await readUpTo(file, 0, size);
  await file.close();
  return new TextDecoder().decode(bytes);
}

/** Tests the promises of the interface, one by one. */
export function fileSystemContract(name: string, make: () => Subject): void {
  describe(name, () => {
    files(make);
    names(make);
    refusals(make);
  });
}

function files(make: () => Subject): void {
  it('write and read are positional, and a gap between them reads as zeros', async () => {
    const { fs, root } = make();
    const file = await fs.create(`${root}/f`);
    await writeAll(file, text('tail'), 9000);
    await writeAll(file, text('head'), 0);
    expect((await file.stat()).size).toBe(9004);
    expect(await readUpTo(file, 0, 6)).toEqual(Uint8Array.of(...text('head'), 0, 0));
    expect(await readUpTo(file, 8999, 5)).toEqual(Uint8Array.of(0, ...text('tail')));
    await file.close();
  });

  it('read returns fewer bytes only at the end of the file, and none behind it', async () => {
    const { fs, root } = make();
    const file = await fs.create(`${root}/f`);
    await writeAll(file, new Uint8Array(100_000).fill(7), 0);
    const into = new Uint8Array(200_000);
    expect(await file.read(into, 0)).toBe(100_000);
    expect(into.subarray(0, 100_000).every((byte) => byte === 7)).toBe(true);
    expect(await file.read(into, 99_999)).toBe(1);
    expect(await file.read(into, 100_000)).toBe(0);
    expect(await file.read(into, 200_000)).toBe(0);
    expect(await file.read(new Uint8Array(0), 0)).toBe(0);
    await file.close();
  });

  it('write keeps what it was given, also when the caller changes the buffer afterwards', async () => {
    const { fs, root } = make();
    const file = await fs.create(`${root}/f`);
    const buffer = Buffer.alloc(12_288, 1);
    expect(await file.write(buffer, 0)).toBe(12_288);
    buffer.fill(2);
    expect((await readUpTo(file, 0, 12_288)).every((byte) => byte === 1)).toBe(true);
    await file.close();
  });

  it('truncate cuts, and what is cut reads as zeros when the file grows again', async () => {
    const { fs, root } = make();
    const file = await fs.create(`${root}/f`);
    await writeAll(file, new Uint8Array(5000).fill(9), 0);
    await file.truncate(10);
    expect((await file.stat()).size).toBe(10);
    await file.truncate(6000);
    const bytes = await readUpTo(file, 0, 6000);
    expect(bytes.length).toBe(6000);
    expect(bytes.subarray(0, 10).every((byte) => byte === 9)).toBe(true);
    expect(bytes.subarray(10).every((byte) => byte === 0)).toBe(true);
    await file.sync();
    await file.close();
  });

  it('close may be called twice, and a closed file is not used', async () => {
    const { fs, root } = make();
    const file = await fs.create(`${root}/f`);
    await file.close();
    await file.close();
    await expect(file.sync()).rejects.toThrow('a closed file is not used');
  });

  it('close waits for the writes that are under way', async () => {
    const { fs, root } = make();
    const file = await fs.create(`${root}/f`);
    const writes = [0, 1, 2, 3].map((part) =>
      file.write(new Uint8Array(1000).fill(5), part * 1000),
    );
    await file.close();
    expect(await Promise.all(writes)).toEqual([1000, 1000, 1000, 1000]);
    expect((await fs.stat(`${root}/f`))?.size).toBe(4000);
  });
}

function names(make: () => Subject): void {
  it('list is sorted by code unit', async () => {
    const { fs, root } = make();
    for (const name of ['b', 'a', 'Z', 'é', '10', '9']) await put(fs, `${root}/${name}`, '');
    expect(await fs.list(root)).toEqual(['10', '9', 'Z', 'a', 'b', 'é']);
    await expect(fs.list(`${root}/missing`)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(fs.list(`${root}/a`)).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('stat tells kind and identity, links by themselves, and null where nothing is', async () => {
    const { fs, root, link } = make();
    await put(fs, `${root}/f`, 'abc');
    link(`${root}/l`, `${root}/f`);
    const file = await fs.stat(`${root}/f`);
    expect(file).toMatchObject({ kind: 'file', size: 3, links: 1 });
    expect((await fs.stat(`${root}/l`))?.kind).toBe('link');
    expect((await fs.stat(root))?.kind).toBe('directory');
    expect(await fs.stat(`${root}/none`)).toBeNull();
    expect(await fs.stat(`${root}/none/below`)).toBeNull();
    expect(await fs.stat(`${root}/f/below`)).toBeNull();
    const open = await fs.open(`${root}/f`, 'read');
    expect((await open.stat()).inode).toBe(file?.inode);
    expect((await open.stat()).device).toBe(file?.device);
    await open.close();
  });

  it('realPath resolves links on the way and at the end', async () => {
    const { fs, root, link } = make();
    await fs.createDirectory(`${root}/d`);
    await put(fs, `${root}/d/f`, 'x');
    link(`${root}/l`, 'd');
    link(`${root}/m`, `${root}/l/f`);
    const real = await fs.realPath(root);
    expect(await fs.realPath(`${root}/m`)).toBe(`${real}/d/f`);
    expect(await get(fs, `${root}/l/f`)).toBe('x');
    await expect(fs.realPath(`${root}/none`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('rename replaces a file at once, and the one replaced lives on while it is open', async () => {
    const { fs, root } = make();
    await put(fs, `${root}/old`, 'old');
    await put(fs, `${root}/new`, 'new');
    const open = await fs.open(`${root}/old`, 'write');
    await fs.rename(`${root}/new`, `${root}/old`);
    expect(await get(fs, `${root}/old`)).toBe('new');
    expect(await fs.list(root)).toEqual(['old']);
    expect((await open.stat()).links).toBe(0);
    expect(await open.hasName()).toBe(false);
    await writeAll(open, text('still'), 3);
    expect(new TextDecoder().decode(await readUpTo(open, 0, 99))).toBe('oldstill');
    await open.close();
  });

  it('rename moves a directory with all in it, onto a free name or an empty directory', async () => {
    const { fs, root } = make();
    for (const name of ['a', 'b', 'full']) await fs.createDirectory(`${root}/${name}`);
    await put(fs, `${root}/a/f`, '1');
    await put(fs, `${root}/full/f`, '2');
    await fs.rename(`${root}/a`, `${root}/b`);
    expect(await get(fs, `${root}/b/f`)).toBe('1');
    await expect(fs.rename(`${root}/b`, `${root}/full`)).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTEMPTY|EEXIST)$/) as string,
    });
    await expect(fs.rename(`${root}/b`, `${root}/b/c`)).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(fs.rename(`${root}/b`, `${root}/b/f`)).rejects.toThrow();
    await expect(fs.rename(`${root}/none`, `${root}/x`)).rejects.toMatchObject({ code: 'ENOENT' });
    await fs.syncDirectory(root);
    expect(await fs.list(root)).toEqual(['b', 'full']);
  });

  it('remove takes a name away, and removeDirectory only an empty directory', async () => {
    const { fs, root } = make();
    await fs.createDirectory(`${root}/d`);
    await put(fs, `${root}/d/f`, 'x');
    await expect(fs.removeDirectory(`${root}/d`)).rejects.toMatchObject({ code: 'ENOTEMPTY' });
    await expect(fs.removeDirectory(`${root}/d/f`)).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(fs.remove(`${root}/d`)).rejects.toMatchObject({
      code: expect.stringMatching(/^(EISDIR|EPERM)$/) as string,
    });
    await fs.remove(`${root}/d/f`);
    await fs.removeDirectory(`${root}/d`);
    expect(await fs.list(root)).toEqual([]);
    await expect(fs.remove(`${root}/d`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('space tells how much room is left and names the kind', async () => {
    const { fs, root } = make();
    const space = await fs.space(root);
    expect(space.freeBytes).toBeGreaterThan(0);
    expect(space.kind).toMatch(/^[a-z0-9]+$/);
  });
}

function refusals(make: () => Subject): void {
  it('create refuses a name that is taken, also by a link that leads nowhere', async () => {
    const { fs, root, link } = make();
    await put(fs, `${root}/f`, 'x');
    link(`${root}/l`, `${root}/nowhere`);
    for (const name of ['f', 'l']) {
      await expect(fs.create(`${root}/${name}`)).rejects.toMatchObject({ code: 'EEXIST' });
      await expect(fs.createDirectory(`${root}/${name}`)).rejects.toMatchObject({ code: 'EEXIST' });
    }
    expect(await fs.stat(`${root}/nowhere`)).toBeNull();
  });

  it('open refuses a symbolic link, a directory, and what is not there', async () => {
    const { fs, root, link } = make();
    await put(fs, `${root}/f`, 'x');
    link(`${root}/l`, `${root}/f`);
    for (const mode of ['read', 'write'] as const) {
      await expect(fs.open(`${root}/l`, mode)).rejects.toMatchObject({ code: 'ELOOP' });
      await expect(fs.open(root, mode)).rejects.toMatchObject({ code: 'EISDIR' });
      await expect(fs.open(`${root}/none`, mode)).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });

  it('open for reading refuses to write', async () => {
    const { fs, root } = make();
    await put(fs, `${root}/f`, 'x');
    const file = await fs.open(`${root}/f`, 'read');
    await expect(file.write(text('y'), 0)).rejects.toMatchObject({ code: 'EBADF' });
    await file.close();
    expect(await get(fs, `${root}/f`)).toBe('x');
  });

  it('syncDirectory refuses a link to a directory, a file, and what is not there', async () => {
    const { fs, root, link } = make();
    await fs.createDirectory(`${root}/d`);
    await put(fs, `${root}/f`, 'x');
    link(`${root}/l`, 'd');
    await fs.syncDirectory(`${root}/d`);
    for (const name of ['l', 'f']) {
      await expect(fs.syncDirectory(`${root}/${name}`)).rejects.toMatchObject({ code: 'ENOTDIR' });
    }
    await expect(fs.syncDirectory(`${root}/no`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('errors of an open file tell code, number, system call and path as Node does', async () => {
    const { fs, root } = make();
    const error: unknown = await fs.open(`${root}/no`, 'read').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'ENOENT', errno: -2, syscall: 'open', path: `${root}/no` });
    expect(String(error)).toBe(`Error: ENOENT: no such file or directory, open '${root}/no'`);
    await put(fs, `${root}/f`, 'x');
    const file = await fs.open(`${root}/f`, 'read');
    await expect(file.truncate(0)).rejects.toMatchObject({
      code: 'EINVAL',
      syscall: 'ftruncate',
      path: `${root}/f`,
    });
    await file.close();
  });
}
