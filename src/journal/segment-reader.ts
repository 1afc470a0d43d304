/**
 * Reads one segment: bytes in, facts out. Pure, and never throws for what stands in the bytes:
 * damage is a value. It says what is there; whether bad bytes are a torn tail or a loss is judged
 * elsewhere.
 *
 * Reading goes from frame to frame until something does not follow. Behind that place it looks for
 * whatever still is a frame of this file at its own offset: those survivors are evidence of what
 * was durable, and what can be saved when acknowledged data was damaged.
 */
import { fileHeaderBytes } from '../base/quantities.ts';
import { endOfContent } from '../format/bytes.ts';
import { decodeCommit, decodeControl, frameType, isControlType } from '../format/control.ts';
import type { Control, DirectoryEntry } from '../format/control.ts';
import { decodeFrame, decodeHeader, frameBytes, isFault } from '../format/frame.ts';
import type { Frame, FrameHeader } from '../format/frame.ts';
import type { SegmentHeader } from '../format/segment-header.ts';
import { checkCommit } from './batch.ts';
import { SegmentWalk } from './segment-walk.ts';
import type { BatchEnd } from './segment-walk.ts';

/** A frame without its payload, and where it stands. Frames of a stream's life keep theirs. */
export interface FrameRef extends FrameHeader {
  readonly segment: number;
  readonly payload: Uint8Array | null;
}

/** What stands behind the last thing that follows. */
export interface SegmentTail {
  readonly offset: number;
  /** Up to the last byte that is not zero. */
  readonly bytes: number;
  readonly reason: string;
  /** Frames that are valid in themselves. */
  readonly survivors: readonly FrameRef[];
  /** Offsets of survivors that stand in batches which are whole in themselves. */
  readonly wholeOffsets: ReadonlySet<number>;
  /** What headers and commit frames tell of frames that are gone. */
  readonly named: readonly NamedFrame[];
}

/** A frame as its header or its commit frame tells of it, and where that stands. */
export interface NamedFrame extends DirectoryEntry {
  readonly journalSeq: number;
  readonly offset: number;
}

/** What was found in one segment. */
export interface SegmentContent {
  readonly header: SegmentHeader;
  readonly origin: Control | null;
  /** Frames of whole batches, in order, each batch following the one before. */
  readonly frames: readonly FrameRef[];
  /** Where each batch ends: a place from which a later segment can go on. */
  readonly batches: readonly BatchEnd[];
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

/** Reads the content of a segment whose header is sound. `bytes` is the whole file. */
export function readSegment(bytes: Uint8Array, header: SegmentHeader): SegmentContent {
  const walk = new SegmentWalk();
  const frames: FrameRef[] = [];
  const batches: BatchEnd[] = [];
  const reason = follow(bytes, header, walk, { frames, batches });
  const firstSegmentFollowed = walk.firstSegment;
  const contentEnd = endOfContent(bytes, walk.end);
  const tail = contentEnd > walk.end ? readTail(bytes, header, walk, contentEnd, reason) : null;
  // Last, because the tail may tell of a higher mark.
  const { origin, seal, close, end, checksum, lastSeq, durableMark, firstSegment } = walk;
  const told = { origin, seal, close, end, checksum, lastSeq, durableMark, firstSegment };
  return { header, ...told, firstSegmentFollowed, frames, batches, tail };
}

/** Walks from frame to frame; returns why it stopped. */
function follow(
  bytes: Uint8Array,
  header: SegmentHeader,
  walk: SegmentWalk,
  into: { readonly frames: FrameRef[]; readonly batches: BatchEnd[] },
): string {
  let at = fileHeaderBytes;
  for (;;) {
    const frame = decodeFrame(bytes, at, { salt: header.salt, base: 0 });
    if (isFault(frame)) return `${frame.kind} at ${frame.offset}`;
    const step = walk.take(frame);
    if (step.kind === 'fault') return step.reason;
    at += frameBytes(frame.payload.length);
    if (step.kind !== 'batch') continue;
    for (const one of step.frames) into.frames.push(refOf(one, header.number));
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
  const survivors: FrameRef[] = [];
  const named: NamedFrame[] = [];
  const wholeOffsets = new Set<number>();
  let pending: Frame[] = [];
  let at = walk.end;
  while (at < contentEnd) {
    if (!mayBeHeader(bytes, at)) {
      at += 8;
      continue;
    }
    const place = { salt: header.salt, offset: at };
    const found = decodeHeader(bytes, at, place);
    if (found === null) {
      at += 8;
      continue;
    }
    const frame = decodeFrame(bytes, at, { salt: header.salt, base: 0 });
    if (isFault(frame)) {
      // The header holds, its payload does not: it still names what is lost. Go on right behind the
      // header.
      if (!isControlType(found.type)) named.push(found);
      at += 64;
      continue;
    }
    at += frameBytes(frame.payload.length);
    if (isControlType(frame.type)) {
      takeEvidence(frame, pending, walk, { named, wholeOffsets });
      pending = [];
    } else {
      pending.push(frame);
      survivors.push(refOf(frame, header.number));
    }
  }
  return { offset: walk.end, bytes: contentEnd - walk.end, reason, survivors, wholeOffsets, named };
}

function takeEvidence(
  frame: Frame,
  pending: readonly Frame[],
  walk: SegmentWalk,
  into: {
    readonly named: NamedFrame[];
    readonly wholeOffsets: Set<number>;
  },
): void {
  const told = frame.type === frameType.commit ? decodeCommit(frame.payload) : null;
  if (told === null) {
    const control = decodeControl(frame.payload);
    if (control !== null) walk.learn(control);
    return;
  }
  walk.learn(told);
  told.directory.forEach((entry, index) => {
    into.named.push({ ...entry, journalSeq: told.firstSeq + index, offset: frame.offset });
  });
  const batch = pending.slice(-told.directory.length);
  const expected = { previousChecksum: told.previousChecksum, nextSeq: null };
  if (typeof checkCommit(frame, batch, expected) === 'string') return;
  for (const one of batch) into.wholeOffsets.add(one.offset);
}

/**
 * Cheap test that almost every place fails: the type is 1 to 255 and the bytes behind it are zero.
 */
function mayBeHeader(bytes: Uint8Array, at: number): boolean {
  return bytes[at + 4] !== 0 && bytes[at + 5] === 0 && bytes[at + 6] === 0 && bytes[at + 7] === 0;
}

function refOf(frame: Frame, segment: number): FrameRef {
  const { payload, ...header } = frame;
  const keeps = frame.type < 32;
  return { ...header, segment, payload: keeps ? payload.slice() : null };
}
