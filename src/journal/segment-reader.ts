/**
 * Reads one segment: bytes in, facts out. Pure, and never throws for what stands in the bytes:
 * damage is a value. It says what is there; whether bad bytes are a torn tail or a loss is judged
 * elsewhere.
 *
 * Reading goes from frame to frame until something does not follow. Behind that place it looks for
 * whatever still is a frame of this file at its own offset: those survivors are evidence of what
 * was durable, and what can be saved when acknowledged data was damaged.
 */
import { batchFramesMax, fileHeaderBytes, frameHeaderBytes } from '../base/quantities.ts';
import { endOfContent, viewOf } from '../format/bytes.ts';
import { decodeCommit, decodeControl, frameType, isControlType } from '../format/control.ts';
import type { Control } from '../format/control.ts';
import { decodeFrame, decodeHeader, frameBytes, isFault } from '../format/frame.ts';
import type { Frame } from '../format/frame.ts';
import type { SegmentHeader } from '../format/segment-header.ts';
import { SeqSet } from '../base/seq-set.ts';
import { checkCommit } from './batch.ts';
import { BatchEndTable } from './batch-ends.ts';
import type { BatchEnds } from './batch-ends.ts';
import { FrameTable } from './frame-table.ts';
import type { Frames } from './frame-table.ts';
import { SegmentWalk } from './segment-walk.ts';

/** What stands behind the last thing that follows. */
export interface SegmentTail {
  readonly offset: number;
  /** Up to the last byte that is not zero. */
  readonly bytes: number;
  readonly reason: string;
  /** Frames that are valid in themselves. */
  readonly survivors: Frames;
  /** Offsets of survivors that stand in batches which are whole in themselves. */
  readonly wholeOffsets: SeqSet;
  /** A seal among what is valid in itself: another segment was there. */
  readonly seal: Control | null;
  /**
   * Frames that are gone, as a header or a commit frame tells of them, with the offset of that.
   * What no commit tells is 0: the time.
   */
  readonly named: Frames;
}

/** What was found in one segment. */
export interface SegmentContent {
  readonly header: SegmentHeader;
  readonly origin: Control | null;
  /** Frames of whole batches, in order, each batch following the one before. */
  readonly frames: Frames;
  /** Where each batch ends: a place from which a later segment can go on. */
  readonly batches: BatchEnds;
  readonly seal: Control | null;
  readonly close: Control | null;
  /** Offset behind the last frame that follows. */
  readonly end: number;
  /** Batch checksum and journal seq there. */
  readonly checksum: bigint;
  readonly lastSeq: number;
  /** Highest durable mark, and first needed segment, told by any valid frame here. */
  readonly durableMark: number;
  readonly firstSegment: number;
  /** The same, told by frames that follow: what tells more may not have been synced. */
  readonly firstSegmentFollowed: number;
  readonly tail: SegmentTail | null;
}

/** Payloads that do not hold are hashed until they sum up to so many times the content. */
const wasteMax = 4;

/** Reads the content of a segment whose header is sound. `bytes` is the whole file. */
export function readSegment(bytes: Uint8Array, header: SegmentHeader): SegmentContent {
  const walk = new SegmentWalk();
  const frames = new FrameTable(header.number);
  const batches = new BatchEndTable();
  const reason = follow(bytes, header, walk, { frames, batches });
  const firstSegmentFollowed = walk.firstSegment;
  const contentEnd = endOfContent(bytes, walk.end);
  const tail = contentEnd > walk.end ? readTail(bytes, header, walk, contentEnd, reason) : null;
  // Last, because the tail may tell of a higher mark.
  const { origin, seal, close, end, checksum, lastSeq, durableMark, firstSegment } = walk;
  const learnt = { origin, seal, close, end, checksum, lastSeq, durableMark, firstSegment };
  return { header, ...learnt, firstSegmentFollowed, frames, batches, tail };
}

/** Walks from frame to frame; returns why it stopped. */
function follow(
  bytes: Uint8Array,
  header: SegmentHeader,
  walk: SegmentWalk,
  into: { readonly frames: FrameTable; readonly batches: BatchEndTable },
): string {
  const view = viewOf(bytes);
  let at = fileHeaderBytes;
  for (;;) {
    const frame = decodeFrame(bytes, at, { salt: header.salt, base: 0 }, view);
    if (isFault(frame)) return `${frame.kind} at ${frame.offset}`;
    const step = walk.take(frame);
    if (step.kind === 'fault') return step.reason;
    at += frameBytes(frame.payload.length);
    if (step.kind !== 'batch') continue;
    for (const one of step.frames) into.frames.push(one, keptOf(one));
    into.batches.push(step.end);
  }
}

/** Looks at every eighth byte for frames of this file. */
function readTail(
  bytes: Uint8Array,
  header: SegmentHeader,
  walk: SegmentWalk,
  contentEnd: number,
  reason: string,
): SegmentTail {
  const view = viewOf(bytes);
  const survivors = new FrameTable(header.number);
  const named = new FrameTable(header.number);
  const wholeOffsets = new SeqSet();
  let seal: Control | null = null;
  let pending: Frame[] = [];
  let wasted = 0;
  let at = walk.end;
  while (at < contentEnd) {
    if (!mayBeHeader(bytes, at)) {
      at += 8;
      continue;
    }
    const place = { salt: header.salt, offset: at };
    const found = decodeHeader(bytes, at, place, view);
    if (found === null) {
      at += 8;
      continue;
    }
    const frame = decodeFrame(bytes, at, { salt: header.salt, base: 0 }, view);
    if (isFault(frame)) {
      // The header holds, its payload does not: it still names what is lost. Go on right behind the
      // header.
      if (!isControlType(found.type)) named.push({ ...found, payload: null });
      wasted += found.payloadBytes;
      // Frames inside of it would be those of an older use of the place. Headers that claim all
      // that is behind them would make this quadratic: at last they are believed.
      at += wasted <= wasteMax * contentEnd ? frameHeaderBytes : frameBytes(found.payloadBytes);
      continue;
    }
    at += frameBytes(frame.payload.length);
    if (isControlType(frame.type)) {
      if (frame.type === frameType.seal) seal = decodeControl(frame.payload);
      takeEvidence(frame, pending, walk, { named, wholeOffsets });
      pending = [];
    } else {
      // A batch has so many frames at most.
      if (pending.length === batchFramesMax) pending.shift();
      pending.push(frame);
      survivors.push(frame, keptOf(frame));
    }
  }
  const bytesBehind = contentEnd - walk.end;
  const evidence = { survivors, wholeOffsets, seal, named };
  return { offset: walk.end, bytes: bytesBehind, reason, ...evidence };
}

function takeEvidence(
  frame: Frame,
  pending: readonly Frame[],
  walk: SegmentWalk,
  into: {
    readonly named: FrameTable;
    readonly wholeOffsets: SeqSet;
  },
): void {
  const commit = frame.type === frameType.commit ? decodeCommit(frame.payload) : null;
  if (commit === null) {
    const control = decodeControl(frame.payload);
    if (control !== null) walk.learn(control);
    return;
  }
  walk.learn(commit);
  const { firstSeq, directory, previousChecksum } = commit;
  directory.forEach((entry, index) => {
    const place = { journalSeq: firstSeq + index, offset: frame.offset };
    into.named.push({ ...entry, ...place, timeMs: 0, payload: null });
  });
  const batch = pending.slice(-directory.length);
  const expected = { previousChecksum, nextSeq: null };
  if (typeof checkCommit(frame, batch, expected) === 'string') return;
  for (const one of batch) into.wholeOffsets.add(one.offset);
}

/**
 * Cheap test that almost every place fails: the type is 1 to 255 and the bytes behind it are zero.
 */
function mayBeHeader(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 4] !== 0 && bytes[at + 5] === 0 && bytes[at + 6] === 0 && bytes[at + 7] === 0;
}

/** What stays of its payload: nothing, unless it is of the life of a stream. */
function keptOf(frame: Frame): Uint8Array | null {
  return frame.type < 32 ? frame.payload.slice() : null;
}
