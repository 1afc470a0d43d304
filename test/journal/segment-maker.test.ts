/** How a segment comes to be: step by step, named only when it is whole, and nothing of it left. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { decodeSegmentHeader } from '../../src/format/segment-header.ts';
import {
  makeSegment,
  segmentName,
  SegmentMaking,
  segmentNumber,
} from '../../src/journal/segment-maker.ts';
import type { SegmentParts } from '../../src/journal/segment-maker.ts';
import { Poison } from '../../src/journal/poison.ts';
import { simRandom } from '../../src/platform/sim/prng.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { storeId, writerId } from '../helpers/segment-image.ts';

const identity = { directory: '/j', writer: writerId, store: storeId };
const MiB = 1024 * 1024;
let disk: SimDisk;
let parts: SegmentParts;

beforeAll(initChecksum);
beforeEach(() => {
  disk = SimDisk.create(1);
  disk.makeDirectory('/j');
  parts = { fileSystem: disk.fileSystem(), clock: disk.clock, random: simRandom(1) };
});

const making = (bytes = 16_384): SegmentMaking => new SegmentMaking(parts, identity, 7, bytes);

describe('segmentName', () => {
  it('segmentNumber reads what segmentName writes, and no other name', () => {
    expect(segmentName(7)).toBe('0000000007.segment');
    for (const number of [0, 1, 9_999_999_999]) {
      expect(segmentNumber(segmentName(number))).toBe(number);
    }
    for (const name of [
      '7.segment',
      '00000000007.segment',
      'x0000000007.segment',
      '0000000007.segment.new',
      '0000000007-segment',
      '.new-0000000007.segment-ab',
      'LOCK',
    ]) {
      expect(segmentNumber(name), name).toBeNull();
    }
  });
});

describe('SegmentMaking', () => {
  it('step makes header, zeros and name, one after the other, and is then done', async () => {
    const one = making(2 * MiB + 16);
    expect(one).toMatchObject({ bytes: 2 * MiB + 16, number: 7 });
    const sizes: number[] = [];
    for (;;) {
      const isDone = await one.step();
      const [path = ''] = disk.paths();
      sizes.push(disk.readFile(path).length);
      expect(path.startsWith('/j/.new-0000000007.segment-')).toBe(!isDone);
      if (isDone) break;
    }
    const whole = 2 * MiB + 16;
    expect(sizes).toEqual([fileHeaderBytes, fileHeaderBytes + MiB, whole, whole]);
    expect(await one.step()).toBe(true);
    const { path, header, file } = one.take();
    expect(path).toBe('/j/0000000007.segment');
    expect(file.path).toContain('0000000007.segment');
    for (let seed = 1; seed < 5; seed += 1) {
      const bytes = disk.crash({ seed }).readFile(path);
      expect(bytes).toHaveLength(whole);
      expect(decodeSegmentHeader(bytes)).toEqual(header);
      expect(header).toMatchObject({ number: 7, bytes: whole, writer: writerId, store: storeId });
      expect(bytes.subarray(fileHeaderBytes).every((byte) => byte === 0)).toBe(true);
    }
  });

  it('take gives nothing that is not whole, and sizes are aligned', async () => {
    const one = making();
    await one.step();
    expect(() => one.take()).toThrow(AssertionError);
    expect(() => making(16_385)).toThrow(AssertionError);
  });

  it('discard leaves nothing, whenever it comes', async () => {
    for (let steps = 0; steps < 5; steps += 1) {
      const one = making();
      for (let step = 0; step < steps; step += 1) await one.step();
      expect(disk.paths()).toHaveLength(steps === 0 ? 0 : 1);
      await one.discard();
      expect(disk.paths(), `after ${steps} steps`).toEqual([]);
    }
  });

  it('makeSegment leaves nothing when the disk fails, and Poison when a name may not be durable', async () => {
    const shape = { number: 7, bytes: 16_384 };
    for (const kind of ['write', 'sync', 'rename'] as const) {
      disk.failNext(kind, 'ENOSPC');
      await expect(makeSegment(parts, identity, shape)).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(disk.paths()).toEqual([]);
    }
    disk.failNext('sync-directory', 'EIO');
    await expect(makeSegment(parts, identity, shape)).rejects.toBeInstanceOf(Poison);
    // What keeps the removal from working is not what is told.
    disk.removePath('/j');
    disk.makeDirectory('/j');
    disk.failNext('write', 'ENOSPC');
    disk.failNext('remove', 'EIO');
    await expect(makeSegment(parts, identity, shape)).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});
