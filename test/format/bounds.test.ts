/** Both sides of every bound in the layouts: what is refused, what is the last that is taken. */
import { beforeAll, describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { batchFramesMax, headerBlockBytes, payloadBytesMax } from '../../src/base/quantities.ts';
import {
  aligned,
  endOfContent,
  fromHex,
  getCount,
  isZero,
  setCount,
  toHex,
  viewOf,
} from '../../src/format/bytes.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import {
  commitBytes,
  decodeCommit,
  encodeCommit,
  isControlType,
  isEntryType,
} from '../../src/format/control.ts';
import { decodeHeader, encodeFrame, frameBytes } from '../../src/format/frame.ts';
import type { FrameFields } from '../../src/format/frame.ts';
import {
  decodeHead,
  emptyVouched,
  encodeHead,
  headNumbers,
  newHead,
  soundHeadBlocks,
} from '../../src/format/head.ts';
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  soundHeaderBlocks,
} from '../../src/format/segment-header.ts';

beforeAll(initChecksum);

const id = new Uint8Array(16).fill(3);

describe('numbers and bytes', () => {
  it('setCount writes whole numbers up to 2^53 - 1, and getCount knows no larger one', () => {
    const view = new DataView(new ArrayBuffer(8));
    for (const count of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      setCount(view, 0, count);
      expect(getCount(view, 0)).toBe(count);
      expect(view.getBigUint64(0, true)).toBe(BigInt(count));
    }
    for (const wrong of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(() => setCount(view, 0, wrong)).toThrow(AssertionError);
    }
    view.setBigUint64(0, 2n ** 53n, true);
    expect(getCount(view, 0)).toBeNull();
  });

  it('toHex and fromHex take each other back, and no other text', () => {
    expect(toHex(new Uint8Array([0, 9, 255, 1]).subarray(1, 3))).toBe('09ff');
    expect(fromHex('09ff')).toEqual(new Uint8Array([9, 255]));
    expect(fromHex('')).toEqual(new Uint8Array(0));
    for (const wrong of ['0', '0g', 'AB', '00 ', 'x00']) {
      expect(() => fromHex(wrong), wrong).toThrow(AssertionError);
    }
  });

  it('isZero and endOfContent look from one place to another', () => {
    const bytes = new Uint8Array([1, 0, 0, 2, 0, 0]);
    expect(isZero(bytes)).toBe(false);
    expect([isZero(bytes, 1, 3), isZero(bytes, 1, 4), isZero(bytes, 4)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(isZero(bytes, 3, 4)).toBe(false);
    expect([0, 3, 4, 5].map((from) => endOfContent(bytes, from))).toEqual([4, 4, 4, 5]);
    expect(endOfContent(new Uint8Array(0), 0)).toBe(0);
    const long = new Uint8Array(3 * 4096 + 7);
    for (const at of [0, 7, 4095, 4096, 4103, 8191, 8192, 12_294]) {
      long.fill(0)[at] = 1;
      expect(
        [0, 5, at].map((from) => endOfContent(long, from)),
        String(at),
      ).toEqual([at + 1, Math.max(5, at + 1), at + 1]);
    }
    expect([0, 1, 4096].map((from) => endOfContent(long.fill(0), from))).toEqual([0, 1, 4096]);
    expect([0, 1, 7, 8, 9].map(aligned)).toEqual([0, 8, 8, 8, 16]);
  });
});

describe('types of frames', () => {
  it('isControlType ends below 16, isEntryType begins at 32, with and without the high bit', () => {
    const types = [1, 15, 16, 31, 32, 127];
    for (const high of [0, 0x80]) {
      expect(types.map((type) => isControlType(type | high))).toEqual([
        true,
        true,
        false,
        false,
        false,
        false,
      ]);
      expect(types.map((type) => isEntryType(type | high))).toEqual([
        false,
        false,
        false,
        false,
        true,
        true,
      ]);
    }
  });
});

describe('a frame', () => {
  const payload = new Uint8Array([1, 2, 3]);
  const encode = (
    change: Partial<FrameFields> = {},
    { offset = 64, bytes = frameBytes(3), type = 32 } = {},
  ): Uint8Array => {
    const into = new Uint8Array(bytes);
    const fields = { type, key: id, streamSeq: 1, journalSeq: 2, timeMs: 3 };
    const all = { ...fields, payloadHash: xxh64(payload), ...change };
    encodeFrame(into, 0, { salt: 5n, offset }, all, payload);
    return into;
  };

  it('encodeFrame refuses a type, a key, a place or a buffer that no frame has', () => {
    for (const type of [1, 255]) expect(encode({}, { type })[4]).toBe(type);
    for (const type of [0, 256]) expect(() => encode({}, { type })).toThrow(AssertionError);
    for (const length of [15, 17]) {
      expect(() => encode({ key: new Uint8Array(length) })).toThrow(AssertionError);
    }
    expect(() => encode({}, { offset: 60 })).toThrow(AssertionError);
    expect(() => encode({}, { bytes: frameBytes(3) - 1 })).toThrow(AssertionError);
    expect(frameBytes(3)).toBe(72);
    expect(frameBytes(0)).toBe(64);
    expect(frameBytes(8)).toBe(72);
  });

  it('decodeHeader believes no header of another place, type or size', () => {
    const bytes = encode();
    const place = { salt: 5n, offset: 64 };
    expect(decodeHeader(bytes, 0, place)).toMatchObject({ payloadBytes: 3, type: 32, key: id });
    expect(decodeHeader(bytes.subarray(0, 64), 0, place)).not.toBeNull();
    expect(decodeHeader(bytes.subarray(0, 63), 0, place)).toBeNull();
    expect(() => decodeHeader(bytes, 0, { ...place, offset: 60 })).toThrow(AssertionError);
    const signed = (change: (view: DataView) => void): unknown => {
      const other = bytes.slice();
      const view = viewOf(other);
      change(view);
      view.setBigUint64(56, xxh64(other.subarray(0, 56), place.salt + 64n), true);
      return decodeHeader(other, 0, place);
    };
    expect(signed((view) => view.setUint32(0, payloadBytesMax, true))).toMatchObject({
      payloadBytes: payloadBytesMax,
    });
    expect(signed((view) => view.setUint32(0, payloadBytesMax + 1, true))).toBeNull();
    expect(signed((view) => view.setUint32(4, 255, true))).toMatchObject({ type: 255 });
    expect(signed((view) => view.setUint32(4, 256, true))).toBeNull();
    expect(signed((view) => view.setUint32(4, 0, true))).toBeNull();
    for (const at of [24, 32]) {
      expect(signed((view) => view.setBigUint64(at, 2n ** 53n, true))).toBeNull();
      expect(signed((view) => view.setBigUint64(at, 2n ** 53n - 1n, true))).not.toBeNull();
    }
  });
});

describe('a commit', () => {
  const entry = { key: id, streamSeq: 1, payloadBytes: 1, type: 32, payloadHash: 1n };
  const told = { firstSeq: 1, lastSeq: 1, durableMark: 0, firstSegment: 1, writer: id };
  const commit = (frames: number): Uint8Array =>
    encodeCommit({
      ...told,
      previousChecksum: 1n,
      checksum: 2n,
      directory: Array.from({ length: frames }, () => entry),
    });

  it('encodeCommit is over one frame at least, and as many as a batch holds', () => {
    expect(() => commit(0)).toThrow(AssertionError);
    expect(() => commit(batchFramesMax + 1)).toThrow(AssertionError);
    expect(decodeCommit(commit(batchFramesMax))?.directory).toHaveLength(batchFramesMax);
    expect(commit(1)).toHaveLength(commitBytes(1));
    expect(commitBytes(1)).toBe(112);
    const none = new Uint8Array(commitBytes(0));
    expect(decodeCommit(none)).toBeNull();
    const many = new Uint8Array(commitBytes(batchFramesMax + 1));
    viewOf(many).setUint32(0, batchFramesMax + 1, true);
    expect(decodeCommit(many)).toBeNull();
    expect(decodeCommit(new Uint8Array(71))).toBeNull();
  });
});

/** Changes one block and signs it again. */
function resign(bytes: Uint8Array, block: number, change: (part: Uint8Array) => void): Uint8Array {
  const all = bytes.slice();
  const part = all.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
  change(part);
  const end = headerBlockBytes - 8;
  viewOf(part).setBigUint64(end, xxh64(part.subarray(0, end), BigInt(block)), true);
  return all;
}

describe('the header of a segment', () => {
  const header = { salt: 1n, bytes: 16_384, number: 2, createdMs: 3, writer: id, store: id };

  it('encodeSegmentHeader wants ids of sixteen bytes', () => {
    for (const length of [15, 17]) {
      const wrong = new Uint8Array(length);
      expect(() => encodeSegmentHeader({ ...header, writer: wrong })).toThrow(AssertionError);
      expect(() => encodeSegmentHeader({ ...header, store: wrong })).toThrow(AssertionError);
    }
  });

  it('decodeSegmentHeader takes a sound block before a newer one, and counts the sound ones', () => {
    const bytes = encodeSegmentHeader(header);
    const major = (part: Uint8Array): void => viewOf(part).setUint16(8, 2, true);
    const flags = (part: Uint8Array): void => viewOf(part).setUint32(80, 4, true);
    expect(decodeSegmentHeader(resign(bytes, 0, major))).toEqual(header);
    expect(soundHeaderBlocks(bytes)).toBe(2);
    expect(soundHeaderBlocks(resign(bytes, 0, major))).toBe(1);
    const newer = resign(resign(bytes, 0, major), 1, major);
    expect(decodeSegmentHeader(newer)).toEqual({ kind: 'newer', found: '2.0, flags 0' });
    expect(soundHeaderBlocks(newer)).toBe(0);
    const flagged = resign(resign(bytes, 0, flags), 1, flags);
    expect(decodeSegmentHeader(flagged)).toEqual({ kind: 'newer', found: '1.0, flags 4' });
    const half = resign(bytes, 1, major);
    half[9] = 7;
    expect(decodeSegmentHeader(half)).toEqual({ kind: 'newer', found: '2.0, flags 0' });
    const minor = (part: Uint8Array): void => viewOf(part).setUint16(10, 9, true);
    expect(decodeSegmentHeader(resign(resign(bytes, 0, minor), 1, minor))).toEqual(header);
    const magic = (part: Uint8Array): void => part.set([0x48, 0x4f, 0x4c, 0x45], 0);
    expect(decodeSegmentHeader(resign(resign(bytes, 0, magic), 1, magic))).toEqual({
      kind: 'damaged',
    });
    expect(decodeSegmentHeader(bytes.subarray(0, headerBlockBytes))).toEqual(header);
    expect(decodeSegmentHeader(bytes.subarray(0, headerBlockBytes - 1))).toEqual({
      kind: 'damaged',
    });
  });
});

describe('the head of a history', () => {
  const head = newHead({ salt: 1n, incarnation: id, attached: null, sessionId: 's', createdMs: 7 });
  const both = (): Uint8Array => {
    const bytes = new Uint8Array(2 * headerBlockBytes);
    bytes.set(encodeHead(head, 0), 0);
    bytes.set(encodeHead(head, 1), headerBlockBytes);
    return bytes;
  };

  it('newHead vouches for nothing yet', () => {
    expect(head).toEqual({
      number: 1,
      salt: 1n,
      generation: 1,
      incarnation: id,
      attached: null,
      vouched: { seq: 0, endOffset: 8192, chain: 0n, batchChecksum: 0n },
      baseOffset: 0,
      damage: null,
      isNameUnproven: false,
      sessionId: 's',
      title: '',
      messages: 0,
      createdMs: 7,
      updatedMs: 7,
    });
    expect(head.vouched).toBe(emptyVouched);
  });

  it('encodeHead takes ids of 1 to 128 bytes, and titles of at most 200', () => {
    for (const sessionId of ['x', 'x'.repeat(128)]) {
      const title = 't'.repeat(200);
      const decoded = decodeHead(encodeHead({ ...head, sessionId, title }, 0));
      expect(decoded).toMatchObject({ sessionId, title });
    }
    for (const sessionId of ['', 'x'.repeat(129)]) {
      expect(() => encodeHead({ ...head, sessionId }, 0)).toThrow(AssertionError);
    }
    expect(() => encodeHead({ ...head, title: 't'.repeat(201) }, 0)).toThrow(AssertionError);
  });

  it('decodeHead is newer as soon as one block is, and reads lengths up to their bounds', () => {
    const major = (part: Uint8Array): void => viewOf(part).setUint16(8, 2, true);
    for (const block of [0, 1]) {
      expect(decodeHead(resign(both(), block, major))).toEqual({ kind: 'newer', found: '2.0' });
      expect(soundHeadBlocks(resign(both(), block, major))).toBe(1);
    }
    const long = (part: Uint8Array): void => {
      viewOf(part).setUint8(176, 255);
      viewOf(part).setUint16(308, 60_000, true);
    };
    const decoded = decodeHead(resign(encodeHead(head, 0), 0, long));
    if ('kind' in decoded) throw new Error('The head is bad');
    expect(decoded.sessionId).toHaveLength(128);
    expect(decoded.title).toHaveLength(200);
    const magic = (part: Uint8Array): void => part.set([0x48, 0x4f, 0x4c, 0x46], 0);
    expect(decodeHead(resign(encodeHead(head, 0), 0, magic))).toEqual({ kind: 'damaged' });
    expect(decodeHead(both().subarray(0, headerBlockBytes - 1))).toEqual({ kind: 'damaged' });
  });

  it('decodeHead gives the damage that was told, with and without an end', () => {
    for (const damage of [
      { from: 4, to: 9, writer: id },
      { from: 4, to: null, writer: id },
    ]) {
      expect(decodeHead(encodeHead({ ...head, damage }, 0))).toMatchObject({ damage });
    }
    const unknown = (part: Uint8Array): void => viewOf(part).setBigUint64(144, 2n ** 53n, true);
    const bytes = encodeHead({ ...head, damage: { from: 4, to: 9, writer: id } }, 0);
    expect(decodeHead(resign(bytes, 0, unknown))).toMatchObject({ damage: { from: 0, to: 9 } });
  });

  it('headNumbers tells the number of each block that is sound', () => {
    const bytes = both();
    bytes.set(encodeHead({ ...head, number: 4 }, 1), headerBlockBytes);
    expect(headNumbers(bytes)).toEqual([1, 4]);
    bytes[100] = 9;
    expect(headNumbers(bytes)).toEqual([null, 4]);
    expect(soundHeadBlocks(bytes)).toBe(1);
    // Of two with the same number the first counts; of others the newer.
    expect(decodeHead(bytes)).toMatchObject({ number: 4 });
  });
});
