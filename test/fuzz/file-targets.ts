/** Readers of whole files: segments, journals, bare logs and histories, damaged in any way. */
import { present } from '../../src/base/assert.ts';
import { HoldfastError } from '../../src/base/errors.ts';
import { fileHeaderBytes, segmentBytesMin } from '../../src/base/quantities.ts';
import { decodeHead, emptyVouched } from '../../src/format/head.ts';
import { endOfContent } from '../../src/format/bytes.ts';
import { frameType } from '../../src/format/control.ts';
import { decodeSegmentHeader } from '../../src/format/segment-header.ts';
import { walkHistory } from '../../src/history/history-walk.ts';
import { linkSegments, segmentFacts } from '../../src/journal/journal-reader.ts';
import type { SegmentFacts } from '../../src/journal/journal-reader.ts';
import { segmentName } from '../../src/journal/segment-maker.ts';
import { readSegment } from '../../src/journal/segment-reader.ts';
import { judgeLog } from '../../src/log/log-facts.ts';
import { beyondMark, Folding } from '../../src/log/read-log.ts';
import { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { judgeJournal } from '../../src/recovery/verdict.ts';
import { SegmentImage, text } from '../helpers/segment-image.ts';
import { logDirectory, openLog, payloadOf } from '../helpers/wal-lab.ts';
import { headImage } from './format-targets.ts';
import { frameAt } from './reference.ts';
import { signBlocks, signEnd, signFrames } from './sign.ts';
import { isCount, must } from './target.ts';
import type { Target } from './target.ts';

let images: readonly [SegmentImage, SegmentImage] | null = null;

/** Two segments of one journal, in which most kinds of frames stand. */
function journalImages(): readonly [SegmentImage, SegmentImage] {
  images ??= makeJournal();
  return images;
}

function makeJournal(): readonly [SegmentImage, SegmentImage] {
  const first = new SegmentImage().origin().attach();
  first.batch(text('alpha')).batch(text('beta'), new Uint8Array(200).fill(1));
  first.durableMark = 3;
  first.batch(text('gamma')).control(frameType.mark, { durableMark: 4 });
  const second = SegmentImage.after(first, { sealed: 'sealed' });
  second.attach().batch(text('delta')).batch(new Uint8Array(0));
  return [first, second.control(frameType.close)];
}

const first = (): SegmentImage => journalImages()[0];
const second = (): SegmentImage => journalImages()[1];

/** Up to a little behind its last frame. */
function contentOf(image: SegmentImage): Uint8Array {
  return image.bytes.slice(0, image.offset + 192);
}

function runSegment(bytes: Uint8Array): void {
  const { header } = first();
  const found = readSegment(bytes, header);
  must(found.end <= Math.max(bytes.length, fileHeaderBytes), 'the end of a segment');
  must(isCount(found.durableMark) && isCount(found.lastSeq), 'the counts of a segment');
  let end = fileHeaderBytes;
  for (const { offset, payloadBytes } of found.frames) {
    must(offset >= end, 'frames stand one behind the other');
    end = offset + 64 + payloadBytes;
    must(end <= found.end, 'a frame stands in front of the end');
    const here = frameAt(bytes.subarray(offset), { salt: header.salt, offset });
    must(here === 'frame', `at ${offset} stands no frame, but: ${here}`);
  }
  if (found.tail === null) return;
  must(found.tail.offset + found.tail.bytes <= bytes.length, 'the tail of a segment');
  for (const { offset } of found.tail.survivors) must(offset >= found.tail.offset, 'a survivor');
}

/** The input holds the content of both segments, the second behind so many bytes of the first. */
function segmentsIn(bytes: Uint8Array): readonly SegmentFacts[] {
  const half = Math.min(bytes.length, contentOf(first()).length);
  return [bytes.subarray(0, half), bytes.subarray(half)].map((content, index) => {
    const whole = new Uint8Array(first().bytes.length);
    whole.set(content.subarray(0, whole.length));
    return segmentFacts(`/j/${index + 1}`, index + 1, whole);
  });
}

function journalContent(): Uint8Array {
  return Uint8Array.from(Buffer.concat(journalImages().map(contentOf)));
}

function signJournal(bytes: Uint8Array): void {
  const half = Math.min(bytes.length, contentOf(first()).length);
  for (const [part, image] of [
    [bytes.subarray(0, half), first()],
    [bytes.subarray(half), second()],
  ] as const) {
    signBlocks(part);
    signFrames(part, image.header.salt, fileHeaderBytes);
  }
}

function runJournal(bytes: Uint8Array): void {
  const facts = linkSegments('/j', segmentsIn(bytes));
  let seq: number | null = null;
  for (const { journalSeq } of facts.frames) {
    must(seq === null || journalSeq === seq + 1, 'frames of a journal follow each other');
    seq = journalSeq;
  }
  must(judgeJournal(facts).length > 0, 'a journal has one verdict');
}

/** A log that two processes wrote one after the other: its head and its two segments. */
interface LogImage {
  readonly bytes: Uint8Array;
  /** Where the second and the third part begin. */
  readonly starts: readonly [number, number];
  readonly salts: readonly [bigint, bigint];
}

/** Made once: opened, appended to and closed; opened again, appended to and killed. */
async function makeLog(): Promise<LogImage> {
  const disk = SimDisk.create(1);
  const one = await openLog(disk, {}, 'one');
  for (let seq = 1; seq <= 3; seq += 1) await one.append(payloadOf(seq));
  await one.close();
  const other = await openLog(disk, {}, 'other');
  await other.appendAll([payloadOf(4), payloadOf(5)]);
  await other.append(payloadOf(6), { durability: 'batched' });
  await disk.clock.advanceThrough(1000);
  disk.killProcess('other');
  const head = disk.readFile(`${logDirectory}/head`);
  const segments = [1, 2].map((number) => disk.readFile(`${logDirectory}/${segmentName(number)}`));
  const parts = segments.map((bytes) => bytes.slice(0, endOfContent(bytes, 0) + 64));
  const salts = segments.map((bytes) => {
    const header = decodeSegmentHeader(bytes);
    return 'kind' in header ? 0n : header.salt;
  });
  const bytes = Uint8Array.from(Buffer.concat([head, ...parts]));
  const starts = [head.length, head.length + (parts[0]?.length ?? 0)] as const;
  return { bytes, starts, salts: [salts[0] ?? 0n, salts[1] ?? 0n] };
}

let made: LogImage | null = null;

async function logImage(): Promise<readonly Uint8Array[]> {
  made ??= await makeLog();
  return [made.bytes];
}

function partsOfLog(bytes: Uint8Array): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const [one, two] = present(made, 'the image of a log was made').starts;
  return [bytes.subarray(0, one), bytes.subarray(one, two), bytes.subarray(two)];
}

function signLog(bytes: Uint8Array): void {
  const [head, ...segments] = partsOfLog(bytes);
  signEnd(head);
  for (const [index, part] of segments.entries()) {
    signBlocks(part);
    signFrames(part, made?.salts[index] ?? 0n, fileHeaderBytes);
  }
}

/** A segment as long as those of the image. */
function wholeSegment(part: Uint8Array): Uint8Array {
  const whole = new Uint8Array(segmentBytesMin);
  whole.set(part.subarray(0, whole.length));
  return whole;
}

function runLog(bytes: Uint8Array): void {
  const [, ...parts] = partsOfLog(bytes);
  const whole = parts.map((part, index) => {
    return segmentFacts(`/j/${index + 1}`, index + 1, wholeSegment(part));
  });
  const folding = new Folding();
  for (const one of whole) folding.learn(one);
  const folded = whole.map((one) => folding.fold(one));
  for (const index of beyondMark(folded)) {
    folded[index] = present(whole[index], 'what is beyond the mark is a segment');
  }
  const journal = { facts: linkSegments('/j', folded), runs: folding.runs };
  const found = judgeLog(journal, null, 0);
  must(isCount(found.lastSeq) && found.durableSeq <= found.lastSeq, 'the end of a log');
  must(found.damage !== null || found.verdict !== 'damaged', 'damage is told');
}

/** A whole log on a disk, opened for reading and read to its end: nothing comes out altered. */
async function runWal(bytes: Uint8Array): Promise<void> {
  const disk = SimDisk.create(1);
  const [head, ...parts] = partsOfLog(bytes);
  disk.writeFile(`${logDirectory}/head`, head);
  for (const [index, part] of parts.entries()) {
    disk.writeFile(`${logDirectory}/${segmentName(index + 1)}`, wholeSegment(part));
  }
  const wal = await openLog(disk, { mode: 'read' }).catch((error: unknown) => {
    // A segment that names a writer and another store is one of a store.
    if (HoldfastError.is(error, 'INVALID')) return null;
    throw error;
  });
  if (wal === null) return;
  try {
    let last = 0;
    for await (const { seq } of wal.read()) {
      must(seq > last, 'entries come in order');
      last = seq;
    }
  } finally {
    await wal.close();
  }
}

async function runHistory(bytes: Uint8Array): Promise<void> {
  const head = decodeHead(bytes.subarray(0, fileHeaderBytes));
  if ('kind' in head) return;
  const disk = SimDisk.create(1);
  disk.writeFile('/history', bytes);
  const file = await disk.fileSystem().open('/history', 'read');
  let frames = 0;
  const start = { ...emptyVouched, offset: fileHeaderBytes };
  const result = await walkHistory(file, head, start, () => {
    frames += 1;
  });
  must(frames * 64 <= bytes.length, 'more frames than there is room for');
  must(isCount(result.lastSeq), 'the last seq of a history');
}

function historyImage(): Uint8Array {
  const image = first();
  const content = contentOf(image);
  const vouched = { seq: 4, endOffset: image.offset, chain: 5n, batchChecksum: image.checksum };
  content.set(headImage({ salt: image.header.salt, vouched, damage: null }), 0);
  return content;
}

/** The decoders of this file. */
export const fileTargets: readonly Target[] = [
  {
    name: 'a segment',
    share: 30,
    images: () => [contentOf(first())],
    sign: (bytes) => signFrames(bytes, first().header.salt, fileHeaderBytes),
    run: runSegment,
  },
  {
    name: 'a journal',
    share: 10,
    images: () => [journalContent()],
    sign: signJournal,
    run: runJournal,
  },
  { name: 'a bare log', share: 10, images: logImage, sign: signLog, run: runLog },
  { name: 'a bare log on a disk', share: 1, images: logImage, sign: signLog, run: runWal },
  {
    name: 'a history',
    share: 4,
    images: () => [historyImage()],
    sign: (bytes) => {
      signBlocks(bytes);
      signFrames(bytes, first().header.salt, fileHeaderBytes);
    },
    run: runHistory,
  },
];
