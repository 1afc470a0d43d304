/** How large the segments of a journal become. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { JournalLab } from '../helpers/journal-lab.ts';

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
