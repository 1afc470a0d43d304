/** Small parts of the journal by themselves: what is wasted, what counts, errors as plain fields. */
import { beforeAll, describe, expect, it } from 'vitest';
import { fileHeaderBytes, payloadBytesMax } from '../../src/base/quantities.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { frameBytes, isFault } from '../../src/format/frame.ts';
import { BatchEndTable, lastEnd } from '../../src/journal/batch-ends.ts';
import { firstNeededOf, highest } from '../../src/journal/first-needed.ts';
import { FrameCursor } from '../../src/journal/frame-cursor.ts';
import { plainError, revivedError } from '../../src/journal/journal-protocol.ts';
import { Poison, poisoning } from '../../src/journal/poison.ts';
import type { SegmentContent } from '../../src/journal/segment-reader.ts';
import { decodeIntroduction, encodeIntroduction } from '../../src/journal/streams.ts';
import { Waste } from '../../src/journal/waste.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { SegmentImage, text } from '../helpers/segment-image.ts';

beforeAll(initChecksum);

describe('Waste', () => {
  it('Waste is spent beyond what is free and four times what the walk came forward', () => {
    const waste = new Waste();
    waste.spend(4 * payloadBytesMax);
    expect(waste.isSpent).toBe(false);
    waste.spend(1);
    expect(waste.isSpent).toBe(true);
    waste.earn(1);
    expect(waste.isSpent).toBe(false);
    waste.spend(3);
    expect(waste.isSpent).toBe(false);
    waste.spend(1);
    expect(waste.isSpent).toBe(true);
  });
});

describe('firstNeededOf', () => {
  type Part = { number: number; followed: number; told: number } | { number: number };
  const needed = (...parts: readonly Part[]): number =>
    firstNeededOf(
      parts.map((part) => {
        if (!('told' in part)) return { number: part.number, content: null };
        const { number, followed: firstSegmentFollowed, told: firstSegment } = part;
        return { number, content: { firstSegmentFollowed, firstSegment } as SegmentContent };
      }),
    );
  const at = (number: number, followed: number, told = followed): Part => {
    return { number, followed, told };
  };

  it('firstNeededOf is what the highest frame that follows tells', () => {
    expect(needed()).toBe(0);
    expect(needed({ number: 1 })).toBe(0);
    expect(needed(at(1, 1), at(2, 1))).toBe(1);
    expect(needed(at(1, 1), at(2, 2), at(3, 1))).toBe(2);
  });

  it('firstNeededOf believes a frame behind a hole once something in front of it is gone', () => {
    expect(needed(at(1, 1), at(2, 1), at(3, 1, 3))).toBe(1);
    expect(needed(at(2, 1), at(3, 1, 3))).toBe(3);
    expect(needed(at(1, 1), at(3, 1, 3))).toBe(3);
    expect(needed({ number: 1 }, { number: 2 }, at(3, 0, 3))).toBe(0);
    expect(needed({ number: 2 }, at(3, 0, 3))).toBe(3);
    // What is told to be needed need not be there itself.
    expect(needed(at(1, 1), at(2, 1, 3))).toBe(1);
  });

  it('highest is 0 without content', () => {
    expect(highest([{ number: 3, content: null }], () => 7)).toBe(0);
    const content = { durableMark: 4 } as SegmentContent;
    expect(highest([{ number: 3, content }], (one) => one.durableMark)).toBe(4);
  });
});

describe('BatchEndTable', () => {
  it('BatchEndTable gives back each end, from the front and from the back, however many', () => {
    for (const count of [0, 1, 8, 9, 40]) {
      const all = Array.from({ length: count }, (_, index) => {
        return { endOffset: 100 + index, lastSeq: 7 * index, checksum: BigInt(index) };
      });
      const table = new BatchEndTable();
      for (const end of all) table.push(end);
      expect(table.length).toBe(count);
      expect([...table]).toEqual(all);
      for (let index = -count - 1; index <= count; index += 1) {
        expect(table.at(index), `${index} of ${count}`).toEqual(all.at(index));
      }
      expect(lastEnd(table, ({ endOffset }) => endOffset <= 104)).toEqual(all.slice(0, 5).at(-1));
      expect(lastEnd(table, () => false)).toBeUndefined();
    }
  });
});

describe('errors on their way between threads', () => {
  it('plainError keeps what says where and why, and revivedError gives it back', () => {
    const fields = { code: 'EIO', syscall: 'read', path: '/x' };
    const plain = plainError(Object.assign(new Error('EIO: read'), { ...fields, errno: -5 }));
    expect(plain).toEqual({ message: 'EIO: read', ...fields });
    const revived = revivedError(plain);
    expect(revived).toBeInstanceOf(Error);
    expect(revived).toMatchObject({ message: 'EIO: read', ...fields });
    const bare = { message: 'no', code: null, syscall: null, path: null };
    expect(plainError(new Error('no'))).toEqual(bare);
    expect(plainError('no')).toEqual(bare);
    expect(plainError(null)).toEqual({ ...bare, message: 'null' });
    expect(plainError({ code: 7, path: '/x' })).toMatchObject({ code: null, path: '/x' });
    expect(Object.keys(revivedError(bare))).toEqual([]);
  });

  it('poisoning makes Poison of whatever goes wrong, and no Poison of Poison', async () => {
    await poisoning(() => Promise.resolve());
    const cause = new Error('EIO');
    const poison: unknown = await poisoning(() => Promise.reject(cause)).catch((e: unknown) => e);
    expect(poison).toBeInstanceOf(Poison);
    expect(poison).toMatchObject({ message: 'EIO', cause });
    const same = await poisoning(() => Promise.reject(poison as Error)).catch((e: unknown) => e);
    expect(same).toBe(poison);
    expect(new Poison('text')).toMatchObject({ message: 'text', cause: 'text' });
  });
});

describe('an introduction', () => {
  it('has a chain and the bytes of its owner, which may be none', () => {
    expect(decodeIntroduction(encodeIntroduction(7n, text('s')))).toEqual({
      chain: 7n,
      introduction: text('s'),
    });
    expect(decodeIntroduction(encodeIntroduction(7n, text('')))).toEqual({
      chain: 7n,
      introduction: text(''),
    });
    expect(decodeIntroduction(new Uint8Array(7))).toBeNull();
  });
});

describe('FrameCursor', () => {
  it('FrameCursor walks through windows that end anywhere in a frame', async () => {
    const disk = SimDisk.create(1);
    const image = new SegmentImage({ bytes: 4 * 1024 * 1024 }).origin();
    const sizes = [1_000_000, 47_900, 1_200_000, 10, 900_000];
    for (const size of sizes) image.batch(new Uint8Array(size).fill(7));
    disk.writeFile('/f', image.bytes.subarray(0, image.offset));
    const file = await disk.fileSystem().open('/f', 'read');
    const { salt } = image.header;
    const cursor = new FrameCursor(file, salt, fileHeaderBytes, image.offset);
    const found: number[] = [];
    for (;;) {
      const frame = await cursor.next();
      if (frame === null) break;
      if (isFault(frame)) throw new Error(`${frame.kind} at ${frame.offset}`);
      if (frame.type === 32) found.push(frame.payload.length);
    }
    expect(found).toEqual(sizes);
    expect(cursor.offset).toBe(image.offset);
    expect(await cursor.next()).toBeNull();
    await file.close();
  });

  it('FrameCursor resumes at the next frame of this file, and at the end when there is none', async () => {
    const disk = SimDisk.create(1);
    const image = new SegmentImage().origin().batch(text('one')).batch(text('two'));
    disk.writeFile('/f', image.bytes.subarray(0, image.offset));
    const file = await disk.fileSystem().open('/f', 'read');
    const at = (to = image.offset): FrameCursor =>
      new FrameCursor(file, image.header.salt, fileHeaderBytes, to);
    const cursor = at();
    await cursor.next();
    expect(await cursor.resume()).toBe(true);
    expect(cursor.offset).toBe(fileHeaderBytes + frameBytes(56) + frameBytes(3));
    const short = at(fileHeaderBytes + frameBytes(56) + 63);
    await short.next();
    expect(await short.next()).toMatchObject({ kind: 'end' });
    expect(await short.resume()).toBe(false);
    expect(short.offset).toBe(fileHeaderBytes + frameBytes(56) + 63);
    await file.close();
  });
});
