/**
 * F49: lengths, counts and depths that lie, and a segment of nothing but empty frames. No length that
 * is read makes a decoder take memory, or time, that its input does not.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { HoldfastError } from '../../src/base/errors.ts';
import { fileHeaderBytes, payloadBytesMax } from '../../src/base/quantities.ts';
import { viewOf } from '../../src/format/bytes.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import { decodeFrame, encodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import { decodePayload } from '../../src/format/payload.ts';
import { readSegment } from '../../src/journal/segment-reader.ts';
import { signFrame } from '../fuzz/sign.ts';
import { SegmentImage, text } from '../helpers/segment-image.ts';

const salt = 0x1234_5678_9abc_def0n;
const fields = { type: 32, key: new Uint8Array(16), streamSeq: 3, journalSeq: 4, timeMs: 5 };
/** No input here needs so much; a machine that is busy with something else may. */
const hangsAfterMs = 15_000;

function frameImage(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frameBytes(payload.length) + 16);
  const place = { salt, offset: fileHeaderBytes };
  encodeFrame(bytes, 0, place, { ...fields, payloadHash: xxh64(payload) }, payload);
  return bytes;
}

/** Runs with what it took from the heap and beside it, in bytes. */
function taken(work: () => void): number {
  const used = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  work();
  return used() - before;
}

describe('lengths that lie', () => {
  beforeAll(initChecksum);

  it.each([
    ['array', [0xdd]],
    ['map', [0xdf]],
    ['string', [0xdb]],
    ['bytes', [0xc6]],
    ['extension', [0xc9]],
  ] as const)('F49 a payload with %s of 4 GiB takes no memory', (_kind, start) => {
    for (const length of [0xffff_ffff, 0x7fff_ffff, 0x0fff_ffff, 1_000_000]) {
      const bytes = new Uint8Array(64);
      bytes.set([0x91, ...start]);
      viewOf(bytes).setUint32(2, length);
      const grown = taken(() => {
        expect(() => decodePayload(bytes)).toThrow(HoldfastError);
      });
      expect(grown, `length ${length}`).toBeLessThan(32 * 1024 * 1024);
    }
  });

  it('F49 a payload that is nested a million times is refused, and the stack survives', () => {
    for (const opening of [0x91, 0x81]) {
      const bytes = new Uint8Array(1_000_000).fill(opening);
      expect(() => decodePayload(bytes)).toThrow(HoldfastError);
    }
  });

  it('F49 a frame of any length is looked at only as far as the bytes go', () => {
    for (const length of [1, 2 ** 16, payloadBytesMax, payloadBytesMax + 1, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = frameImage(text('short'));
      viewOf(bytes).setUint32(0, length, true);
      signFrame(bytes, { salt, offset: fileHeaderBytes });
      const grown = taken(() => {
        const found = decodeFrame(bytes, 0, { salt, base: fileHeaderBytes });
        expect(isFault(found)).toBe(true);
      });
      expect(grown).toBeLessThan(1024 * 1024);
    }
  });

  it('F49 a segment that is full of frames without content is read in bounded time and memory', () => {
    const bytes = 1024 * 1024;
    const image = new SegmentImage({ bytes });
    const { header } = image;
    const empty = new Uint8Array(0);
    for (let offset = fileHeaderBytes; offset + 64 <= bytes; offset += 64) {
      const place = { salt: header.salt, offset };
      const one = { ...fields, payloadHash: xxh64(empty) };
      encodeFrame(image.bytes, offset, place, one, empty);
    }
    const began = performance.now();
    let frames = -1;
    const grown = taken(() => {
      frames = readSegment(image.bytes, header).frames.length;
    });
    // Without a commit there is no batch.
    expect(frames).toBe(0);
    expect(performance.now() - began).toBeLessThan(hangsAfterMs);
    // A frame that is held takes more than its 64 bytes, and what was let go is still in the heap.
    expect(grown).toBeLessThan(40 * bytes);
  });

  it('F49 sequences up to 2^53 follow, and beyond it nothing is taken for one', () => {
    const bytes = frameImage(text('payload'));
    for (const [seq, isGood] of [
      [2n ** 53n - 1n, true],
      [2n ** 53n, false],
      [2n ** 64n - 1n, false],
    ] as const) {
      viewOf(bytes).setBigUint64(24, seq, true);
      signFrame(bytes, { salt, offset: fileHeaderBytes });
      const found = decodeFrame(bytes, 0, { salt, base: fileHeaderBytes });
      expect(isFault(found)).toBe(!isGood);
      if (!isFault(found)) expect(BigInt(found.streamSeq)).toBe(seq);
    }
  });
});
