/**
 * What is told on Node's `diagnostics_channel`: the names of the channels, and the shape of what
 * comes on each. Messages hold ids, numbers and closed words, never what a conversation says.
 *
 * Names and members only ever gain others. A message is made only while somebody listens, and told
 * once whoever waited for what it tells of was answered.
 */

import type { SeqRange } from './errors.ts';

/** The channels by what they tell. */
export const channelNames = {
  append: 'holdfast:append',
  commit: 'holdfast:commit',
  sync: 'holdfast:sync',
  settle: 'holdfast:settle',
  retire: 'holdfast:retire',
  recover: 'holdfast:recover',
  poison: 'holdfast:poison',
} as const;

/** What can be listened to. */
export type ChannelKind = keyof typeof channelNames;

/** An append was acknowledged: a call of `append`, `appendAll`, `record` and the like. */
export interface AppendMessage {
  /** Real path of the store, as in `store.root`. */
  readonly root: string;
  /** Id of the session. */
  readonly session: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Bytes of the encoded entries, without the headers of their frames. */
  readonly bytes: number;
  /** Which durability it was acknowledged with. */
  readonly durability: 'durable' | 'batched';
  /** From the call to its answer, waiting in line included, in ms. */
  readonly durationMs: number;
}

/** A batch was written into the journal; what it holds is durable only with a later sync. */
export interface CommitMessage {
  readonly root: string;
  /** Entries of all sessions in the batch; 0 when it only opens or closes a session. */
  readonly entries: number;
  /** Bytes written: all frames of the batch with their headers, and its commit. */
  readonly bytes: number;
  /** Number of the journal segment that it went into. */
  readonly segment: number;
  /** How long the write took, measured where it is done, in ms. */
  readonly durationMs: number;
}

/** A sync of the journal has returned. */
export interface SyncMessage {
  readonly root: string;
  /** Entries that it made durable; 0 for one that only makes the journal's own frames durable. */
  readonly entries: number;
  /** How long the fdatasync took, measured where it is done, in ms. */
  readonly durationMs: number;
}

/** Entries of a session were moved into its history, synced, read back and vouched for. */
export interface SettleMessage {
  readonly root: string;
  /** Id of the session. */
  readonly session: string;
  readonly entries: number;
  /** Bytes of the encoded entries, without the headers of their frames. */
  readonly bytes: number;
  /** Highest seq of the session that is in its history now. */
  readonly lastSeq: number;
  /** Reading from the journal, writing, syncing and reading back, in ms. */
  readonly durationMs: number;
}

/** Segments of the journal were removed, because everything in them is settled. */
export interface RetireMessage {
  readonly root: string;
  /** How many were removed. */
  readonly segments: number;
  /** The first segment that stays. */
  readonly firstSegment: number;
  /** Segments that the journal has left, and their bytes on the disk. */
  readonly journalSegments: number;
  readonly journalBytes: number;
}

/** What dead writers left was recovered, by `Store.open` or by `recover` with mode `run`. */
export interface RecoverMessage {
  readonly root: string;
  /** Verdict over the whole store, as in the report. */
  readonly verdict: string;
  /** Dead writers whose journals were recovered. */
  readonly writers: number;
  /** Sessions that the report tells of. */
  readonly sessions: number;
  /** Entries that came out of journals. */
  readonly entriesKept: number;
  /** Entries recognised in unfinished batches, and cut. */
  readonly entriesInDoubt: number;
  /** Sessions that have lost acknowledged entries; the report says which. */
  readonly sessionsDamaged: number;
  /** Bytes of unfinished batches. */
  readonly cutBytes: number;
  /** Tool calls that may or may not have happened. */
  readonly unknownOutcomes: number;
  readonly durationMs: number;
}

/** A sync failed, or the thread of the journal died: nothing is acknowledged any more. */
export interface PoisonMessage {
  readonly root: string;
  /** Highest journal sequence that is known to be synced; 0 when the thread died. */
  readonly durableUpTo: number;
  /** Journal sequences that were written and of which nobody knows; null for none. */
  readonly inDoubt: SeqRange | null;
  /** What the machine said, such as `fdatasync` and `EIO`; null when it said nothing. */
  readonly syscall: string | null;
  readonly errno: string | null;
}

/** The message of every channel. */
export interface ChannelMessages {
  readonly append: AppendMessage;
  readonly commit: CommitMessage;
  readonly sync: SyncMessage;
  readonly settle: SettleMessage;
  readonly retire: RetireMessage;
  readonly recover: RecoverMessage;
  readonly poison: PoisonMessage;
}
