/**
 * Every bound of the engine, with its unit in its name. One file, so that the worst case can be
 * read in one place. Relations between bounds are asserted at the end.
 */
import { assert } from './assert.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

/** A message or event, encoded. */
export const payloadBytesMax: number = 64 * MiB;
/** Nesting of objects and arrays in one value. */
export const valueDepthMax = 128;
/** Frames in one batch; an `appendAll` may not hold more. */
export const batchFramesMax = 4096;
/** Bytes of all frames of one batch. */
export const batchBytesMax: number = 80 * MiB;
/** A batch is closed at this size, unless one submission alone is larger. */
export const batchBytesTarget: number = 4 * MiB;
/** Written but not yet synced; beyond it, writes wait for the sync. */
export const unsyncedBytesMax: number = 8 * MiB;
/** Submitted but not yet written; beyond it, an append waits for room. */
export const queuedBytesMax: number = 128 * MiB;

/** Bytes before the first frame of every file: two header blocks. */
export const fileHeaderBytes: number = 8 * KiB;
/** One header block; the second stands one block behind the first. */
export const headerBlockBytes: number = 4 * KiB;
/** Bytes before the payload of every frame. */
export const frameHeaderBytes = 64;
/** Every frame begins at a multiple of this. */
export const frameAlignBytes = 8;

/** The smallest segment that settings may ask for. */
export const segmentBytesMin: number = 16 * KiB;
/** The first segment of a journal, unless settings ask for another size. */
export const segmentBytesFirst: number = 1 * MiB;
/** Where doubling ends; only a message that does not fit gets a larger segment. */
export const segmentBytesMax: number = 16 * MiB;
/** Kept free at the end of every segment, so that it can always be sealed or closed. */
export const segmentReserveBytes = 512;

/** Ceiling on how long a batched entry waits for its sync to begin. */
export const syncDelayMsDefault = 100;
/** Ceiling on acknowledged but unsynced batched entries of a session. */
export const syncEntriesDefault = 10;
/** The longest delay that settings may ask for. */
export const syncDelayMsMax = 60_000;
/** The most unsynced entries that settings may ask for. */
export const syncEntriesMax = 100_000;

/** A session id becomes a directory name; beyond this it is refused. */
export const sessionIdCharsMax = 128;
/** UTF-8 bytes of the title that a listing shows; a longer one is cut. */
export const titleBytesMax = 200;
/** UTF-16 code units of one key; a longer one is refused. */
export const idempotencyKeyCharsMax = 256;
/** The newest keys of a session that are remembered; an older key is taken for a new one. */
export const idempotencyKeysMax = 10_000;

/** Snapshots without a label that a session lists; older ones leave the list. */
export const snapshotsKept = 50;
/** Snapshots with a label; one more is refused. */
export const labelledSnapshotsMax = 1000;

/** What opening a session reads of its history, unless its state alone is larger than a quarter. */
export const openBytesMax: number = 4 * MiB;
/** A base is made when so many bytes of entries stand behind the last one; more if it is large. */
export const baseSpanBytes: number = 1 * MiB;
/** The same in entries: folding them is what costs time. */
export const baseSpanEntries = 2048;
/** Entries behind the last base that are worth one when a session is closed. */
export const baseCloseEntries = 32;
/** A state larger than this gets no base. */
export const baseBytesMax: number = 16 * MiB;
/** A block of the index spans at least this: what one random access reads. */
export const indexBlockBytes: number = 64 * KiB;
/** Parts of the index that an open session holds. */
export const indexPartsMax = 64;

/** A torn tail keeps at most this much in quarantine; damage is kept whole. */
export const quarantineTornBytesMax: number = 1 * MiB;
/** All torn tails in quarantine together; beyond it the oldest torn tails go, damage never. */
export const quarantineBytesMax: number = 64 * MiB;

/** How long a lock held by another owner is waited for before LOCKED is told. */
export const lockWaitMsDefault = 5_000;

/** Histories of open sessions that nobody uses just now and that keep their descriptor. */
export const idleHistoriesMax = 128;

/** Pause between two looks at a session that is followed. */
export const followPollMs = 100;
/** The head of a session that is followed is read again after this, whatever its times say. */
export const followRereadMs = 1000;

/** One read of a file when streaming. */
export const readChunkBytes: number = 1 * MiB;

assert(fileHeaderBytes === 2 * headerBlockBytes, 'the header is two blocks');
assert(frameHeaderBytes % frameAlignBytes === 0, 'frames stay aligned');
assert(payloadBytesMax + 1 * MiB < batchBytesMax, 'the largest message fits into a batch');
assert(
  segmentBytesMin > fileHeaderBytes + segmentReserveBytes,
  'the smallest segment holds frames',
);
