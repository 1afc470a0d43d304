/** What is set aside: whole, durable, found again by a second run, and bounded where it may be. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  quarantineBytesMax,
  quarantineTornBytesMax,
  readChunkBytes,
} from '../../src/base/quantities.ts';
import { initChecksum, sha256Hex } from '../../src/format/checksum.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { layoutOf } from '../../src/recovery/layout.ts';
import { keepFile, keepTornTail } from '../../src/recovery/quarantine.ts';

const layout = layoutOf('/store');
const path = '/store/torn.segment';
let disk: SimDisk;

beforeAll(initChecksum);
beforeEach(() => {
  disk = SimDisk.create(1);
  disk.makeDirectory('/store');
});

const keepTail = (offset: number, bytes: number): Promise<void> =>
  keepTornTail(disk.fileSystem(), layout, { path, offset, bytes });
const kept = (): readonly string[] =>
  disk.paths().filter((one) => one.startsWith(`${layout.quarantine}/`));
const nameOf = (bytes: Uint8Array): string =>
  `${layout.quarantine}/torn-${sha256Hex(bytes).slice(0, 32)}.bin`;

describe('keepTornTail', () => {
  it('keepTornTail keeps these bytes and no others, under the name of their content, durably', async () => {
    disk.writeFile(
      path,
      Uint8Array.from({ length: 100 }, (_, at) => at),
    );
    await keepTail(10, 30);
    await keepTail(10, 30);
    const bytes = Uint8Array.from({ length: 30 }, (_, at) => at + 10);
    expect(kept()).toEqual([nameOf(bytes)]);
    for (let seed = 1; seed < 6; seed += 1) {
      expect(disk.crash({ seed }).readFile(nameOf(bytes))).toEqual(bytes);
    }
  });

  it('keepTornTail keeps no more of one tail than its bound', async () => {
    const bytes = new Uint8Array(quarantineTornBytesMax + 1).fill(7);
    disk.writeFile(path, bytes);
    await keepTail(0, bytes.length);
    expect(kept()).toEqual([nameOf(bytes.subarray(1))]);
  });

  it('keepTornTail keeps nothing of a tail that is empty or holds nothing but zeros', async () => {
    disk.writeFile(path, new Uint8Array(64));
    await keepTail(0, 0);
    await keepTail(0, 64);
    await keepTail(64, 10);
    expect(disk.paths()).toEqual([path]);
    expect(await disk.fileSystem().stat(layout.quarantine)).toBeNull();
  });

  it('keepTornTail lets the oldest tails go beyond the bound for all, and nothing else', async () => {
    const torn = (digit: string): string => `${layout.quarantine}/torn-${digit.repeat(32)}.bin`;
    const others = ['damage.bin', `torn-${'a'.repeat(31)}.bin`, `torn-${'a'.repeat(32)}.bin.old`];
    for (const name of others) {
      disk.writeFile(`${layout.quarantine}/${name}`, Uint8Array.of(1));
      await disk.clock.advanceThrough(10);
    }
    const half = new Uint8Array(quarantineBytesMax / 2);
    for (const digit of ['1', '2', '3']) {
      disk.writeFile(torn(digit), half);
      await disk.clock.advanceThrough(10);
    }
    disk.writeFile(path, Uint8Array.of(1, 2, 3));
    await keepTail(0, 3);
    const untouched = others.map((name) => `${layout.quarantine}/${name}`);
    // The two newer halves and these three bytes are over the bound by three.
    expect(kept()).toEqual([...untouched, torn('3'), nameOf(Uint8Array.of(1, 2, 3))].toSorted());
    disk.writeFile(torn('4'), half.subarray(3));
    await disk.clock.advanceThrough(10);
    await keepTail(0, 3);
    expect(kept()).toContain(torn('3'));
    expect(kept()).toContain(torn('4'));
  });
});

describe('keepFile', () => {
  it('keepFile copies all of a file, however large, over what a run before it left', async () => {
    const directory = `${layout.quarantine}/ab`;
    const bytes = Uint8Array.from({ length: 2 * readChunkBytes + 5 }, (_, at) => at % 251);
    disk.writeFile(path, bytes);
    disk.writeFile(`${directory}/copy.new`, new Uint8Array(3 * readChunkBytes).fill(9));
    disk.writeFile(`${directory}/copy`, Uint8Array.of(1));
    await keepFile(disk.fileSystem(), path, directory, 'copy');
    for (let seed = 1; seed < 4; seed += 1) {
      const after = disk.crash({ seed });
      expect(after.paths()).toEqual([`${directory}/copy`, path].toSorted());
      expect(Buffer.compare(after.readFile(`${directory}/copy`), bytes)).toBe(0);
    }
    expect(Buffer.compare(disk.readFile(path), bytes)).toBe(0);
  });

  it.each(['write', 'sync', 'read'] as const)(
    'keepFile gives no copy its name whose %s failed',
    async (kind) => {
      disk.writeFile(path, Uint8Array.of(1, 2, 3));
      disk.failNext(kind, 'EIO');
      const kept = keepFile(disk.fileSystem(), path, layout.quarantine, 'copy');
      await expect(kept).rejects.toMatchObject({ code: 'EIO' });
      expect(await disk.fileSystem().stat(`${layout.quarantine}/copy`)).toBeNull();
    },
  );
});
