import fc from '../helpers/fast-check.ts';
import { beforeAll, describe, expect, test } from 'vitest';
import { frameHeaderBytes } from '../../src/base/quantities.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import {
  decodeFrame,
  encodeFrame,
  frameBytes,
  isFault,
  nextChain,
} from '../../src/format/frame.ts';
import type { FrameFields } from '../../src/format/frame.ts';

beforeAll(initChecksum);

const salt = 0x1234_5678_9abc_def0n;

function fieldsOf(payload: Uint8Array, change: Partial<FrameFields> = {}): FrameFields {
  return {
    type: 32,
    key: new Uint8Array(16).fill(7),
    streamSeq: 5,
    journalSeq: 9,
    timeMs: 1_700_000_000_123,
    payloadHash: xxh64(payload),
    ...change,
  };
}

function frameAt(
  offset: number,
  payload: Uint8Array,
  change: Partial<FrameFields> = {},
): Uint8Array {
  const bytes = new Uint8Array(frameBytes(payload.length));
  encodeFrame(bytes, 0, { salt, offset }, fieldsOf(payload, change), payload);
  return bytes;
}

describe('decodeFrame', () => {
  test('gives back what encodeFrame wrote, for any fields and payload', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 255 }),
        fc.maxSafeNat(),
        fc.maxSafeNat(),
        fc.nat({ max: 2 ** 30 }),
        (payload, type, streamSeq, journalSeq, eighth) => {
          const offset = eighth * 8;
          const bytes = frameAt(offset, payload, { type, streamSeq, journalSeq });
          const frame = decodeFrame(bytes, 0, { salt, base: offset });
          expect(isFault(frame)).toBe(false);
          if (isFault(frame)) return;
          expect({ type: frame.type, streamSeq: frame.streamSeq }).toEqual({ type, streamSeq });
          expect(frame.journalSeq).toBe(journalSeq);
          expect(Buffer.compare(frame.payload, payload)).toBe(0);
        },
      ),
    );
  });

  test('refuses the same bytes at any other offset and with any other salt', () => {
    const bytes = frameAt(4096, new Uint8Array(50).fill(1));
    for (const base of [0, 8, 4088, 4104, 8192]) {
      expect(decodeFrame(bytes, 0, { salt, base })).toEqual({ kind: 'header', offset: base });
    }
    const other = decodeFrame(bytes, 0, { salt: salt + 8n, base: 4096 });
    expect(other).toEqual({ kind: 'header', offset: 4096 });
  });

  test('finds a flip of every single bit, padding included', () => {
    const bytes = frameAt(64, new TextEncoder().encode('thirteen bytes'));
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = bytes.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const found = decodeFrame(flipped, 0, { salt, base: 64 });
      expect(isFault(found), `bit ${bit}`).toBe(true);
      const inHeader = bit < frameHeaderBytes * 8;
      if (isFault(found)) expect(found.kind).toBe(inHeader ? 'header' : 'payload');
    }
  });

  test('tells a damaged payload with the header that names it', () => {
    const bytes = frameAt(0, new Uint8Array(40).fill(3), { streamSeq: 77 });
    bytes[70] = 0;
    const found = decodeFrame(bytes, 0, { salt, base: 0 });
    expect(found).toMatchObject({ kind: 'payload', header: { streamSeq: 77, type: 32 } });
  });

  test('tells how much is missing when the bytes end inside a frame', () => {
    const bytes = frameAt(0, new Uint8Array(100).fill(3));
    for (let length = 0; length < bytes.length; length += 1) {
      const found = decodeFrame(bytes.subarray(0, length), 0, { salt, base: 0 });
      expect(found).toMatchObject({ kind: length < frameHeaderBytes ? 'end' : 'short' });
    }
  });

  test('never takes zeros for a frame, for any salt', () => {
    const zeros = new Uint8Array(256);
    for (const one of [0n, 1n, salt]) {
      expect(isFault(decodeFrame(zeros, 0, { salt: one, base: 0 }))).toBe(true);
    }
  });
});

describe('nextChain', () => {
  test('changes with every part of the content and with the past, not with the place', () => {
    const payload = new Uint8Array([1, 2, 3]);
    const base = nextChain(1n, fieldsOf(payload));
    const changes: Partial<FrameFields>[] = [
      { type: 33 },
      { key: new Uint8Array(16).fill(8) },
      { streamSeq: 6 },
      { payloadHash: 1n },
    ];
    for (const change of changes) expect(nextChain(1n, fieldsOf(payload, change))).not.toBe(base);
    expect(nextChain(2n, fieldsOf(payload))).not.toBe(base);
    expect(nextChain(1n, fieldsOf(payload, { journalSeq: 1, timeMs: 0 }))).toBe(base);
  });
});
