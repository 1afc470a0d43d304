/** What may follow what in a segment, and in which words everything else is refused. */
import { beforeAll, describe, expect, it } from 'vitest';
import { batchFramesMax, fileHeaderBytes } from '../../src/base/quantities.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { frameType } from '../../src/format/control.ts';
import { decodeFrame, frameBytes, isFault } from '../../src/format/frame.ts';
import type { Frame } from '../../src/format/frame.ts';
import { SegmentWalk } from '../../src/journal/segment-walk.ts';
import type { SegmentStep } from '../../src/journal/segment-walk.ts';
import { loose, SegmentImage, text } from '../helpers/segment-image.ts';

beforeAll(initChecksum);

function framesIn({ bytes, header, offset }: SegmentImage): readonly Frame[] {
  const frames: Frame[] = [];
  for (let at = fileHeaderBytes; at < offset; ) {
    const frame = decodeFrame(bytes, at, { salt: header.salt, base: 0 });
    if (isFault(frame)) throw new Error(`${frame.kind} at ${at}`);
    frames.push(frame);
    at += frameBytes(frame.payload.length);
  }
  return frames;
}

/** The last step of a walk over these frames. */
function lastStep(walk: SegmentWalk, frames: readonly Frame[]): SegmentStep | undefined {
  return frames.map((frame) => walk.take(frame)).at(-1);
}

/** Walks to the last frame, which does not follow. */
function reasonOf(image: SegmentImage, skipped = 0): string {
  const step = lastStep(new SegmentWalk(), framesIn(image).slice(skipped));
  return step?.kind === 'fault' ? step.reason : `no fault: ${step?.kind}`;
}

const begun = (): SegmentImage => new SegmentImage().origin();

describe('SegmentWalk', () => {
  it('take tells of each batch, and of where it stands then', () => {
    const image = begun().batch(text('one')).batch(text('two'), text('three'));
    const walk = new SegmentWalk();
    const steps = framesIn(image).map((frame) => walk.take(frame));
    expect(steps.map(({ kind }) => kind)).toEqual([
      'follows',
      'follows',
      'batch',
      'follows',
      'follows',
      'batch',
    ]);
    const ends = steps.flatMap((step) => (step.kind === 'batch' ? [step] : []));
    expect(ends.map(({ frames }) => frames.map(({ streamSeq }) => streamSeq))).toEqual([
      [1],
      [2, 3],
    ]);
    expect(ends.map(({ end }) => end.endOffset)).toEqual(image.ends);
    expect(ends.at(-1)?.end).toEqual({
      endOffset: image.offset,
      lastSeq: 3,
      checksum: image.checksum,
    });
    expect(walk).toMatchObject({ end: image.offset, lastSeq: 3, checksum: image.checksum });
    expect(walk).toMatchObject({ seal: null, close: null, durableMark: 0, firstSegment: 1 });
  });

  it('take begins where the origin says, and learns the highest of all that is told', () => {
    const image = new SegmentImage();
    image.durableMark = 9;
    image.firstSegment = 4;
    image.lastSeq = 20;
    image.checksum = 5n;
    image.origin();
    const walk = new SegmentWalk();
    expect(lastStep(walk, framesIn(image))).toEqual({ kind: 'follows' });
    const told = { durableMark: 9, firstSegment: 4, lastSeq: 20, checksum: 5n };
    expect(walk).toMatchObject({ ...told, end: image.offset, origin: told });
    walk.learn({ durableMark: 8, firstSegment: 6 });
    expect(walk).toMatchObject({ durableMark: 9, firstSegment: 6 });
    walk.learn({ durableMark: 12, firstSegment: 5 });
    expect(walk).toMatchObject({ durableMark: 12, firstSegment: 6 });
  });

  it('take knows a mark, a seal and a close, and nothing follows the last two', () => {
    for (const type of [frameType.mark, frameType.seal, frameType.close]) {
      const image = begun().batch(text('one'));
      image.control(type, { durableMark: 1 });
      const walk = new SegmentWalk();
      expect(lastStep(walk, framesIn(image))).toEqual({ kind: 'follows' });
      expect(walk.durableMark).toBe(1);
      expect(walk.end).toBe(image.offset);
      expect(walk.seal === null).toBe(type !== frameType.seal);
      expect(walk.close === null).toBe(type !== frameType.close);
      const at = image.offset;
      image.control(frameType.mark);
      const expected =
        type === frameType.mark ? 'no fault: follows' : `frame behind the end at ${at}`;
      expect(reasonOf(image)).toBe(expected);
    }
  });

  it('take refuses whatever stands in front of the origin, and a second one', () => {
    const image = begun().batch(text('one'));
    const at = frameBytes(56) + fileHeaderBytes;
    const [, entry, commit] = framesIn(image);
    expect(new SegmentWalk().take(entry as Frame)).toEqual({
      kind: 'fault',
      reason: `no origin before the frame at ${at}`,
    });
    expect(new SegmentWalk().take(commit as Frame)).toEqual({
      kind: 'fault',
      reason: 'commit does not hold: no origin',
    });
    const marked = begun();
    const mark = marked.offset;
    expect(reasonOf(marked.control(frameType.mark), 1)).toBe(
      `no origin before the frame at ${mark}`,
    );
    const twice = begun();
    const second = twice.offset;
    expect(reasonOf(twice.origin())).toBe(`second origin at ${second}`);
  });

  it('take refuses a control frame inside of a batch, without its layout, or of another place', () => {
    const image = begun().batch(text('one'));
    const [origin, entry] = framesIn(image) as [Frame, Frame];
    const walk = new SegmentWalk();
    expect(
      lastStep(walk, [origin, entry, { ...origin, type: frameType.mark, offset: 99 }]),
    ).toEqual({ kind: 'fault', reason: 'control frame inside a batch at 99' });
    const short = { ...origin, payload: new Uint8Array(3), offset: 98 };
    expect(new SegmentWalk().take(short)).toEqual({
      kind: 'fault',
      reason: 'control frame without its layout at 98',
    });
    const { offset } = image;
    for (const told of [{ checksum: 1n }, { lastSeq: 2 }, { lastSeq: 0 }]) {
      const other = begun().batch(text('one'));
      expect(reasonOf(other.control(frameType.mark, told))).toBe(
        `control frame of another place at ${offset}`,
      );
    }
  });

  it('take says why a commit does not hold', () => {
    const skipped = begun().frames([loose(text('a'), 2, 1)]);
    expect(reasonOf(skipped)).toBe('commit does not hold: sequence');
    const gap = begun().frames([loose(text('a'), 1, 1), loose(text('b'), 3, 2)]);
    expect(reasonOf(gap)).toBe('commit does not hold: sequence');
    const image = begun();
    image.checksum = 7n;
    expect(reasonOf(image.batch(text('a')))).toBe('commit does not hold: chain');
    const [origin, , commit] = framesIn(begun().batch(text('a'))) as [Frame, Frame, Frame];
    expect(lastStep(new SegmentWalk(), [origin, commit])).toEqual({
      kind: 'fault',
      reason: 'commit does not hold: frames',
    });
  });

  it('take wants a commit before more frames come than a batch holds', () => {
    const [origin, entry] = framesIn(begun().batch(text('a'))) as [Frame, Frame];
    const walk = new SegmentWalk();
    walk.take(origin);
    for (let count = 0; count < batchFramesMax; count += 1) {
      expect(walk.take(entry).kind).toBe('follows');
    }
    expect(walk.take({ ...entry, offset: 77 })).toEqual({
      kind: 'fault',
      reason: 'no commit before 77',
    });
  });

  it('again begins once more behind the last thing that followed', () => {
    const image = begun().batch(text('one')).batch(text('two'));
    const frames = framesIn(image);
    const walk = new SegmentWalk();
    lastStep(walk, frames.slice(0, 4));
    expect(walk.end).toBe(image.ends[0]);
    walk.again();
    expect(lastStep(walk, frames.slice(3))).toMatchObject({ kind: 'batch' });
    expect(walk.end).toBe(image.offset);
  });
});
