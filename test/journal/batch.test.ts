/** Batches: what is encoded is believed again, and nothing that differs from it in any part. */
import { beforeAll, describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { frameType } from '../../src/format/control.ts';
import { decodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import type { Frame } from '../../src/format/frame.ts';
import {
  batchBytes,
  checkCommit,
  countEntries,
  encodeBatch,
  journalSeqsFollow,
} from '../../src/journal/batch.ts';
import type { EncodedBatch, LooseFrame } from '../../src/journal/batch.ts';
import { loose, text, writerId } from '../helpers/segment-image.ts';

const salt = 77n;
const offset = 8192;
const previousChecksum = 5n;

function encode(frames: readonly LooseFrame[], told = {}): EncodedBatch {
  const place = { salt, offset, previousChecksum, durableMark: 2, firstSegment: 1 };
  return encodeBatch(frames, { ...place, writer: writerId, timeMs: 9, ...told });
}

/** All frames of an encoded batch, as they stand at its offset. */
function decode(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const frame = decodeFrame(bytes, at, { salt, base: offset });
    if (isFault(frame)) throw new Error(`${frame.kind} at ${at}`);
    frames.push(frame);
    at += frameBytes(frame.payload.length);
  }
  return frames;
}

const three = (): LooseFrame[] => [
  loose(text('one'), 10, 4),
  loose(new Uint8Array(0), 11, 5),
  loose(new Uint8Array(3000), 12, 6),
];

function split(bytes: Uint8Array): { frames: Frame[]; commit: Frame } {
  const frames = decode(bytes);
  const commit = frames.pop();
  if (commit === undefined) throw new Error('a batch ends in a commit');
  return { frames, commit };
}

describe('encodeBatch', () => {
  beforeAll(initChecksum);

  it('encodeBatch makes what checkCommit takes for whole, with all that was told', () => {
    const encoded = encode(three());
    expect(encoded.bytes.length).toBe(batchBytes([3, 0, 3000]));
    const { frames, commit } = split(encoded.bytes);
    expect(frames.map((frame) => frame.offset)).toEqual(encoded.offsets);
    expect(frames.map((frame) => frame.payload.length)).toEqual([3, 0, 3000]);
    const told = checkCommit(commit, frames, { previousChecksum, nextSeq: 10 });
    expect(told).toMatchObject({ firstSeq: 10, lastSeq: 12, durableMark: 2, firstSegment: 1 });
    expect(told).toMatchObject({ checksum: encoded.checksum, writer: writerId });
    expect(typeof told === 'object' && journalSeqsFollow(frames, told)).toBe(true);
    expect(commit.type).toBe(frameType.commit);
    expect(countEntries([...frames, commit])).toBe(3);
  });

  it('checkCommit names what does not fit', () => {
    const { frames, commit } = split(encode(three()).bytes);
    const check = (
      some: readonly Frame[],
      told: Partial<{ previousChecksum: bigint; nextSeq: number | null }> = {},
    ): unknown => checkCommit(commit, some, { previousChecksum, nextSeq: 10, ...told });
    expect(check(frames.slice(1))).toBe('frames');
    expect(check(frames.toReversed())).toBe('frames');
    expect(check(frames, { previousChecksum: 6n })).toBe('chain');
    expect(check(frames, { nextSeq: 11 })).toBe('sequence');
    expect(check(frames, { nextSeq: null })).toMatchObject({ firstSeq: 10 });
    const [first, ...rest] = frames;
    if (first === undefined) throw new Error('there are frames');
    expect(check([{ ...first, type: 33 }, ...rest])).toBe('frames');
    expect(check([{ ...first, streamSeq: 9 }, ...rest])).toBe('frames');
    expect(check([{ ...first, key: new Uint8Array(16) }, ...rest])).toBe('frames');
    expect(check([{ ...first, payloadHash: 1n }, ...rest])).toBe('frames');
    // Of two faults the one that a report has always told.
    expect(check(frames.toReversed(), { previousChecksum: 6n })).toBe('chain');
    expect(check(frames.toReversed(), { nextSeq: 11 })).toBe('sequence');
    expect(check(frames.slice(1), { previousChecksum: 6n })).toBe('frames');
    // A frame of another place or time has another header checksum, whatever else is equal.
    expect(check([{ ...first, checksum: 1n }, ...rest])).toBe('checksum');
    const torn = { ...commit, payload: commit.payload.subarray(8) };
    expect(checkCommit(torn, frames, { previousChecksum, nextSeq: 10 })).toBe('layout');
  });

  it('journalSeqsFollow wants the sequences of a batch without a gap', () => {
    const { frames, commit } = split(
      encode([loose(text('a'), 3, 1), loose(text('b'), 5, 2)]).bytes,
    );
    const told = checkCommit(commit, frames, { previousChecksum, nextSeq: 3 });
    expect(typeof told === 'object' && journalSeqsFollow(frames, told)).toBe(false);
  });

  it('encodeBatch wants a frame, and one alone is first and last', () => {
    expect(() => encode([])).toThrow(AssertionError);
    const { frames, commit } = split(encode([loose(text('a'), 10, 4)]).bytes);
    const told = checkCommit(commit, frames, { previousChecksum, nextSeq: 10 });
    expect(told).toMatchObject({ firstSeq: 10, lastSeq: 10 });
  });

  it('encodeBatch chains batches, so that none can be left out or swapped', () => {
    const first = encode([loose(text('a'), 1, 1)]);
    const second = encode([loose(text('b'), 2, 2)], { previousChecksum: first.checksum });
    const { frames, commit } = split(second.bytes);
    const after = (checksum: bigint): unknown =>
      checkCommit(commit, frames, { previousChecksum: checksum, nextSeq: 2 });
    expect(after(first.checksum)).toMatchObject({ previousChecksum: first.checksum });
    expect(after(previousChecksum)).toBe('chain');
  });

  it('encodeBatch seeds every frame with its place, so that a moved batch is none', () => {
    const { bytes } = encode(three());
    const moved = decodeFrame(bytes, 0, { salt, base: offset + 8 });
    expect(moved).toMatchObject({ kind: 'header' });
    expect(decodeFrame(bytes, 0, { salt: salt + 1n, base: offset })).toMatchObject({
      kind: 'header',
    });
  });
});
