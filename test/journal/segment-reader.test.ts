/** One segment under every cut, flip and foreign byte: what follows is believed, nothing else. */
import { beforeAll, describe, expect, it } from 'vitest';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { commitBytes, frameType } from '../../src/format/control.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { readSegment } from '../../src/journal/segment-reader.ts';
import type { SegmentContent } from '../../src/journal/segment-reader.ts';
import { Prng } from '../../src/platform/sim/prng.ts';
import { loose, SegmentImage, text } from '../helpers/segment-image.ts';

const seqs = (list: Iterable<{ readonly streamSeq: number }>): number[] =>
  Array.from(list, (one) => one.streamSeq);

function read(image: SegmentImage, bytes: Uint8Array = image.bytes): SegmentContent {
  return readSegment(bytes, image.header);
}

/** Three batches of 1, 2 and 1 entries; the third knows that the first two are durable. */
function sample(): SegmentImage {
  const image = new SegmentImage().origin();
  image.batch(text('alpha')).batch(text('beta'), new Uint8Array(200).fill(1));
  image.durableMark = 3;
  return image.batch(text('gamma'));
}

/** Entries of the batches that end at or before the offset. */
function wholeAt(image: SegmentImage, offset: number): number[] {
  const counts = [1, 2, 1];
  const whole = image.ends.filter((end) => end <= offset).length;
  const entries = counts.slice(0, whole).reduce((sum, count) => sum + count, 0);
  return Array.from({ length: entries }, (_, index) => index + 1);
}

describe('readSegment', () => {
  beforeAll(initChecksum);

  it('readSegment finds all frames, marks and the end of a sound segment', () => {
    const image = sample();
    const content = read(image);
    expect(seqs(content.frames)).toEqual([1, 2, 3, 4]);
    expect([...content.batches].map((batch) => batch.endOffset)).toEqual(image.ends);
    expect(content).toMatchObject({
      end: image.offset,
      lastSeq: 4,
      checksum: image.checksum,
      durableMark: 3,
      firstSegment: 1,
      seal: null,
      close: null,
      tail: null,
    });
    image.control(frameType.mark, { durableMark: 4 }).control(frameType.close);
    expect(read(image)).toMatchObject({ durableMark: 4, close: { lastSeq: 4 }, tail: null });
  });

  it('readSegment keeps whole batches only, wherever the rest is zeros', () => {
    const image = sample();
    for (let offset = fileHeaderBytes; offset <= image.offset; offset += 1) {
      const bytes = image.bytes.slice();
      bytes.fill(0, offset);
      const content = read(image, bytes);
      // Where only zeros are cut off, as at the end of a padding, nothing is missing.
      const same = bytes.every((byte, at) => byte === image.bytes[at]);
      expect(seqs(content.frames)).toEqual(wholeAt(image, same ? image.offset : offset));
      if (content.tail !== null) expect(content.tail.offset).toBe(content.end);
    }
  });

  it('readSegment keeps whole batches only, wherever the file is cut', () => {
    const image = sample();
    for (let offset = fileHeaderBytes; offset <= image.offset; offset += 1) {
      const content = read(image, image.bytes.slice(0, offset));
      expect(seqs(content.frames)).toEqual(wholeAt(image, offset));
    }
  });

  it('readSegment ends in front of the batch in which any bit is flipped', () => {
    const image = sample();
    for (let offset = fileHeaderBytes; offset < image.offset; offset += 1) {
      const bytes = image.bytes.slice();
      bytes[offset] = (bytes[offset] ?? 0) ^ (1 << (offset % 8));
      const content = read(image, bytes);
      expect(seqs(content.frames)).toEqual(wholeAt(image, offset));
      expect(content.tail).not.toBe(null);
    }
  });

  it('readSegment finds frames behind damage, what is lost, and what was durable', () => {
    const image = sample();
    const bytes = image.bytes.slice();
    const second = image.ends[0] ?? 0;
    bytes[second] = (bytes[second] ?? 0) ^ 1;
    const { tail, durableMark, frames } = read(image, bytes);
    expect(seqs(frames)).toEqual([1]);
    expect(durableMark).toBe(3);
    expect(seqs(tail?.survivors ?? [])).toEqual([3, 4]);
    // The third batch is whole in itself; of the second, the commit still names both entries.
    const whole = [...(tail?.survivors ?? [])].filter((frame) =>
      tail?.wholeOffsets.has(frame.offset),
    );
    expect(seqs(whole)).toEqual([4]);
    expect(seqs(tail?.named ?? [])).toEqual([2, 3, 4]);
    expect(tail?.offset).toBe(second);
  });

  it('readSegment names an entry whose payload is damaged by its header', () => {
    const image = new SegmentImage().origin().batch(text('one'));
    const from = image.offset;
    image.batch(new Uint8Array(300).fill(5));
    const bytes = image.bytes.slice(0, from + 200);
    bytes[from + 100] = 0;
    const whole = new Uint8Array(image.bytes.length);
    whole.set(bytes);
    expect(seqs(read(image, whole).tail?.named ?? [])).toEqual([2]);
  });

  it('readSegment finds a whole batch behind frames whose own commit is gone', () => {
    const image = sample();
    const bytes = image.bytes.slice();
    // The last bytes of the second batch are those of its commit.
    const commit = (image.ends[1] ?? 0) - frameBytes(commitBytes(2));
    const at = (image.ends[1] ?? 0) - 8;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const { tail } = read(image, bytes);
    expect(seqs(tail?.survivors ?? [])).toEqual([2, 3, 4]);
    const whole = [...(tail?.survivors ?? [])].filter((frame) =>
      tail?.wholeOffsets.has(frame.offset),
    );
    expect(seqs(whole)).toEqual([4]);
    expect(tail).toMatchObject({ seal: null, reason: `payload at ${commit}` });
  });

  it('readSegment takes garbage for nothing', () => {
    const prng = Prng.fromSeed(5);
    const image = sample();
    for (let round = 0; round < 50; round += 1) {
      const bytes = image.bytes.slice();
      const garbage = new Uint8Array(1 + prng.below(2000));
      prng.fill(garbage);
      bytes.set(garbage, image.offset);
      const content = read(image, bytes);
      expect(seqs(content.frames)).toEqual([1, 2, 3, 4]);
      expect([...(content.tail?.survivors ?? [])]).toEqual([]);
      expect(content.durableMark).toBe(3);
    }
  });

  it('readSegment never takes a copy of this log inside a payload for frames', () => {
    const inner = sample();
    // An agent prints its own log: the same file, the same salt, and then the entry is damaged.
    const copy = inner.bytes.slice(fileHeaderBytes, inner.offset);
    const image = new SegmentImage({ bytes: 32_768 }).origin().batch(text('one'));
    const from = image.offset;
    image.batch(copy, inner.bytes.slice(0, inner.offset)).batch(text('last'));
    const real = [...read(image).frames].map((frame) => frame.offset);
    expect(real).toHaveLength(4);
    for (const at of [from, from + 64, from + 70, from + 65 + copy.length]) {
      const bytes = image.bytes.slice();
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      const { frames, tail, durableMark } = read(image, bytes);
      expect(seqs(frames)).toEqual([1]);
      for (const one of tail?.survivors ?? []) expect(real).toContain(one.offset);
      // The copy holds a mark of 3; the log itself never told one.
      expect(durableMark).toBe(0);
    }
  });

  it('readSegment rejects frames that another segment left there', () => {
    const stale = new SegmentImage({ salt: 99n }).origin();
    stale.batch(text('old'), text('older')).batch(text('oldest'));
    const image = new SegmentImage().origin();
    image.bytes.set(stale.bytes.subarray(image.offset), image.offset);
    const content = read(image);
    expect([...content.frames]).toEqual([]);
    expect([...(content.tail?.survivors ?? [])]).toEqual([]);
    expect(content.durableMark).toBe(0);
  });

  it('readSegment wants the batch that was written behind the one before', () => {
    const image = new SegmentImage().origin().batch(text('one'));
    const end = image.offset;
    const kept = image.checksum;
    image.checksum = kept + 1n;
    image.batch(text('foreign'));
    const content = read(image);
    expect(seqs(content.frames)).toEqual([1]);
    expect(content.tail).toMatchObject({ offset: end, reason: 'commit does not hold: chain' });
  });

  it('readSegment refuses frames behind a close or a seal, and batches without an origin', () => {
    const closed = new SegmentImage().origin().batch(text('a')).control(frameType.close);
    closed.batch(text('b'));
    expect(read(closed)).toMatchObject({ close: { lastSeq: 1 }, lastSeq: 1 });
    expect(read(closed).tail?.reason).toContain('frame behind the end');
    const headless = new SegmentImage().frames([loose(text('a'), 1, 1)]);
    expect([...read(headless).frames]).toEqual([]);
    expect(read(headless).tail?.reason).toContain('no origin');
  });
});
