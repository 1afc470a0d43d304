import { beforeAll, describe, expect, test } from 'vitest';
import { fileHeaderBytes, headerBlockBytes } from '../../src/base/quantities.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import { viewOf } from '../../src/format/bytes.ts';
import {
  attachType,
  decodeCommit,
  decodeControl,
  encodeCommit,
  encodeControl,
} from '../../src/format/control.ts';
import { decodeHead, emptyVouched, encodeHead, soundHeadBlocks } from '../../src/format/head.ts';
import type { Head } from '../../src/format/head.ts';
import { decodeSegmentHeader, encodeSegmentHeader } from '../../src/format/segment-header.ts';
import { decodeWriters, encodeWriters } from '../../src/recovery/store-files.ts';
import { streamFrameType } from '../../src/session/frame-types.ts';

beforeAll(initChecksum);

const segment = {
  salt: 0xfedc_ba98_7654_3210n,
  bytes: 1024 * 1024,
  number: 3,
  createdMs: 1_700_000_000_000,
  writer: new Uint8Array(16).fill(1),
  store: new Uint8Array(16).fill(2),
};

const head: Head = {
  number: 9,
  salt: 5n,
  generation: 2,
  incarnation: new Uint8Array(16).fill(3),
  attached: new Uint8Array(16).fill(4),
  vouched: { seq: 12, endOffset: 10_000, chain: 77n, batchChecksum: 78n },
  baseOffset: 0,
  damage: { from: 4, to: null, writer: new Uint8Array(16).fill(5) },
  isNameUnproven: false,
  sessionId: 'a-session',
  title: 'Grüße, 世界',
  messages: 10,
  createdMs: 1,
  updatedMs: 2,
};

function bothBlocks(first: Head, second: Head): Uint8Array {
  const bytes = new Uint8Array(fileHeaderBytes);
  bytes.set(encodeHead(first, 0), 0);
  bytes.set(encodeHead(second, 1), headerBlockBytes);
  return bytes;
}

describe('decodeSegmentHeader', () => {
  test('gives back what was written, and one sound block is enough', () => {
    const bytes = encodeSegmentHeader(segment);
    expect(decodeSegmentHeader(bytes)).toEqual(segment);
    for (const block of [0, 1]) {
      const damaged = bytes.slice();
      damaged[block * headerBlockBytes + 20] = 0xff;
      expect(decodeSegmentHeader(damaged)).toEqual(segment);
    }
  });

  test('is damaged when both blocks are, and when one stands in the place of the other', () => {
    const bytes = encodeSegmentHeader(segment);
    bytes[20] = 0xff;
    bytes[headerBlockBytes + 20] = 0xff;
    expect(decodeSegmentHeader(bytes)).toEqual({ kind: 'damaged' });
    const swapped = encodeSegmentHeader(segment);
    swapped.copyWithin(0, headerBlockBytes, fileHeaderBytes);
    swapped.fill(0, headerBlockBytes);
    expect(decodeSegmentHeader(swapped)).toEqual({ kind: 'damaged' });
  });

  test('is newer for another major version, told apart from damage', () => {
    const bytes = encodeSegmentHeader(segment);
    for (const block of [0, 1]) {
      const part = bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
      viewOf(part).setUint16(8, 2, true);
      const checksum = xxh64(part.subarray(0, 4088), BigInt(block));
      viewOf(part).setBigUint64(4088, checksum, true);
    }
    expect(decodeSegmentHeader(bytes)).toMatchObject({ kind: 'newer' });
  });
});

describe('decodeHead', () => {
  test('gives back what was written', () => {
    expect(decodeHead(bothBlocks(head, head))).toEqual(head);
    const plain = { ...head, attached: null, damage: null, vouched: emptyVouched };
    expect(decodeHead(bothBlocks(plain, plain))).toEqual(plain);
  });

  test('takes the newer of two sound blocks, and the sound one of two', () => {
    const newer = { ...head, number: 10, messages: 11 };
    expect(decodeHead(bothBlocks(newer, head))).toEqual(newer);
    expect(decodeHead(bothBlocks(head, newer))).toEqual(newer);
    const torn = bothBlocks(newer, head);
    torn.fill(0, 100, 600);
    expect(decodeHead(torn)).toEqual(head);
    expect(soundHeadBlocks(torn)).toBe(1);
  });

  test('loses nothing to rot of either block when both were written', () => {
    for (let at = 0; at < fileHeaderBytes; at += 37) {
      const bytes = bothBlocks(head, head);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      expect(decodeHead(bytes)).toEqual(head);
    }
  });
});

describe('decodeCommit', () => {
  test('gives back what was written, and refuses any other length', () => {
    const commit = {
      firstSeq: 4,
      lastSeq: 5,
      durableMark: 3,
      firstSegment: 1,
      previousChecksum: 10n,
      checksum: 11n,
      writer: new Uint8Array(16).fill(9),
      directory: [1, 2].map((streamSeq) => ({
        key: new Uint8Array(16).fill(streamSeq),
        streamSeq,
        payloadBytes: 100,
        type: 32,
        payloadHash: 55n,
      })),
    };
    const bytes = encodeCommit(commit);
    expect(decodeCommit(bytes)).toEqual(commit);
    expect(decodeCommit(bytes.subarray(0, -8))).toBeNull();
    expect(decodeCommit(new Uint8Array(72))).toBeNull();
  });
});

describe('decodeControl', () => {
  test('gives back what was written', () => {
    const control = {
      durableMark: 1,
      firstSegment: 2,
      segment: 3,
      endOffset: 4,
      salt: 5n,
      checksum: 6n,
      lastSeq: 7,
    };
    expect(decodeControl(encodeControl(control))).toEqual(control);
    expect(decodeControl(new Uint8Array(8))).toBeNull();
  });

  test('shares the type of an introduction with the session layer', () => {
    expect(attachType).toBe(streamFrameType.attach);
  });
});

describe('decodeWriters', () => {
  test('gives back what was written, and refuses a flip of any bit', () => {
    const writers = ['00112233445566778899aabbccddeeff', 'ffeeddccbbaa99887766554433221100'];
    const bytes = encodeWriters(writers);
    expect(decodeWriters(bytes)).toEqual(writers);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(decodeWriters(flipped)).toBeNull();
    }
  });
});

describe('counts beyond 2^53', () => {
  /** Puts a number into both blocks, or one, and signs them again. */
  function withCount(whole: Uint8Array, at: number, count: bigint): Uint8Array {
    const bytes = whole.slice();
    for (let block = 0; block * headerBlockBytes < bytes.length; block += 1) {
      const part = bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
      const end = headerBlockBytes - 8;
      viewOf(part).setBigUint64(at, count, true);
      viewOf(part).setBigUint64(end, xxh64(part.subarray(0, end), BigInt(block)), true);
    }
    return bytes;
  }

  test.each([24, 32])('decodeSegmentHeader takes for damage at %i', (at) => {
    const bytes = encodeSegmentHeader(segment);
    expect(decodeSegmentHeader(withCount(bytes, at, 2n ** 53n))).toEqual({ kind: 'damaged' });
    expect(decodeSegmentHeader(withCount(bytes, at, 2n ** 53n - 1n))).not.toHaveProperty('kind');
  });

  test.each([16, 32, 72, 80, 104, 128])('decodeHead takes for damage at %i', (at) => {
    const bytes = encodeHead(head, 0);
    expect(decodeHead(withCount(bytes, at, 2n ** 53n))).toEqual({ kind: 'damaged' });
    expect(decodeHead(withCount(bytes, at, 2n ** 53n - 1n))).not.toHaveProperty('kind');
  });

  test.each([0, 8, 16, 24, 48])('decodeControl refuses at %i', (at) => {
    const control = { durableMark: 1, firstSegment: 1, segment: 1, endOffset: 1, lastSeq: 1 };
    const bytes = encodeControl({ ...control, salt: 1n, checksum: 1n });
    viewOf(bytes).setBigUint64(at, 2n ** 53n, true);
    expect(decodeControl(bytes)).toBeNull();
  });

  test.each([8, 16, 24, 32, 72 + 16])('decodeCommit refuses at %i', (at) => {
    const entry = { key: head.incarnation, streamSeq: 1, payloadBytes: 1, type: 32 };
    const told = { firstSeq: 1, lastSeq: 1, durableMark: 0, firstSegment: 1 };
    const sums = { previousChecksum: 1n, checksum: 2n, writer: segment.writer };
    const bytes = encodeCommit({ ...told, ...sums, directory: [{ ...entry, payloadHash: 1n }] });
    expect(decodeCommit(bytes)).not.toBeNull();
    viewOf(bytes).setBigUint64(at, 2n ** 53n, true);
    expect(decodeCommit(bytes)).toBeNull();
  });
});
