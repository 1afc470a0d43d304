/** Frames that are read again while the segment they stand in is still being filled. */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { FrameSource } from '../../src/journal/frame-source.ts';
import type { FramePlace } from '../../src/journal/frame-source.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import type { FileSystem } from '../../src/platform/file-system.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { SegmentImage, text } from '../helpers/segment-image.ts';

const path = `/j/${segmentName(1)}`;

/** A segment on a disk, and the places of the entries that are put into it. */
class Filling {
  readonly disk = SimDisk.create(1);
  readonly image = new SegmentImage({ bytes: 1024 * 1024 }).origin();
  readonly source = new FrameSource(this.disk.fileSystem(), '/j');

  constructor() {
    this.disk.writeFile(path, this.image.bytes);
  }

  put(words: string): FramePlace {
    const { offset } = this.image;
    const payload = text(words);
    this.image.batch(payload);
    this.disk.writeFile(path, this.image.bytes);
    return { segment: 1, offset, payloadBytes: payload.length };
  }

  /** The first frame of a second segment. */
  putOther(words: string): FramePlace {
    const other = new SegmentImage({ bytes: 1024 * 1024, number: 2, salt: 5n }).origin();
    const { offset } = other;
    const payload = text(words);
    other.batch(payload);
    this.disk.writeFile(`/j/${segmentName(2)}`, other.bytes);
    return { segment: 2, offset, payloadBytes: payload.length };
  }

  async read(place: FramePlace): Promise<string> {
    return new TextDecoder().decode((await this.source.read(place)).payload);
  }
}

describe('FrameSource', () => {
  beforeAll(initChecksum);

  it('read sees a frame that was written after the window around its place was read', async () => {
    const filling = new Filling();
    const first = filling.put('first');
    // The window of this read reaches far into the zeros behind the frame.
    expect(await filling.read(first)).toBe('first');
    const second = filling.put('second');
    expect(await filling.read(second)).toBe('second');
    const third = filling.put('third');
    expect(await Promise.all([third, first, second].map((place) => filling.read(place)))).toEqual([
      'third',
      'first',
      'second',
    ]);
  });

  it('readAll gives frames of a stream between those of others, near and far', async () => {
    const filling = new Filling();
    const mine: FramePlace[] = [];
    for (let at = 0; at < 40; at += 1) {
      mine.push(filling.put(`mine ${at}`));
      filling.put('x'.repeat(at % 3 === 0 ? 40_000 : 10));
    }
    const wanted = [...mine.slice(0, 5), ...mine.slice(20)];
    const frames = await filling.source.readAll(wanted);
    const words = frames.map((frame) => new TextDecoder().decode(frame.payload));
    const expected = Array.from({ length: 40 }, (_, at) => `mine ${at}`);
    expect(words).toEqual([...expected.slice(0, 5), ...expected.slice(20)]);
    expect(await filling.source.readAll([])).toEqual([]);
  });

  it('readRuns reads what was asked for, and little of what stands between', async () => {
    const filling = new Filling();
    const mine: FramePlace[] = [];
    for (let at = 0; at < 20; at += 1) {
      mine.push(filling.put(`mine ${at}`));
      filling.put('x'.repeat(40_000));
    }
    let read = 0;
    const fileSystem = filling.disk.fileSystem();
    const open: FileSystem['open'] = async (at, mode) => {
      const file = await fileSystem.open(at, mode);
      const whole = file.read.bind(file);
      file.read = async (into, from) => {
        read += into.length;
        return whole(into, from);
      };
      return file;
    };
    const source = new FrameSource(Object.assign(Object.create(fileSystem), { open }), '/j');
    const found: number[] = [];
    for await (const frames of source.readRuns(mine)) found.push(frames.length);
    expect(found).toEqual(mine.map(() => 1));
    // The header of the segment, and the frames.
    expect(read).toBeLessThan(10_000);
  });

  it('readAll from a segment that is kept gives the same, and what came later after forget', async () => {
    const filling = new Filling();
    const first = filling.put('first');
    await filling.source.keep(1, 2);
    const words = async (...places: FramePlace[]): Promise<string[]> =>
      (await filling.source.readAll(places)).map((frame) =>
        new TextDecoder().decode(frame.payload),
      );
    expect(await words(first)).toEqual(['first']);
    filling.disk.writeFile(path, new Uint8Array(filling.image.bytes.length));
    // From memory: the bytes on the disk are gone by now.
    expect(await words(first)).toEqual(['first']);
    filling.source.forget();
    await expect(words(first)).rejects.toMatchObject({ code: 'DAMAGED' });
  });

  it('readAll says DAMAGED when the bytes of one of the frames have changed', async () => {
    const filling = new Filling();
    const places = ['first', 'second', 'third'].map((words) => filling.put(words));
    const bytes = filling.disk.readFile(path);
    bytes[(places[1]?.offset ?? 0) + 64] = 0;
    filling.disk.writeFile(path, bytes);
    await expect(filling.source.readAll(places)).rejects.toMatchObject({
      code: 'DAMAGED',
      message: expect.stringContaining(`offset ${places[1]?.offset}`) as string,
    });
  });

  it('read says DAMAGED when the bytes of a frame have changed, and only then', async () => {
    const filling = new Filling();
    const [first, second] = [filling.put('first'), filling.put('second')];
    const bytes = filling.disk.readFile(path);
    bytes[first.offset + 64] = 0;
    filling.disk.writeFile(path, bytes);
    await expect(filling.read(first)).rejects.toMatchObject({
      code: 'DAMAGED',
      details: { file: segmentName(1), offset: first.offset },
    });
    expect(await filling.read(second)).toBe('second');
  });

  it('read gives no frame of another size than its place says, and says what to do', async () => {
    const filling = new Filling();
    const place = filling.put('first');
    const other = { ...place, payloadBytes: place.payloadBytes - 1 };
    const told = {
      code: 'DAMAGED',
      message:
        `Cannot read the frame at offset ${place.offset} of 0000000001.segment again: its bytes ` +
        'have changed; close the store and run `recover verify`',
      details: { sessions: [], file: segmentName(1), offset: place.offset },
    };
    await expect(filling.read(other)).rejects.toMatchObject(told);
    await expect(filling.source.readAll([other])).rejects.toMatchObject(told);
    expect(await filling.read(place)).toBe('first');
    filling.disk.writeFile(path, new Uint8Array(9000));
    const fresh = new FrameSource(filling.disk.fileSystem(), '/j');
    await expect(fresh.read(place)).rejects.toMatchObject({
      code: 'DAMAGED',
      message:
        'Cannot read 0000000001.segment: both of its header blocks are bad; run `recover verify`',
      details: { sessions: [], file: segmentName(1), offset: 0 },
    });
    // A failed open is tried again.
    filling.disk.writeFile(path, filling.image.bytes);
    expect((await fresh.read(place)).offset).toBe(place.offset);
    await fresh.close();
  });

  it('reads the same offset of two segments, near each other in time, from each of them', async () => {
    const filling = new Filling();
    const one = filling.put('first');
    const two = filling.putOther('other');
    expect(await filling.read(one)).toBe('first');
    expect(await filling.read(two)).toBe('other');
    expect(await filling.read(one)).toBe('first');
    const frames = await filling.source.readAll([one, two]);
    expect(frames.map(({ payload }) => new TextDecoder().decode(payload))).toEqual([
      'first',
      'other',
    ]);
  });

  it('release lets go of segments below a number, and keeps those from there on', async () => {
    const filling = new Filling();
    const one = filling.put('first');
    const two = filling.putOther('other');
    await filling.source.hold(new Set([1, 2]));
    await filling.source.keep(1, 3);
    for (const number of [1, 2])
      await filling.disk.fileSystem().remove(`/j/${segmentName(number)}`);
    expect(await filling.source.readAll([one, two])).toHaveLength(2);
    await filling.source.release(2);
    expect(await filling.source.readAll([two])).toHaveLength(1);
    await expect(filling.source.readAll([one])).rejects.toMatchObject({ code: 'ENOENT' });
    await filling.source.close();
    await expect(filling.source.readAll([two])).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
