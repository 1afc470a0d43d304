/** What a journal is said to lack, word for word and place by place, and what is still counted. */
import { beforeAll, describe, expect, it } from 'vitest';
import { fileHeaderBytes, headerBlockBytes } from '../../src/base/quantities.ts';
import { viewOf } from '../../src/format/bytes.ts';
import { initChecksum, xxh64 } from '../../src/format/checksum.ts';
import { frameType } from '../../src/format/control.ts';
import { frameBytes } from '../../src/format/frame.ts';
import { linkSegments, segmentFacts } from '../../src/journal/journal-reader.ts';
import type { JournalFacts, JournalProblem } from '../../src/journal/journal-reader.ts';
import { SegmentImage, text } from '../helpers/segment-image.ts';

beforeAll(initChecksum);

type Files = readonly (readonly [number, Uint8Array])[];

function linkNamed(files: Files): JournalFacts {
  const facts = files.map(([number, bytes]) => segmentFacts(`/j/${number}`, number, bytes));
  return linkSegments('/j', facts);
}

function link(...images: readonly SegmentImage[]): JournalFacts {
  return linkNamed(images.map(({ header, bytes }) => [header.number, bytes]));
}

/** Three segments, each sealed by its successor, with entries 1 to 4. */
function chain(): [SegmentImage, SegmentImage, SegmentImage] {
  const first = new SegmentImage().origin().batch(text('one')).batch(text('two'));
  const second = SegmentImage.after(first, { sealed: 'sealed' }).batch(text('three'));
  const third = SegmentImage.after(second, { sealed: 'sealed' }).batch(text('four'));
  return [first, second, third];
}

/** As a version with this major number would have signed it. */
function newer(image: SegmentImage): void {
  for (const block of [0, 1]) {
    const part = image.bytes.subarray(block * headerBlockBytes, (block + 1) * headerBlockBytes);
    viewOf(part).setUint16(8, 2, true);
    const end = headerBlockBytes - 8;
    viewOf(part).setBigUint64(end, xxh64(part.subarray(0, end), BigInt(block)), true);
  }
}

const problem = (
  kind: JournalProblem['kind'],
  segment: number,
  offset: number,
  reason: string,
): JournalProblem => ({ kind, segment, offset, reason, inLastSegment: false });

const seqs = (frames: Iterable<{ readonly streamSeq: number }>): number[] =>
  Array.from(frames, ({ streamSeq }) => streamSeq);

describe('the first problem of a journal', () => {
  it('is a header that is newer, bad, of another number, writer or store', () => {
    const [first, second, third] = chain();
    newer(second);
    const { firstProblem, segments } = link(first, second, third);
    expect(firstProblem).toEqual(problem('newer', 2, 0, '2.0, flags 0'));
    expect(segments.map((one) => one.newer)).toEqual([null, '2.0, flags 0', null]);
    second.bytes.fill(0, 0, fileHeaderBytes);
    expect(link(first, second, third).firstProblem).toEqual(
      problem('header', 2, 0, 'both header blocks are damaged'),
    );
    const [one, two, three] = chain();
    const renamed: Files = [
      [1, one.bytes],
      [2, three.bytes],
    ];
    expect(linkNamed(renamed).firstProblem).toEqual(
      problem('identity', 2, 0, 'the header says segment 3'),
    );
    for (const told of [
      { writer: new Uint8Array(16).fill(1) },
      { store: new Uint8Array(16).fill(1) },
    ]) {
      const foreign = SegmentImage.after(two, { sealed: 'abandoned', ...told });
      expect(link(one, two, foreign).firstProblem).toEqual(
        problem('identity', 3, 0, 'the header names another journal'),
      );
    }
    const { checksum, lastSeq } = one;
    const other = new SegmentImage({ number: 2, salt: 5n });
    other.control(frameType.origin, { segment: 1, endOffset: 16_384, checksum, lastSeq });
    expect(link(one, other).firstProblem).toEqual(
      problem('identity', 2, 0, 'it is not the segment that the seal names'),
    );
  });

  it('is a size that is not that of the header, shorter or longer', () => {
    const [first, second] = chain();
    for (const bytes of [16_376, 16_392]) {
      const other = new Uint8Array(bytes);
      other.set(first.bytes.subarray(0, bytes));
      const facts = linkNamed([
        [1, other],
        [2, second.bytes],
      ]);
      expect(facts.firstProblem).toEqual(problem('size', 1, bytes, 'the header says 16384 bytes'));
      expect(facts.segments.map(({ wrongSize }) => wrongSize)).toEqual([true, false]);
      expect(seqs(facts.frames)).toEqual([]);
      expect(seqs(facts.survivors)).toEqual([1, 2, 3]);
    }
  });

  it('is a segment that is missing: the first, the next, the one that a seal names, or all', () => {
    const [first, second, third] = chain();
    const lacks = (segment: number, of = segment): JournalProblem =>
      problem('missing', of, 0, `segment ${segment} is not there`);
    expect(link(first, third).firstProblem).toEqual(lacks(2, 3));
    expect(link(second, third).firstProblem).toEqual(lacks(1, 2));
    expect(link(first, second).firstProblem).toEqual(
      problem('missing', 3, 0, 'segment 3, which a seal names, is not there'),
    );
    expect(link().firstProblem).toEqual(lacks(1));
    expect(link(first, second).missing?.number).toBe(3);
    expect(link(first, third).missing).toBeNull();
    expect(link(first, second, third).missing).toBeNull();
    // Made, named by the seal, and not used yet: that one is there, unless it is another one.
    const spare = new SegmentImage({ number: 3, salt: second.header.salt + 1n });
    expect(link(first, second, spare).missing).toBeNull();
    expect(link(first, second, new SegmentImage({ number: 3, salt: 98n })).missing?.number).toBe(3);
    // A seal counts also when what stands in front of it is bad.
    const torn = second.bytes.slice();
    torn[(second.ends[0] ?? 0) - 8] = 0xee;
    const files: Files = [
      [1, first.bytes],
      [2, torn],
    ];
    expect(linkNamed(files)).toMatchObject({
      missing: { number: 3 },
      firstProblem: { segment: 2 },
    });
    expect(linkNamed([...files, [3, spare.bytes]]).missing).toBeNull();
    const unrelated = new SegmentImage({ number: 2, salt: 99n });
    expect(link(first, unrelated).missing?.number).toBe(2);
    // What tells that it has let others go is all that knows where the journal begins.
    const gone = new SegmentImage({ number: 5 });
    gone.firstSegment = 3;
    expect(link(gone.origin()).firstProblem).toEqual(lacks(3, 5));
    const blank = new SegmentImage({ number: 4 });
    blank.firstSegment = 0;
    blank.control(frameType.origin, { segment: 3 });
    expect(link(blank).firstProblem).toEqual(lacks(3, 4));
  });

  it('is a segment that does not follow, or frames that the next one followed', () => {
    const first = new SegmentImage().origin().batch(text('one'));
    const end = first.offset;
    const origin = { segment: 1, endOffset: end, checksum: first.checksum, lastSeq: 1 };
    const after = (told: object): JournalFacts => {
      const second = new SegmentImage({ number: 2, salt: 2n });
      return link(first, second.control(frameType.origin, { ...origin, ...told }));
    };
    const gone = problem('chain', 1, end, 'frames that the next segment follows are gone');
    expect(after({}).firstProblem).toBeNull();
    expect(after({ checksum: 1n }).firstProblem).toEqual(gone);
    expect(after({ lastSeq: 2 }).firstProblem).toEqual(gone);
    expect(after({ lastSeq: 0 }).firstProblem).toEqual(gone);
    const one = new SegmentImage().origin().batch(text('one'));
    const two = SegmentImage.after(one, { sealed: 'sealed' }).batch(text('two'));
    const third = new SegmentImage({ number: 3, salt: two.header.salt + 1n });
    third.control(frameType.origin, { segment: 7, endOffset: 0, checksum: 1n, lastSeq: 9 });
    two.control(frameType.seal, { segment: 3, salt: third.header.salt });
    expect(link(one, two, third).firstProblem).toEqual(
      problem('chain', 3, fileHeaderBytes, 'it does not follow the segment before it'),
    );
  });

  it('is a tail only in the last segment that was used, and says what stopped the reading', () => {
    const [first, second, third] = chain();
    // A mark, which no batch needs, between the last batch and the seal.
    const marked = new SegmentImage({ number: 2, salt: second.header.salt });
    marked.checksum = first.checksum;
    marked.lastSeq = first.lastSeq;
    marked.streamSeq = first.streamSeq;
    marked.control(frameType.origin, { segment: 1, endOffset: first.ends.at(-1) ?? 0 });
    marked.batch(text('three'));
    const at = marked.offset;
    marked.control(frameType.mark);
    const last = SegmentImage.after(marked, { sealed: 'sealed' });
    expect(link(first, marked, last).firstProblem).toBeNull();
    marked.bytes[at + 70] = 0xee;
    const reason = `payload at ${at}`;
    expect(link(first, marked, last).firstProblem).toEqual(problem('tail', 2, at, reason));
    const { offset } = third;
    third.put(new Uint8Array(24).fill(0x5a));
    expect(link(first, second, third)).toMatchObject({
      firstProblem: {
        ...problem('tail', 3, offset, `header at ${offset}`),
        inLastSegment: true,
      },
      tailBytes: 24,
      deadBytes: 0,
    });
    // A segment that was made ahead, and never used, is not the last one.
    const spare = new SegmentImage({ number: 4, salt: 4n });
    expect(link(first, second, third, spare).firstProblem).toMatchObject({ inLastSegment: true });
  });
});

describe('what is counted beside it', () => {
  it('are the dead bytes of failed writes, in front of the next segment and in disowned ones', () => {
    const first = new SegmentImage().origin().batch(text('one'));
    const second = SegmentImage.after(first, { sealed: 'abandoned' }).batch(text('two'));
    first.put(new Uint8Array(48).fill(0x5a));
    expect(link(first, second)).toMatchObject({
      firstProblem: null,
      deadBytes: 48,
      tailBytes: 0,
      end: { segment: 2, offset: second.offset },
    });
    const begun = new SegmentImage().origin().batch(text('one'));
    const disowned = new SegmentImage({ number: 2, salt: 2n }).control(frameType.origin, {
      segment: 1,
      endOffset: begun.offset,
      checksum: begun.checksum,
      lastSeq: 1,
    });
    const next = SegmentImage.after(begun, { sealed: 'abandoned', number: 3 }).batch(text('two'));
    expect(link(begun, disowned, next)).toMatchObject({
      firstProblem: null,
      deadBytes: frameBytes(56),
      lastSeq: 2,
    });
    disowned.put(new Uint8Array(16).fill(0x5a));
    expect(link(begun, disowned, next).deadBytes).toBe(frameBytes(56) + 16);
    disowned.bytes.fill(0, 0, fileHeaderBytes);
    expect(link(begun, disowned, next)).toMatchObject({ firstProblem: null, deadBytes: 0 });
  });

  it('are the survivors, those of them in whole batches, and those that are only named', () => {
    const [first, second, third] = chain();
    const at = first.ends[0] ?? 0;
    // The header of the second entry: the commit behind it still names it.
    first.bytes[at] = (first.bytes[at] ?? 0) ^ 1;
    const facts = link(first, second, third);
    expect(facts.firstProblem).toEqual(
      problem('chain', 1, at, 'frames that the next segment follows are gone'),
    );
    expect(seqs(facts.frames)).toEqual([1]);
    expect(facts).toMatchObject({ lastSeq: 1, closed: false });
    expect(facts.tailBytes).toBeGreaterThan(0);
    expect(seqs(facts.survivors)).toEqual([3, 4]);
    expect([2, 3, 4].map((seq) => facts.wholeSeqs.has(seq))).toEqual([false, true, true]);
    expect(seqs(facts.named)).toEqual([2]);
    expect(facts.durableMark).toBe(3);
    expect(facts.directory).toBe('/j');
  });

  it('are whole in front of a tail, and behind it only in batches that hold', () => {
    const [first, second, third] = chain();
    const at = first.ends[0] ?? 0;
    first.bytes[at] = (first.bytes[at] ?? 0) ^ 1;
    const behind = third.offset;
    third.batch(text('five'), text('six'));
    // Only the commit of the two is bad.
    third.bytes[third.offset - 8] = 0xee;
    third.batch(text('seven'));
    const facts = link(first, second, third);
    expect(seqs(facts.survivors)).toEqual([3, 4, 5, 6, 7]);
    const whole = [3, 4, 5, 6, 7].filter((seq) => facts.wholeSeqs.has(seq));
    expect(whole).toEqual([3, 4, 7]);
    expect([...facts.survivors].find(({ streamSeq }) => streamSeq === 5)?.offset).toBe(behind);
  });

  it('are no survivors among what the next segment disowns', () => {
    const first = new SegmentImage().origin().batch(text('one')).batch(text('two'));
    const second = SegmentImage.after(first, { sealed: 'abandoned' }).batch(text('three'));
    const never = first.offset;
    first.batch(text('never'));
    const at = first.ends[0] ?? 0;
    first.bytes[at] = (first.bytes[at] ?? 0) ^ 1;
    const facts = link(first, second);
    expect(facts.firstProblem).toMatchObject({ kind: 'chain', segment: 1 });
    expect(
      [...facts.survivors].some(({ segment, offset }) => segment === 1 && offset >= never),
    ).toBe(false);
    expect(seqs(facts.survivors)).toEqual([3]);
    expect(seqs(facts.named)).toEqual([2]);
  });
});
