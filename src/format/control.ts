/**
 * Payloads of the frames that the journal writes for itself: fixed layouts, little endian.
 *
 * Commit (type 1), the end of every batch. A batch without it does not exist.
 *   0   u32  frames in the batch        32  u64  first needed segment (journal), 0 (history)
 *   4   u32  zero                       40  u64  batch checksum of the commit before
 *   8   u64  first journal seq          48  u64  batch checksum of this batch
 *   16  u64  last journal seq           56  16 B writer
 *   24  u64  durable mark               72  directory: 40 bytes a frame
 * A directory entry repeats stream key (16), stream seq (u64), payload bytes (u32), type (u32) and
 * payload hash (u64), so that a frame whose header is damaged is still named.
 *
 * Origin (2, first in a segment), mark (3), seal (4), close (5):
 *   0   u64  durable mark               24  u64  end offset in that segment
 *   8   u64  first needed segment       32  u64  salt of that segment
 *   16  u64  other segment              40  u64  batch checksum so far
 *                                       48  u64  last journal seq so far
 * The other segment is the predecessor in an origin, the successor in a seal, and 0 elsewhere.
 */
import { assert } from '../base/assert.ts';
import { batchFramesMax } from '../base/quantities.ts';
import { getCount, sameBytes, setCount, viewOf } from './bytes.ts';
import { keyAt } from './frame.ts';

/**
 * Frame types of the journal itself; 16 to 31 belong to a stream's life, 32 to 127 are its entries.
 */
export const frameType = {
  commit: 1,
  origin: 2,
  mark: 3,
  seal: 4,
  close: 5,
} as const;

/** A stream is introduced by a frame of this type before its first frame in each segment. */
export const attachType = 16;

/** Types with the high bit may be skipped by a reader that does not know them. */
export const ignorableBit = 0x80;

/** True for frames that take the next sequence number of their stream. */
export function isEntryType(type: number): boolean {
  return (type & ~ignorableBit) >= 32;
}

/** True for frames that the journal writes for itself. */
export function isControlType(type: number): boolean {
  return (type & ~ignorableBit) < 16;
}

/** What a commit repeats of one frame. */
export interface DirectoryEntry {
  readonly key: Uint8Array;
  readonly streamSeq: number;
  readonly payloadBytes: number;
  readonly type: number;
  readonly payloadHash: bigint;
}

/** The end of a batch, see the layout above. */
export interface Commit {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Highest journal seq that was known to be synced when the batch was written. */
  readonly durableMark: number;
  readonly firstSegment: number;
  readonly previousChecksum: bigint;
  readonly checksum: bigint;
  readonly writer: Uint8Array;
  readonly directory: readonly DirectoryEntry[];
}

/** The content of an origin, mark, seal or close frame. */
export interface Control {
  readonly durableMark: number;
  readonly firstSegment: number;
  readonly segment: number;
  readonly endOffset: number;
  readonly salt: bigint;
  readonly checksum: bigint;
  readonly lastSeq: number;
}

/** Payload bytes of an origin, mark, seal or close frame. */
export const controlBytes = 56;
const commitFixedBytes = 72;
/** What a commit says of each frame of its batch. */
export const commitEntryBytes = 40;

/** Payload bytes of a commit over so many frames. */
export function commitBytes(frames: number): number {
  return commitFixedBytes + frames * commitEntryBytes;
}

/** The payload of a commit frame over 1 to `batchFramesMax` frames. */
export function encodeCommit(commit: Commit): Uint8Array {
  const count = commit.directory.length;
  assert(count > 0, 'a batch holds at least one frame');
  assert(count <= batchFramesMax, 'a batch holds at most batchFramesMax frames');
  const bytes = new Uint8Array(commitBytes(count));
  const view = viewOf(bytes);
  view.setUint32(0, count, true);
  setCount(view, 8, commit.firstSeq);
  setCount(view, 16, commit.lastSeq);
  setCount(view, 24, commit.durableMark);
  setCount(view, 32, commit.firstSegment);
  view.setBigUint64(40, commit.previousChecksum, true);
  view.setBigUint64(48, commit.checksum, true);
  bytes.set(commit.writer, 56);
  commit.directory.forEach((entry, index) => {
    const at = commitFixedBytes + index * commitEntryBytes;
    bytes.set(entry.key, at);
    setCount(view, at + 16, entry.streamSeq);
    view.setUint32(at + 24, entry.payloadBytes, true);
    view.setUint32(at + 28, entry.type, true);
    view.setBigUint64(at + 32, entry.payloadHash, true);
  });
  return bytes;
}

/** What a commit says beside its directory, and how many frames that names. */
export type CommitSummary = Omit<Commit, 'directory'> & { readonly frames: number };

/**
 * Null when the bytes are not a commit: their checksum held, so it is a fault of format, not of
 * media.
 */
export function decodeCommit(bytes: Uint8Array): Commit | null {
  const view = viewOf(bytes);
  const summary = summaryOf(bytes, view);
  if (summary === null) return null;
  const { frames, ...commit } = summary;
  const directory: DirectoryEntry[] = [];
  for (let index = 0; index < frames; index += 1) {
    const at = commitFixedBytes + index * commitEntryBytes;
    const streamSeq = getCount(view, at + 16);
    if (streamSeq === null) return null;
    directory.push({
      key: keyAt(bytes, at),
      streamSeq,
      payloadBytes: view.getUint32(at + 24, true),
      type: view.getUint32(at + 28, true),
      payloadHash: view.getBigUint64(at + 32, true),
    });
  }
  return { ...commit, directory };
}

/**
 * The same without its directory, when that names exactly these frames; null for all else. Almost
 * every commit is one that only has to be compared.
 */
export function decodeCommitOf(
  bytes: Uint8Array,
  frames: readonly Omit<DirectoryEntry, 'payloadBytes'>[],
): CommitSummary | null {
  const view = viewOf(bytes);
  const summary = summaryOf(bytes, view);
  if (summary === null || summary.frames !== frames.length) return null;
  let at = commitFixedBytes;
  for (const frame of frames) {
    if (getCount(view, at + 16) !== frame.streamSeq) return null;
    if (view.getUint32(at + 28, true) !== frame.type) return null;
    if (view.getBigUint64(at + 32, true) !== frame.payloadHash) return null;
    if (!sameBytes(keyAt(bytes, at), frame.key)) return null;
    at += commitEntryBytes;
  }
  return summary;
}

function summaryOf(bytes: Uint8Array, view: DataView): CommitSummary | null {
  if (bytes.length < commitFixedBytes) return null;
  const frames = view.getUint32(0, true);
  if (frames === 0 || frames > batchFramesMax || bytes.length !== commitBytes(frames)) return null;
  const [firstSeq, lastSeq] = [getCount(view, 8), getCount(view, 16)];
  const [durableMark, firstSegment] = [getCount(view, 24), getCount(view, 32)];
  if (firstSeq === null || lastSeq === null || durableMark === null || firstSegment === null) {
    return null;
  }
  return {
    frames,
    firstSeq,
    lastSeq,
    durableMark,
    firstSegment,
    previousChecksum: view.getBigUint64(40, true),
    checksum: view.getBigUint64(48, true),
    writer: bytes.slice(56, 72),
  };
}

/** The payload of an origin, mark, seal or close frame. */
export function encodeControl(control: Control): Uint8Array {
  const bytes = new Uint8Array(controlBytes);
  const view = viewOf(bytes);
  setCount(view, 0, control.durableMark);
  setCount(view, 8, control.firstSegment);
  setCount(view, 16, control.segment);
  setCount(view, 24, control.endOffset);
  view.setBigUint64(32, control.salt, true);
  view.setBigUint64(40, control.checksum, true);
  setCount(view, 48, control.lastSeq);
  return bytes;
}

/** Null when the bytes are not of this layout. */
export function decodeControl(bytes: Uint8Array): Control | null {
  if (bytes.length !== controlBytes) return null;
  const view = viewOf(bytes);
  const [durableMark, firstSegment] = [getCount(view, 0), getCount(view, 8)];
  const [segment, endOffset, lastSeq] = [
    getCount(view, 16),
    getCount(view, 24),
    getCount(view, 48),
  ];
  if (durableMark === null || firstSegment === null) return null;
  if (segment === null || endOffset === null || lastSeq === null) return null;
  return {
    durableMark,
    firstSegment,
    segment,
    endOffset,
    salt: view.getBigUint64(32, true),
    checksum: view.getBigUint64(40, true),
    lastSeq,
  };
}
