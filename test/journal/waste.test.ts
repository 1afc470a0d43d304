/**
 * F49: sound headers whose lengths lie, one behind the other, and journals of many segments. What
 * reads them comes to an end in time that grows as the file does, and not as its square.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { viewOf } from '../../src/format/bytes.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import { encodeFrame, isFault } from '../../src/format/frame.ts';
import { FrameCursor } from '../../src/journal/frame-cursor.ts';
import { linkSegments, segmentFacts } from '../../src/journal/journal-reader.ts';
import type { SegmentFacts } from '../../src/journal/journal-reader.ts';
import { readSegment } from '../../src/journal/segment-reader.ts';
import type { File } from '../../src/platform/file-system.ts';
import { SegmentImage, streamKey, text } from '../helpers/segment-image.ts';

const MiB = 1024 * 1024;

beforeAll(initChecksum);

/** Fills the rest with headers, each of which claims so many bytes of payload and has none. */
function fillWithClaims(bytes: Uint8Array, from: number, salt: bigint, claimed: number): number {
  let count = 0;
  for (let offset = from; offset + 64 <= bytes.length; offset += 64, count += 1) {
    const fields = { type: 32, key: streamKey, streamSeq: 1, journalSeq: 1, timeMs: 0 };
    const place = { salt, offset };
    encodeFrame(bytes, offset, place, { ...fields, payloadHash: 5n }, new Uint8Array(0));
    const view = viewOf(bytes);
    view.setUint32(offset, claimed, true);
    const seed = (salt + BigInt(offset)) & 0xffff_ffff_ffff_ffffn;
    view.setBigUint64(offset + 56, xxh64(bytes.subarray(offset, offset + 56), seed), true);
  }
  return count;
}

/** A file of these bytes that counts what is read of it. */
function countedFile(bytes: Uint8Array): { readonly file: File; read: number } {
  const counted = {
    read: 0,
    file: {
      read: (into: Uint8Array, at: number): Promise<number> => {
        const part = bytes.subarray(at, at + into.length);
        into.set(part);
        counted.read += part.length;
        return Promise.resolve(part.length);
      },
    } as unknown as File,
  };
  return counted;
}

describe('headers that claim what is not theirs', () => {
  it('F49 FrameCursor stops reading all that each of them claims, and comes to the end', async () => {
    const bytes = new Uint8Array(2 * MiB);
    const count = fillWithClaims(bytes, 0, 7n, 32 * MiB);
    const counted = countedFile(bytes);
    const cursor = new FrameCursor(counted.file, 7n, 0, bytes.length);
    let looks = 0;
    for (; ; looks += 1) {
      const found = await cursor.next();
      if (found === null || (isFault(found) && !(await cursor.resume()))) break;
    }
    // It was patient: what is worth a look got one.
    expect(looks).toBeGreaterThan(100);
    expect(looks).toBeLessThan(count / 10);
    expect(counted.read).toBeLessThan(600 * MiB);
  });

  it('F49 readSegment names what they say, as long as that is worth it', () => {
    const image = new SegmentImage({ bytes: MiB }).origin().batch(text('one'));
    const bytes = image.bytes.slice();
    const count = fillWithClaims(bytes, image.offset, image.header.salt, MiB / 4);
    const { tail, frames } = readSegment(bytes, image.header);
    expect(frames.length).toBe(1);
    expect(tail?.named.length).toBeGreaterThan(10);
    expect(tail?.named.length).toBeLessThan(count / 4 + count / 10);
  });
});

describe('a batch that never ends', () => {
  it('F49 readSegment waits for no commit longer than a batch may be', () => {
    const image = new SegmentImage({ bytes: MiB }).origin();
    const { salt } = image.header;
    let offset = image.offset;
    for (let seq = 1; offset + 64 < MiB; seq += 1, offset += 64) {
      const fields = { type: 32, key: streamKey, streamSeq: seq, journalSeq: seq, timeMs: 0 };
      const payloadHash = xxh64(new Uint8Array(0));
      const place = { salt, offset };
      encodeFrame(image.bytes, offset, place, { ...fields, payloadHash }, new Uint8Array(0));
    }
    const { frames, tail } = readSegment(image.bytes, image.header);
    expect(frames.length).toBe(0);
    expect(tail?.reason).toContain('no commit before');
    expect(tail?.survivors.length).toBeGreaterThan(15_000);
  });
});

describe('a journal of many segments', () => {
  it('F49 linkSegments looks at each segment a few times, however many there are', () => {
    let looks = 0;
    const all: SegmentFacts[] = [];
    let last: SegmentImage | null = null;
    for (let number = 1; number <= 300; number += 1) {
      const image: SegmentImage =
        last === null
          ? new SegmentImage().origin()
          : SegmentImage.after(last, { sealed: 'abandoned' });
      image.batch(text(`entry ${number}`));
      const facts = segmentFacts(`/j/${number}`, number, image.bytes);
      const { content } = facts;
      Object.defineProperty(facts, 'content', {
        get: () => {
          looks += 1;
          return content;
        },
      });
      all.push(facts);
      last = image;
    }
    const { frames, firstProblem } = linkSegments('/j', all);
    expect(firstProblem).toBe(null);
    expect(frames.length).toBe(300);
    expect(looks).toBeLessThan(300 * 20);
    expect(last?.offset).toBeGreaterThan(fileHeaderBytes);
  });
});
