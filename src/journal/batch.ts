/**
 * Batches: frames followed by the commit frame that makes them exist. Encoder and decoder stand
 * together, so that what is written and what is believed are read side by side. Pure.
 *
 * The journal knows streams (a key and a sequence), never what a stream means.
 */
import { present } from '../base/assert.ts';
import { viewOf } from '../format/bytes.ts';
import { batchChecksum, encodeFrame, frameBytes, noStream } from '../format/frame.ts';
import type { Frame, FrameFields } from '../format/frame.ts';
import {
  commitBytes,
  decodeCommit,
  decodeCommitOf,
  encodeCommit,
  frameType,
  isEntryType,
} from '../format/control.ts';
import type { CommitSummary } from '../format/control.ts';
import { xxh64 } from '../format/checksum.ts';

/** A frame that is not yet in a file. */
export interface LooseFrame extends FrameFields {
  readonly payload: Uint8Array;
}

/** Where a batch goes and what its commit frame says beside its frames. */
export interface BatchPlace {
  readonly salt: bigint;
  readonly offset: number;
  readonly previousChecksum: bigint;
  readonly durableMark: number;
  readonly firstSegment: number;
  readonly writer: Uint8Array;
  readonly timeMs: number;
}

/** A batch ready for one write. */
export interface EncodedBatch {
  readonly bytes: Uint8Array;
  /** Offset in the file of each frame, in order. */
  readonly offsets: readonly number[];
  readonly checksum: bigint;
}

/** Bytes of a batch with these payload sizes, commit frame included. */
export function batchBytes(payloadBytes: readonly number[]): number {
  const frames = payloadBytes.reduce((sum, bytes) => sum + frameBytes(bytes), 0);
  return frames + frameBytes(commitBytes(payloadBytes.length));
}

/** One buffer for the whole batch: one write. */
export function encodeBatch(frames: readonly LooseFrame[], place: BatchPlace): EncodedBatch {
  const first = present(frames[0], 'a batch holds at least one frame');
  const last = frames.at(-1) ?? first;
  const bytes = new Uint8Array(batchBytes(frames.map((frame) => frame.payload.length)));
  const view = viewOf(bytes);
  const offsets: number[] = [];
  const checksums: bigint[] = [];
  let at = 0;
  for (const frame of frames) {
    const offset = place.offset + at;
    offsets.push(offset);
    const where = { salt: place.salt, offset };
    checksums.push(encodeFrame(bytes, at, where, frame, frame.payload, view));
    at += frameBytes(frame.payload.length);
  }
  const checksum = batchChecksum(place.previousChecksum, checksums);
  const commit = encodeCommit({
    firstSeq: first.journalSeq,
    lastSeq: last.journalSeq,
    durableMark: place.durableMark,
    firstSegment: place.firstSegment,
    previousChecksum: place.previousChecksum,
    checksum,
    writer: place.writer,
    directory: frames.map((frame) => ({
      key: frame.key,
      streamSeq: frame.streamSeq,
      payloadBytes: frame.payload.length,
      type: frame.type,
      payloadHash: frame.payloadHash,
    })),
  });
  const fields = {
    type: frameType.commit,
    key: noStream,
    streamSeq: 0,
    journalSeq: last.journalSeq,
    timeMs: place.timeMs,
    payloadHash: xxh64(commit),
  };
  encodeFrame(bytes, at, { salt: place.salt, offset: place.offset + at }, fields, commit, view);
  return { bytes, offsets, checksum };
}

/** Why a commit frame does not commit the frames before it. */
export type CommitFault = 'layout' | 'frames' | 'sequence' | 'checksum' | 'chain';

/**
 * Judges a commit frame against the frames since the last one. A commit whose own frame is valid
 * but whose batch is not whole was torn, or the batch before it is not the one it was written
 * after.
 */
export function checkCommit(
  frame: Frame,
  frames: readonly Frame[],
  expected: { readonly previousChecksum: bigint; readonly nextSeq: number | null },
): CommitSummary | CommitFault {
  const commit = decodeCommitOf(frame.payload, frames);
  if (commit === null) return faultOf(frame, frames, expected);
  if (commit.previousChecksum !== expected.previousChecksum) return 'chain';
  if (expected.nextSeq !== null && commit.firstSeq !== expected.nextSeq) return 'sequence';
  const checksums = frames.map((found) => found.checksum);
  return batchChecksum(commit.previousChecksum, checksums) === commit.checksum
    ? commit
    : 'checksum';
}

/** The first thing that is wrong with a commit that does not name these frames. */
function faultOf(
  frame: Frame,
  frames: readonly Frame[],
  expected: { readonly previousChecksum: bigint; readonly nextSeq: number | null },
): CommitFault {
  const commit = decodeCommit(frame.payload);
  if (commit === null) return 'layout';
  if (commit.directory.length !== frames.length) return 'frames';
  if (commit.previousChecksum !== expected.previousChecksum) return 'chain';
  if (expected.nextSeq !== null && commit.firstSeq !== expected.nextSeq) return 'sequence';
  return 'frames';
}

/** The sequence numbers of a batch are contiguous in the journal. */
export function journalSeqsFollow(
  frames: readonly Frame[],
  commit: Pick<CommitSummary, 'firstSeq'>,
): boolean {
  return frames.every((frame, index) => frame.journalSeq === commit.firstSeq + index);
}

/** How many frames take a sequence number of their stream. */
export function countEntries(frames: readonly { readonly type: number }[]): number {
  return frames.filter((frame) => isEntryType(frame.type)).length;
}
