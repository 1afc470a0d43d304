/** Reading along in a journal while it is written, at every byte of a write that is under way. */
import { beforeAll, describe, expect, it } from 'vitest';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { endOfContent, toHex } from '../../src/format/bytes.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { frameType } from '../../src/format/control.ts';
import { LiveJournal } from '../../src/journal/live-journal.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import type { FileSystem } from '../../src/platform/file-system.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { loose, SegmentImage, streamKey, text } from '../helpers/segment-image.ts';

const directory = '/j';

/** A journal on a disk, whose segments a test writes as it likes. */
class Lab {
  readonly disk: SimDisk = SimDisk.create(1);
  readonly fileSystem: FileSystem = this.disk.fileSystem();

  static async with(...images: readonly SegmentImage[]): Promise<Lab> {
    const lab = new Lab();
    await lab.fileSystem.createDirectory(directory);
    for (const image of images) await lab.make(image);
    return lab;
  }

  /** The segment as it is made: a header and zeros. */
  async make({ header, bytes }: SegmentImage): Promise<void> {
    const file = await this.fileSystem.create(this.path(header.number));
    await file.write(bytes.subarray(0, fileHeaderBytes), 0);
    await file.truncate(header.bytes);
    await file.close();
  }

  /** What stands in the image from one offset up to another is written. */
  async write({ header, bytes }: SegmentImage, from: number, to: number): Promise<void> {
    const file = await this.fileSystem.open(this.path(header.number), 'write');
    await file.write(bytes.subarray(from, to), from);
    await file.close();
  }

  async open(): Promise<LiveJournal> {
    const live = await LiveJournal.open(this.fileSystem, directory, toHex(streamKey));
    if (live === null) throw new Error('there is no segment');
    return live;
  }

  path(number: number): string {
    return `${directory}/${segmentName(number)}`;
  }
}

async function seqsOf(live: LiveJournal): Promise<number[]> {
  const seqs: number[] = [];
  for (;;) {
    const frames = await live.take();
    if (frames.length === 0) return seqs;
    seqs.push(...frames.map(({ streamSeq }) => streamSeq));
  }
}

/** Batches of 1, 2 and 1 entries, each telling that the one before is durable, then a mark. */
function sample(): SegmentImage {
  const image = new SegmentImage().origin();
  image.batch(text('alpha'));
  image.durableMark = 1;
  image.batch(text('beta'), new Uint8Array(200).fill(1));
  image.durableMark = 3;
  image.batch(text('gamma'));
  image.durableMark = 4;
  return image.control(frameType.mark);
}

describe('LiveJournal', () => {
  beforeAll(initChecksum);

  it('take gives each frame once, when a mark covers it, whatever part of a write is seen', async () => {
    const image = sample();
    for (const step of [1, 8, 61, 200]) {
      const lab = await Lab.with(image);
      const live = await lab.open();
      const seqs: number[] = [];
      for (let at = fileHeaderBytes; at < image.offset; at += step) {
        const to = Math.min(at + step, image.offset);
        await lab.write(image, at, to);
        seqs.push(...(await seqsOf(live)));
        // The commit of the next batch is what tells.
        const ends = [...image.ends.slice(1), image.offset];
        const marks = [0, ...ends.map((end) => endOfContent(image.bytes.subarray(0, end), 0))];
        const shown = [0, 1, 3, 4][marks.filter((end) => end <= to).length - 1];
        expect(seqs, `through ${to}`).toEqual([1, 2, 3, 4].slice(0, shown));
      }
      expect(seqs).toEqual([1, 2, 3, 4]);
      await live.close();
    }
  });

  it('take finds what was written behind a window that it holds', async () => {
    const image = sample();
    const lab = await Lab.with(image);
    const [end = 0] = image.ends;
    await lab.write(image, fileHeaderBytes, end);
    const live = await lab.open();
    expect(await live.take()).toEqual([]);
    await lab.write(image, end, image.ends[1] ?? 0);
    // One batch, and its window ends in zeros that are frames by the next call.
    expect((await live.take()).map(({ streamSeq }) => streamSeq)).toEqual([1]);
    await lab.write(image, image.ends[1] ?? 0, image.offset);
    expect(await seqsOf(live)).toEqual([2, 3, 4]);
  });

  it('take gives frames of its stream only', async () => {
    const image = new SegmentImage().origin();
    const key = new Uint8Array(16).fill(5);
    image.frames([{ ...loose(text('foreign'), 1, 1), key }, loose(text('own'), 2, 1)]);
    image.durableMark = 2;
    image.control(frameType.mark);
    const lab = await Lab.with(image);
    await lab.write(image, fileHeaderBytes, image.offset);
    const frames = await (await lab.open()).take();
    expect(frames.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(['own']);
  });

  it('take goes on in the segment that a seal names', async () => {
    const first = sample();
    const next = SegmentImage.after(first, { sealed: 'sealed' });
    next.batch(text('delta'));
    next.durableMark = 5;
    next.control(frameType.mark);
    const lab = await Lab.with(first);
    await lab.write(first, fileHeaderBytes, first.ends[2] ?? 0);
    const live = await lab.open();
    expect(await seqsOf(live)).toEqual([1, 2, 3]);
    await lab.make(next);
    await lab.write(first, first.ends[2] ?? 0, first.offset);
    expect(await seqsOf(live)).toEqual([4]);
    await lab.write(next, fileHeaderBytes, next.offset);
    // What is open can be read although it has no name any more.
    await lab.fileSystem.remove(lab.path(1));
    expect(await live.isLeft()).toBe(false);
    expect(await seqsOf(live)).toEqual([5]);
  });

  it('isLeft tells that the writer went on where nothing leads to', async () => {
    const first = sample();
    const next = SegmentImage.after(first, { sealed: 'abandoned' });
    const lab = await Lab.with(first, next);
    await lab.write(first, fileHeaderBytes, first.offset);
    const live = await lab.open();
    expect(await seqsOf(live)).toEqual([1, 2, 3, 4]);
    // It was made ahead, and nothing stands in it.
    expect(await live.isLeft()).toBe(false);
    await lab.write(next, fileHeaderBytes, next.offset);
    expect(await live.isLeft()).toBe(true);
    expect(await seqsOf(live)).toEqual([]);
  });

  it('open begins at the newest segment in use, and answers null when there is none', async () => {
    const first = sample();
    const next = SegmentImage.after(first, { sealed: 'sealed' });
    next.batch(text('delta'));
    next.durableMark = 5;
    next.control(frameType.mark);
    const lab = await Lab.with();
    const open = (): Promise<LiveJournal | null> =>
      LiveJournal.open(lab.fileSystem, directory, toHex(streamKey));
    expect(await open()).toBeNull();
    for (const image of [first, next]) await lab.make(image);
    await lab.write(first, fileHeaderBytes, first.offset);
    await lab.write(next, fileHeaderBytes, next.offset);
    expect(await seqsOf(await lab.open())).toEqual([5]);
    await lab.fileSystem.remove(lab.path(1));
    await lab.fileSystem.remove(lab.path(2));
    await lab.fileSystem.removeDirectory(directory);
    expect(await open()).toBeNull();
  });
});
