/** What recovery tells: one typed report, the same for the library, `--json` and people. */
import type { LockOwner, SeqRange } from '../base/errors.ts';

/** Gravest first wins for the whole store. */
export type StoreVerdict =
  | 'clean'
  | 'healable'
  | 'healed'
  | 'damaged'
  | 'unsupported'
  | 'unreadable';

/**
 * A fact worth telling, with its place. Codes are stable and explained by `recover explain CODE`.
 */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: 'info' | 'warning' | 'error';
  /** Path below the store's root, or null for the store as a whole. */
  readonly file: string | null;
  readonly offset: number | null;
  readonly session: string | null;
  readonly message: string;
}

/** What can be found. The set may grow; a code never changes meaning. */
export type FindingCode =
  | 'UNCLEAN_STOP' // a writer died; nothing bad was found
  | 'TORN_TAIL' // bytes of a batch that was not finished
  | 'DEAD_BYTES' // bytes that a later segment disowns
  | 'DAMAGED_FRAME' // a frame below the durable mark fails its checks
  | 'DAMAGED_HEADER' // a segment's or history's header is bad
  | 'SHORT_FILE' // a file is shorter than its header says
  | 'MISSING_SEGMENT' // a segment that others name is not there
  | 'MISSING_JOURNAL' // a writer counts but its journal is not there
  | 'MISSING_HISTORY' // a session's directory or history is gone
  | 'CHAIN_BROKEN' // valid frames that do not follow each other
  | 'FORKED' // journal and history disagree about a sequence
  | 'UNDECODABLE_PAYLOAD' // checksums hold, the payload does not decode
  | 'NEWER_FORMAT' // written by a newer version
  | 'UNREADABLE' // the machine refused a read
  | 'BELOW_EXPECTED' // expectAtLeast named a sequence that is not there
  | 'LOSS_ACCEPTED' // an earlier loss that somebody accepted
  | 'SET_ASIDE' // frames without a home were moved to quarantine
  | 'STRAY_FILE' // something that Holdfast did not write
  | 'LIVE_WRITER' // the journal's owner is alive
  | 'OWNER_UNKNOWN'; // whether the owner lives could not be found out

/** What was left of a batch that its writer did not finish. */
export interface CutReport {
  /** Bytes from the last valid commit to the last byte that is not zero. */
  readonly bytes: number;
  /** Entries recognised in them, as far as their headers or commit frames still tell. */
  readonly entries: number;
}

/** What became of one writer and of its journal. */
export interface WriterReport {
  readonly writer: string;
  readonly state: 'live' | 'dead' | 'closed' | 'unknown' | 'missing';
  readonly verdict: string;
  readonly owner: LockOwner | null;
  readonly segments: number;
  /** The durable mark: highest journal sequence known to be synced. */
  readonly durableMark: number;
  /** Journal sequence up to which nothing is missing; below the mark in a damaged journal. */
  readonly lastSeq: number;
  readonly cut: CutReport;
}

/** A tool call that was about to run when its process died: it may or may not have happened. */
export interface UnknownOutcome {
  readonly callId: string;
  readonly name: string;
  readonly seq: number;
}

/** What is left of one session, and what is not. */
export interface SessionReport {
  readonly id: string;
  readonly verdict:
    | 'clean'
    | 'healable'
    | 'healed'
    | 'damaged'
    | 'deleted'
    | 'unsupported'
    | 'unreadable';
  readonly messages: number;
  readonly entries: number;
  readonly lastSeq: number;
  /**
   * Entries that came out of journals and not yet out of the history: runs without a gap, in order,
   * so that nothing in them is in `lost`.
   */
  readonly kept: readonly SeqRange[];
  /**
   * Entries recognised in an unfinished batch, and cut: they were not acknowledged, unless the
   * medium lost the mark that said so. Behind everything in `kept` and `lost`.
   */
  readonly inDoubt: SeqRange | null;
  /** Acknowledged entries that the medium lost. */
  readonly lost: readonly SeqRange[];
  /**
   * Told by every look until the session is opened for writing. Empty for a session whose history
   * was not read: see `historiesRead`.
   */
  readonly unknownOutcomes: readonly UnknownOutcome[];
}

/** The whole report. A change that a reader of `--json` would notice gets a new `schema`. */
export interface RecoveryReport {
  readonly schema: 'holdfast.recovery/1';
  readonly root: string;
  readonly verdict: StoreVerdict;
  /** True when this run changed the store. */
  readonly changed: boolean;
  /**
   * Whether every history was read to its end, as `verify` does. When false, sessions that were
   * opened since the last crash, or that none met, were judged by their heads alone: rot in their
   * histories, and unknown outcomes of crashes before, are not in this report.
   */
  readonly historiesRead: boolean;
  readonly writers: readonly WriterReport[];
  readonly sessions: readonly SessionReport[];
  readonly findings: readonly Finding[];
  /** Bytes that carrying it out needs, or needed. */
  readonly bytesNeeded: number;
}

/** A place of a store whose bytes are not what was acknowledged. */
export interface BadBytes {
  /** Path below the store's root. */
  readonly file: string;
  readonly offset: number;
  /** Null when each frame holds and what they say together does not. */
  readonly bytes: number | null;
  readonly reason: string;
}

/** What accepting the loss of one session gives up, and what it leaves. */
export interface AcceptedLoss {
  readonly session: string;
  /** True once it was done; false when it was only looked at, or there was nothing to do. */
  readonly done: boolean;
  /** Sequences that are given up; `to` is null when nothing tells how far they went. */
  readonly lost: readonly SeqRange[];
  /** Every sequence that can be read, before and afterwards: what `lost` leaves out. */
  readonly kept: readonly SeqRange[];
  readonly entries: number;
  readonly messages: number;
  /** Where the damage stands, in the session's history and journals; at most 1000 places. */
  readonly badBytes: readonly BadBytes[];
  /**
   * True when nothing is left of the session: then accepting its loss takes it away as a whole, and
   * its id is free again.
   */
  readonly deleted: boolean;
  /** The history as it was, whole: its path below the root. Null when nothing was set aside. */
  readonly setAside: string | null;
}

/** What `acceptLoss` did, or would do, and how the store is then. */
export interface AcceptLossReport extends RecoveryReport {
  readonly accepted: AcceptedLoss;
}

/** What `salvage` got out, and what it could not. */
export interface SalvageReport {
  readonly schema: 'holdfast.salvage/1';
  readonly root: string;
  readonly to: string;
  readonly sessions: readonly SalvagedSession[];
  readonly findings: readonly Finding[];
}

/** One session in the new store. */
export interface SalvagedSession {
  readonly id: string;
  /** Entries in the new store. */
  readonly entries: number;
  readonly messages: number;
  /**
   * Every sequence that was acknowledged and could not be had; `to` null when the end is not known.
   * Without those in `accepted`.
   */
  readonly lost: readonly SeqRange[];
  /** Sequences that are lost as well, and that somebody had accepted as lost before. */
  readonly accepted: readonly SeqRange[];
}

/** How far a long piece of work has come. */
export interface Progress {
  readonly what: string;
  readonly done: number;
  readonly total: number | null;
}
