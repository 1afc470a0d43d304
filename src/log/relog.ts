/**
 * Writes entries beyond the durable mark again. After a failed sync the page cache may show bytes
 * that the disk does not hold and never will: syncing the old file again would succeed without
 * writing. So they go into a new segment, before anybody is told that they are there.
 *
 * The first frame of that segment ends the old one at the durable mark and so disowns the old
 * copies. Frame and entries therefore reach the disk as one: built aside, synced, renamed,
 * directory synced. A crash before the rename leaves the old copies in force, a crash after it the
 * new ones.
 */
import { assert, present } from '../base/assert.ts';
import {
  batchBytesTarget,
  batchFramesMax,
  fileHeaderBytes,
  segmentReserveBytes,
} from '../base/quantities.ts';
import { aligned, viewOf } from '../format/bytes.ts';
import { xxh64 } from '../format/checksum.ts';
import { attachType, frameType } from '../format/control.ts';
import type { Control } from '../format/control.ts';
import { encodeSegmentHeader } from '../format/segment-header.ts';
import type { SegmentHeader } from '../format/segment-header.ts';
import { batchBytes, encodeBatch } from '../journal/batch.ts';
import type { LooseFrame } from '../journal/batch.ts';
import { FrameSource } from '../journal/frame-source.ts';
import type { JournalStart } from '../journal/journal-protocol.ts';
import { controlFrameBytes, encodeControlFrame } from '../journal/segment-line.ts';
import { segmentName } from '../journal/segment-maker.ts';
import type { SegmentParts } from '../journal/segment-maker.ts';
import { lastEnd } from '../journal/batch-ends.ts';
import type { FrameRef } from '../journal/frame-table.ts';
import { encodeIntroduction } from '../journal/streams.ts';
import { writeAll } from '../platform/file-system.ts';
import type { LogFacts } from './log-facts.ts';

/** Where the new segment goes and whose it is. */
export interface RelogPlace {
  readonly directory: string;
  readonly id: Uint8Array;
  readonly segmentNumber: number;
  readonly firstSegment: number;
}

/** Writes them and returns how the journal goes on behind them. */
export async function relog(
  parts: SegmentParts,
  facts: LogFacts,
  place: RelogPlace,
): Promise<JournalStart> {
  const { directory, id, segmentNumber, firstSegment } = place;
  const end = endOfMarked(facts);
  // A mark is always taken between two batches, so no batch is cut in two here.
  assert(end.lastSeq === facts.journal.durableMark, 'the mark stands at the end of a batch');
  const batches = await collect(parts, facts, place);
  const contentBytes = batches.reduce((sum, batch) => {
    return sum + batchBytes(batch.map((frame) => frame.payload.length));
  }, 2 * controlFrameBytes);
  const salt = viewOf(parts.random.bytes(8)).getBigUint64(0, true);
  const bytes = aligned(fileHeaderBytes + contentBytes + segmentReserveBytes);
  const createdMs = parts.clock.nowMs();
  const header = { salt, bytes, number: segmentNumber, createdMs, writer: id, store: id };
  const image = encodeImage(header, batches, { ...end, firstSegment, timeMs: createdMs });
  await bringIn(parts, directory, image.bytes, header);
  return {
    segmentNumber: segmentNumber + 1,
    previousSegment: segmentNumber,
    previousEnd: image.end,
    checksum: image.checksum,
    lastSeq: image.lastSeq,
    firstSegment,
  };
}

/** The place behind the last batch that the mark covers, in the segment where the others begin. */
function endOfMarked(facts: LogFacts): {
  readonly segment: number;
  readonly endOffset: number;
  readonly checksum: bigint;
  readonly lastSeq: number;
} {
  const { segment } = present(facts.unmarked[0], 'there is something to write again');
  const { journal } = facts;
  const found = journal.segments.find((one) => one.number === segment);
  const content = present(found?.content, 'a segment with frames has content');
  const batch = lastEnd(content.batches, (one) => one.lastSeq <= journal.durableMark);
  if (batch !== undefined) return { segment, ...batch };
  // Rotation syncs a segment before its successor begins, and the origin says so: what is unmarked
  // never begins in an earlier segment than the newest.
  const { checksum, lastSeq } = present(content.origin, 'a segment with batches has an origin');
  return { segment, endOffset: fileHeaderBytes + controlFrameBytes, checksum, lastSeq };
}

/** The frames as batches: an introduction, then the entries with their old seqs and times. */
async function collect(
  parts: SegmentParts,
  facts: LogFacts,
  place: RelogPlace,
): Promise<readonly (readonly LooseFrame[])[]> {
  const payload = encodeIntroduction(facts.durableChain, new Uint8Array(0));
  const introduction: LooseFrame = {
    type: attachType,
    key: place.id,
    streamSeq: facts.durableSeq,
    journalSeq: facts.journal.durableMark + 1,
    timeMs: parts.clock.nowMs(),
    payload,
    payloadHash: xxh64(payload),
  };
  const batches: LooseFrame[][] = [[introduction]];
  const source = new FrameSource(parts.fileSystem, place.directory);
  try {
    let [journalSeq, bytes] = [introduction.journalSeq, 0];
    for (const ref of facts.unmarked) {
      const frame = await readAgain(source, ref);
      journalSeq += 1;
      const batch = present(batches.at(-1), 'there is a batch');
      const isFull = batch.length === batchFramesMax || bytes + ref.payloadBytes > batchBytesTarget;
      bytes = isFull ? ref.payloadBytes : bytes + ref.payloadBytes;
      if (isFull) batches.push([{ ...frame, journalSeq }]);
      else batch.push({ ...frame, journalSeq });
    }
  } finally {
    await source.close();
  }
  return batches;
}

/** The payload is copied: the window that it was read through moves on. */
async function readAgain(source: FrameSource, ref: FrameRef): Promise<LooseFrame> {
  const { segment, offset, payloadBytes } = ref;
  const frame = await source.read({ segment, offset, payloadBytes });
  return { ...frame, payload: frame.payload.slice() };
}

function encodeImage(
  header: SegmentHeader,
  batches: readonly (readonly LooseFrame[])[],
  from: {
    readonly segment: number;
    readonly endOffset: number;
    readonly checksum: bigint;
    readonly lastSeq: number;
    readonly firstSegment: number;
    readonly timeMs: number;
  },
): {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly checksum: bigint;
  readonly lastSeq: number;
} {
  const { salt } = header;
  const { timeMs, firstSegment } = from;
  const bytes = new Uint8Array(header.bytes);
  let [offset, checksum, lastSeq] = [fileHeaderBytes, from.checksum, from.lastSeq];
  const durableMark = from.lastSeq;
  const putControl = (type: number, told: Partial<Control>): void => {
    const base = { durableMark, firstSegment, segment: 0, endOffset: 0, salt: 0n };
    const control = { ...base, checksum, lastSeq, ...told };
    bytes.set(encodeControlFrame(type, control, timeMs, { salt, offset }), offset);
    offset += controlFrameBytes;
  };
  bytes.set(encodeSegmentHeader(header), 0);
  putControl(frameType.origin, { segment: from.segment, endOffset: from.endOffset });
  for (const batch of batches) {
    const encoded = encodeBatch(batch, {
      salt,
      offset,
      previousChecksum: checksum,
      durableMark,
      firstSegment,
      writer: header.writer,
      timeMs,
    });
    bytes.set(encoded.bytes, offset);
    offset += encoded.bytes.length;
    checksum = encoded.checksum;
    lastSeq = present(batch.at(-1), 'a batch has frames').journalSeq;
  }
  // True from the moment the file has its name, and nobody reads it earlier.
  putControl(frameType.mark, { durableMark: lastSeq });
  return { bytes, end: offset, checksum, lastSeq };
}

async function bringIn(
  parts: SegmentParts,
  directory: string,
  bytes: Uint8Array,
  header: SegmentHeader,
): Promise<void> {
  const { fileSystem } = parts;
  const name = segmentName(header.number);
  const aside = `${directory}/.new-${name}-${header.salt.toString(16)}`;
  const file = await fileSystem.create(aside);
  try {
    await writeAll(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await fileSystem.rename(aside, `${directory}/${name}`);
  try {
    await fileSystem.syncDirectory(directory);
  } catch (error) {
    // Whoever found the name would build on it, and a second sync would prove nothing.
    await fileSystem.remove(`${directory}/${name}`).catch(() => undefined);
    throw error;
  }
}
