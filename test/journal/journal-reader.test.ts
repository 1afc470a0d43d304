/** How segments hang together: rotation, abandonment, spares, and everything that must be missed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { fileHeaderBytes } from '../../src/base/quantities.ts';
import { initChecksum } from '../../src/format/checksum.ts';
import { frameType } from '../../src/format/control.ts';
import { plainFrame } from '../../src/journal/frame-table.ts';
import { linkSegments, readJournal, segmentFacts } from '../../src/journal/journal-reader.ts';
import type { JournalFacts } from '../../src/journal/journal-reader.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { SegmentImage, text } from '../helpers/segment-image.ts';

/** The facts of segments that stand under the names of their numbers. */
function link(...images: readonly SegmentImage[]): JournalFacts {
  return linkNamed(images.map((image) => [image.header.number, image.bytes]));
}

function linkNamed(files: readonly (readonly [number, Uint8Array])[]): JournalFacts {
  const facts = files.map(([number, bytes]) => segmentFacts(`/j/${number}`, number, bytes));
  return linkSegments('/j', facts);
}

function seqs(facts: JournalFacts): number[] {
  return Array.from(facts.frames, (frame) => frame.streamSeq);
}

const garbage = new Uint8Array(300).fill(0x5a);

/** Three segments, each sealed by its successor, with entries 1 to 4. */
function chain(): [SegmentImage, SegmentImage, SegmentImage] {
  const first = new SegmentImage().origin().batch(text('one')).batch(text('two'));
  const second = SegmentImage.after(first, { sealed: 'sealed' }).batch(text('three'));
  const third = SegmentImage.after(second, { sealed: 'sealed' }).batch(text('four'));
  return [first, second, third];
}

describe('linkSegments', () => {
  beforeAll(initChecksum);

  it('linkSegments follows sealed segments to the end', () => {
    const [first, second, third] = chain();
    const facts = link(first, second, third);
    expect(seqs(facts)).toEqual([1, 2, 3, 4]);
    expect(facts).toMatchObject({ firstProblem: null, lastSeq: 4, closed: false, deadBytes: 0 });
    expect(facts.end).toEqual({ segment: 3, offset: third.offset });
    expect(facts.checksum).toBe(third.checksum);
    expect(facts.durableMark).toBe(3);
    third.control(frameType.close);
    expect(link(first, second, third).closed).toBe(true);
  });

  it('linkSegments wants all three of an origin: segment, checksum and last seq', () => {
    const [first, second] = chain();
    const { checksum, lastSeq } = first;
    const origin = { checksum, lastSeq, segment: 1, endOffset: first.offset };
    const after = (told: object): JournalFacts => {
      const other = new SegmentImage({ number: 2, salt: second.header.salt });
      return link(first, other.control(frameType.origin, { ...origin, ...told }));
    };
    expect(after({}).firstProblem).toBeNull();
    for (const told of [{ checksum: checksum + 1n }, { lastSeq: lastSeq + 1 }, { lastSeq: 0 }]) {
      expect(after(told).firstProblem, Object.keys(told)[0]).toMatchObject({ kind: 'chain' });
    }
  });

  it('linkSegments misses a successor that a seal names', () => {
    const [first, second, third] = chain();
    expect(link(first, second).firstProblem).toMatchObject({ kind: 'missing', segment: 3 });
    expect(link(first, third).firstProblem).toMatchObject({ kind: 'missing' });
    expect(link(second, third).firstProblem).toMatchObject({ kind: 'missing', segment: 2 });
    expect(seqs(link(second, third))).toEqual([]);
  });

  it('linkSegments tells swapped, renamed and foreign segments from its own', () => {
    const [first, second, third] = chain();
    const swapped = linkNamed([
      [1, first.bytes],
      [2, third.bytes],
      [3, second.bytes],
    ]);
    expect(swapped.firstProblem).toMatchObject({ kind: 'identity', segment: 2 });
    const twice = linkNamed([
      [1, first.bytes],
      [2, second.bytes],
      [3, second.bytes],
    ]);
    expect(twice.firstProblem).toMatchObject({ kind: 'identity', segment: 3 });
    const other = new SegmentImage({ number: 2, salt: 5n }).origin().batch(text('x'));
    expect(link(first, other, third).firstProblem).toMatchObject({ segment: 2 });
    const writer = new Uint8Array(16).fill(1);
    const foreign = SegmentImage.after(second, { sealed: 'abandoned', writer });
    expect(link(...chain().slice(0, 2), foreign).firstProblem).toMatchObject({
      kind: 'identity',
      segment: 3,
    });
  });

  it('linkSegments keeps what only a frame behind a hole lets go, while all of it is there', () => {
    const [first, second] = chain();
    const third = SegmentImage.after(second, { sealed: 'abandoned' }).batch(text('four'));
    third.firstSegment = 3;
    third.control(frameType.mark);
    // The power cut spared the mark, which nobody had synced, and not the batch in front of it.
    third.bytes.fill(0, fileHeaderBytes, third.ends[0]);
    const facts = link(first, second, third);
    expect(seqs(facts)).toEqual([1, 2, 3]);
    expect(facts.firstProblem).toMatchObject({ kind: 'tail', segment: 3, inLastSegment: true });
    // Once segments are gone, the mark was synced: then nothing in front of it is missed.
    const problem = { kind: 'tail', segment: 3 };
    expect(link(second, third).firstProblem).toMatchObject(problem);
    expect(seqs(link(second, third))).toEqual([]);
  });

  it('linkSegments ignores what a later segment disowns', () => {
    const first = new SegmentImage().origin().batch(text('one'));
    const second = SegmentImage.after(first, { sealed: 'abandoned' }).batch(text('two'));
    // A whole batch and rubbish that the failed writes left.
    first.batch(text('never')).put(garbage);
    const facts = link(first, second);
    expect(facts.firstProblem).toBe(null);
    expect(seqs(facts)).toEqual([1, 2]);
    expect([...facts.frames].map((frame) => frame.segment)).toEqual([1, 2]);
  });

  it('linkSegments passes over segments between two that follow each other', () => {
    const first = new SegmentImage().origin().batch(text('one'));
    const end = first.offset;
    // The first write into segment 2 failed, so its origin stands nowhere.
    const second = new SegmentImage({ number: 2, salt: 2n });
    const third = SegmentImage.after(first, { sealed: 'abandoned', number: 3 }).batch(text('two'));
    for (const bytes of [new Uint8Array(0), garbage]) {
      second.offset = fileHeaderBytes;
      second.put(bytes);
      const facts = link(first, second, third);
      expect(facts.firstProblem).toBe(null);
      expect(seqs(facts)).toEqual([1, 2]);
    }
    first.offset = end;
    first.put(garbage);
    expect(link(first, second, third).firstProblem).toBe(null);
    expect(link(first, third).firstProblem).toBe(null);
  });

  it('linkSegments begins with disowned segments when the ones before have gone', () => {
    const first = new SegmentImage().origin().batch(text('one'));
    const second = new SegmentImage({ number: 2, salt: 2n });
    const third = SegmentImage.after(first, { sealed: 'abandoned', number: 3 });
    third.firstSegment = 2;
    third.batch(text('two'));
    expect(link(second, third).firstProblem).toBe(null);
    expect(link(third).firstProblem).toMatchObject({ kind: 'missing' });
  });

  it('linkSegments has nothing to say about a segment that was made ahead and never used', () => {
    const [first, second, third] = chain();
    const spare = new SegmentImage({ number: 4, salt: 4n });
    const facts = link(first, second, third, spare);
    expect(facts).toMatchObject({ firstProblem: null, lastSeq: 4 });
    expect(facts.end.segment).toBe(3);
    spare.bytes.fill(0, 0, fileHeaderBytes);
    expect(link(first, second, third, spare).firstProblem).toBe(null);
  });

  it('linkSegments goes on in the successor that is named and not yet used', () => {
    const [first, second] = chain();
    const third = new SegmentImage({ number: 3, salt: second.header.salt + 1n });
    const facts = link(first, second, third);
    expect(facts.firstProblem).toBe(null);
    expect(facts.end).toEqual({ segment: 3, offset: fileHeaderBytes });
    expect(facts.lastSeq).toBe(3);
    expect(facts.checksum).toBe(second.checksum);
  });

  it('linkSegments takes bad bytes at the very end for a tail in the last segment', () => {
    const [first, second, third] = chain();
    third.put(garbage);
    expect(link(first, second, third)).toMatchObject({
      firstProblem: { kind: 'tail', segment: 3, inLastSegment: true },
      lastSeq: 4,
      tailBytes: 300,
    });
    const abandoned = new SegmentImage().origin().batch(text('one'));
    abandoned.put(garbage);
    const torn = new SegmentImage({ number: 2, salt: 8n });
    torn.put(garbage);
    expect(link(abandoned, torn)).toMatchObject({
      firstProblem: { kind: 'tail', segment: 1, inLastSegment: true },
      tailBytes: 600,
    });
  });

  it('linkSegments does not call a hole in front of another segment a tail', () => {
    const [first, second, third] = chain();
    const at = second.ends[0] ?? 0;
    second.bytes.fill(0xff, at - 64, at);
    const facts = link(first, second, third);
    expect(facts.firstProblem).toMatchObject({ segment: 2, inLastSegment: false });
    expect(facts.lastSeq).toBe(2);
    // What stands behind the damage is found, and W says that it counts.
    expect([...facts.survivors].map((frame) => frame.streamSeq)).toContain(4);
    expect(facts.durableMark).toBe(3);
    const cut = chain();
    const [, middle] = cut;
    middle.bytes.fill(0, (middle.ends[0] ?? 0) - 8);
    expect(link(...cut).firstProblem).toMatchObject({ segment: 2, inLastSegment: false });
  });

  it('linkSegments tells a short file, a bad header and a newer format apart', () => {
    const [first, second, third] = chain();
    const short = linkNamed([
      [1, first.bytes],
      [2, second.bytes.slice(0, 9000)],
      [3, third.bytes],
    ]);
    expect(short.firstProblem).toMatchObject({ kind: 'size', segment: 2, offset: 9000 });
    third.bytes.fill(0, 0, 4096);
    expect(link(first, second, third).firstProblem).toBe(null);
    third.bytes.fill(0, 4096, fileHeaderBytes);
    expect(link(first, second, third).firstProblem).toMatchObject({ kind: 'header', segment: 3 });
  });

  it('linkSegments ignores segments that a valid frame calls no longer needed', () => {
    const [first, second, third] = chain();
    third.firstSegment = 2;
    third.batch(text('five'));
    first.bytes.fill(0xee);
    const facts = link(first, second, third);
    expect(facts.firstProblem).toBe(null);
    expect(seqs(facts)).toEqual([3, 4, 5]);
    third.firstSegment = 3;
    third.batch(text('six'));
    expect(seqs(link(first, third))).toEqual([4, 5, 6]);
    expect(link(first, second).firstProblem).not.toBe(null);
  });

  it('readJournal reads segments from a directory and nothing else', async () => {
    const disk = SimDisk.create(1);
    for (const image of chain()) {
      disk.writeFile(`/j/${segmentName(image.header.number)}`, image.bytes);
    }
    disk.writeFile('/j/LOCK', text('{}'));
    disk.writeFile('/j/.new-0000000004.segment-ab', garbage);
    expect(seqs(await readJournal(disk.fileSystem(), '/j'))).toEqual([1, 2, 3, 4]);
    disk.failNext('read', 'EIO');
    await expect(readJournal(disk.fileSystem(), '/j')).rejects.toMatchObject({ code: 'EIO' });
  });

  it('what readJournal tells of a segment outlives the reading of the next ones', async () => {
    const first = new SegmentImage().origin().batch(text('one')).attach().batch(text('two'));
    const second = SegmentImage.after(first, { sealed: 'sealed' }).batch(text('three'));
    const last = SegmentImage.after(second, { sealed: 'sealed' }).attach();
    last.put(new Uint8Array(64).fill(0x5a));
    last.batch(text('four'));
    const images = [first, second, last];
    const disk = SimDisk.create(1);
    const apart = images.map(({ header: { number }, bytes }) => {
      const path = `/j/${segmentName(number)}`;
      disk.writeFile(path, bytes);
      return segmentFacts(path, number, bytes.slice());
    });
    const told = (facts: JournalFacts): unknown => [
      ...facts.segments.map(({ header, content }) => [header, content?.origin, content?.seal]),
      ...[...facts.frames, ...facts.survivors, ...facts.named].map((one) => plainFrame(one)),
    ];
    const facts = await readJournal(disk.fileSystem(), '/j');
    expect(facts.survivors.length).toBe(1);
    expect(told(facts)).toEqual(told(linkSegments('/j', apart)));
  });
});
