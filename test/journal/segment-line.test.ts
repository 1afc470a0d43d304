/** How large the segments of a journal become. */
import { beforeAll, describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { fileHeaderBytes, segmentReserveBytes } from '../../src/base/quantities.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { controlBytes, frameType } from '../../src/format/control.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { SegmentLine } from '../../src/journal/segment-line.ts';
import { makeSegment, segmentName } from '../../src/journal/segment-maker.ts';
import { simRandom } from '../../src/platform/sim/prng.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { JournalLab } from '../helpers/journal-lab.ts';
import { storeId, writerId } from '../helpers/segment-image.ts';

const MiB = 1024 * 1024;

beforeAll(initChecksum);

/** Fills segments until so many stand there; the clock goes on by so much before each entry. */
async function sizesOf(segmentBytes: number, stepMs: number): Promise<readonly number[]> {
  const lab = await JournalLab.open({ segmentBytes });
  const payload = new Uint8Array(segmentBytes / 4);
  while (lab.journal.counters.segments < 4) {
    await lab.disk.clock.advanceThrough(stepMs);
    await lab.append(payload);
  }
  const facts = await lab.afterCrash('all');
  return facts.segments.slice(0, 4).map(({ header }) => header?.bytes ?? 0);
}

describe('SegmentLine', () => {
  it('doubles from segment to segment', async () => {
    expect(await sizesOf(MiB, 400)).toEqual([MiB, 2 * MiB, 4 * MiB, 8 * MiB]);
  });

  it('goes to the largest behind a segment that was full within a second', async () => {
    // The second was made before anybody could know.
    expect(await sizesOf(MiB, 10)).toEqual([MiB, 2 * MiB, 16 * MiB, 16 * MiB]);
  });

  it('lets small segments double, however fast they are full', async () => {
    const KiB = 1024;
    expect(await sizesOf(16 * KiB, 0)).toEqual([16 * KiB, 32 * KiB, 64 * KiB, 128 * KiB]);
  });
});

describe('one line of segments', () => {
  async function begun(bytes: number): Promise<{ disk: SimDisk; line: SegmentLine }> {
    const disk = SimDisk.create(1);
    disk.makeDirectory('/j');
    const parts = { fileSystem: disk.fileSystem(), clock: disk.clock, random: simRandom(1) };
    const identity = { directory: '/j', writer: writerId, store: storeId };
    const first = await makeSegment(parts, identity, { number: 1, bytes });
    return { disk, line: new SegmentLine(parts, identity, first) };
  }

  const nextOf = async ({ line }: { line: SegmentLine }): Promise<number> => {
    await line.ensureSuccessor(0);
    return line.successor().header.bytes;
  };

  it('fits leaves room for a seal behind a batch, and none in a segment that is given up', async () => {
    const { line } = await begun(16_384);
    const room = 16_384 - fileHeaderBytes - segmentReserveBytes;
    expect([line.fits(room), line.fits(room + 1)]).toEqual([true, false]);
    line.offset += 8;
    expect([line.fits(room - 8), line.fits(room - 7)]).toEqual([true, false]);
    line.abandoned = true;
    expect(line.fits(0)).toBe(false);
  });

  it('ensureSuccessor makes one of twice the size, or as large as the batch needs', async () => {
    const { disk, line } = await begun(16_384);
    expect(() => line.successor()).toThrow(AssertionError);
    await line.ensureSuccessor(100);
    expect(line.successor().header).toMatchObject({ number: 2, bytes: 32_768 });
    const besides = fileHeaderBytes + frameBytes(controlBytes) + segmentReserveBytes;
    const ready = line.successor();
    await line.ensureSuccessor(32_768 - besides);
    expect(line.successor()).toBe(ready);
    await line.ensureSuccessor(32_768 - besides + 1);
    // The larger one stands under the name of the smaller.
    expect(line.successor().header).toMatchObject({ number: 2, bytes: 32_776 });
    expect(disk.paths()).toEqual([1, 2].map((number) => `/j/${segmentName(number)}`));
    expect(disk.readFile(`/j/${segmentName(2)}`)).toHaveLength(32_776);
  });

  it('ensureSuccessor goes on with one that is being made, unless that is too small', async () => {
    const going = await begun(16_384);
    expect(await going.line.prepareStep()).toBe(false);
    const [made] = going.disk.paths().filter((path) => path.includes('.new-'));
    await going.line.ensureSuccessor(100);
    expect(going.line.successor().header.bytes).toBe(32_768);
    expect(going.disk.paths()).not.toContain(made);
    expect(await going.line.prepareStep()).toBe(true);
    const small = await begun(16_384);
    await small.line.prepareStep();
    await small.line.ensureSuccessor(100_000);
    expect(small.line.successor().header.bytes).toBeGreaterThan(100_000);
    expect(small.disk.paths()).toHaveLength(2);
  });

  it('prepareStep leaves nothing of one that failed, and begins anew', async () => {
    const { disk, line } = await begun(16_384);
    disk.failNext('write', 'ENOSPC');
    await expect(line.prepareStep()).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(disk.paths()).toEqual([`/j/${segmentName(1)}`]);
    while (!(await line.prepareStep()));
    expect(line.successor().header.number).toBe(2);
  });

  it('advance begins behind the header of the next, which counts as fast within a second', async () => {
    for (const [bytes, ms, expected] of [
      [MiB, 999, 16 * MiB],
      [MiB, 1000, 4 * MiB],
      [MiB - 8, 0, 4 * MiB - 32],
    ] as const) {
      const one = await begun(bytes);
      one.line.offset = 9000;
      one.line.abandoned = true;
      await one.line.ensureSuccessor(0);
      await one.disk.clock.advanceThrough(ms);
      await one.line.advance();
      expect(one.line.active.header.number).toBe(2);
      expect(one.line).toMatchObject({ offset: fileHeaderBytes, abandoned: false });
      expect(await nextOf(one), `${bytes} in ${ms} ms`).toBe(expected);
    }
  });

  it('writeControl moves behind what it writes, and writes no commit', async () => {
    const { disk, line } = await begun(16_384);
    const control = { durableMark: 1, firstSegment: 1, segment: 0, endOffset: 0, lastSeq: 1 };
    const sums = { salt: 1n, checksum: 2n };
    await expect(
      line.writeControl(frameType.commit, { ...control, ...sums }, 5),
    ).rejects.toBeInstanceOf(AssertionError);
    await line.writeControl(frameType.mark, { ...control, ...sums }, 5);
    expect(line.offset).toBe(fileHeaderBytes + frameBytes(controlBytes));
    const bytes = disk.readFile(`/j/${segmentName(1)}`);
    expect(bytes[fileHeaderBytes + 4]).toBe(frameType.mark);
  });

  it('close takes away what was being made, and leaves what is made', async () => {
    const half = await begun(16_384);
    await half.line.prepareStep();
    expect(half.disk.paths()).toHaveLength(2);
    await half.line.close();
    expect(half.disk.paths()).toEqual([`/j/${segmentName(1)}`]);
    const ready = await begun(16_384);
    await ready.line.ensureSuccessor(0);
    await ready.line.close();
    expect(ready.disk.paths()).toHaveLength(2);
  });
});
