/**
 * What the owner of a journal and its writer say to each other. Plain data, so that the same words
 * cross a thread boundary or a function call. Errors travel as fields: a structured clone would
 * drop their code.
 */
import type { StreamOpening } from './streams.ts';
import type { Submission, Ticket } from './submission.ts';

/** Settings of a journal writer; plain data. */
export interface JournalSettings {
  readonly directory: string;
  readonly writer: Uint8Array;
  readonly store: Uint8Array;
  readonly syncDelayMsMax: number;
  readonly syncEntriesMax: number;
  /** Size of the next segment that is made. */
  readonly segmentBytes: number;
  /** The lock file that must keep its inode, or acknowledging stops. */
  readonly guard: Guard | null;
}

/** Identity of the lock file as it was when it was locked. */
export interface Guard {
  readonly path: string;
  readonly device: bigint;
  readonly inode: bigint;
}

/** How a journal begins: after nothing, or after the last frame of an older segment. */
export interface JournalStart {
  readonly segmentNumber: number;
  readonly previousSegment: number;
  readonly previousEnd: number;
  readonly checksum: bigint;
  readonly lastSeq: number;
  readonly firstSegment: number;
}

/** What the owner asks of the writer. */
export type JournalCommand =
  | { readonly kind: 'open-stream'; readonly opening: StreamOpening }
  | { readonly kind: 'close-stream'; readonly stream: number }
  | {
      readonly kind: 'submit';
      readonly submissions: readonly Submission[];
      /** Whether commits and syncs are measured from here on. */
      readonly measured: boolean;
    }
  | { readonly kind: 'withdraw'; readonly ticket: Ticket }
  | { readonly kind: 'retire'; readonly below: number }
  | { readonly kind: 'close' };

/** Where a submission stands in the journal. */
export interface Placement {
  readonly ticket: Ticket;
  readonly segment: number;
  /** Offset of its first frame; the others follow it without a gap. */
  readonly offset: number;
  readonly firstSeq: number;
  readonly journalSeq: number;
}

/** An error of the machine, or of the writer, as plain fields. */
export interface PlainError {
  readonly message: string;
  readonly code: string | null;
  readonly syscall: string | null;
  readonly path: string | null;
}

/** Totals since the writer began, and what is there of the journal. */
export interface JournalCounters {
  /** Batches that were written. */
  readonly commits: number;
  readonly syncs: number;
  /** Written into segments: batches and what introduces a segment. */
  readonly bytes: number;
  /** How often writing went on in another segment. */
  readonly rotations: number;
  /** Segments that are there, and their bytes on the disk. */
  readonly segments: number;
  readonly segmentBytes: number;
}

/** A batch that was written. */
export interface CommitMeasure {
  readonly entries: number;
  /** With the headers of its frames, and its commit. */
  readonly bytes: number;
  readonly segment: number;
  /** Of the write, in ms. */
  readonly durationMs: number;
}

/** A sync that has returned. */
export interface SyncMeasure {
  /** Entries that it made durable. */
  readonly entries: number;
  /** Of the sync alone, in ms. */
  readonly durationMs: number;
}

/** What was measured since it was told last, in order. */
export interface Measures {
  readonly commits: readonly CommitMeasure[];
  readonly syncs: readonly SyncMeasure[];
}

/** Nothing was measured: one for all, so that none is made while nobody wants measures. */
export const noMeasures: Measures = Object.freeze({
  commits: Object.freeze([]),
  syncs: Object.freeze([]),
});

/** What the writer tells its owner. */
export type JournalEvent =
  | {
      readonly kind: 'progress';
      readonly written: readonly Placement[];
      readonly durable: readonly Ticket[];
      readonly counters: JournalCounters;
      readonly measures: Measures;
    }
  | { readonly kind: 'failed'; readonly tickets: readonly Ticket[]; readonly error: PlainError }
  | { readonly kind: 'withdrawn'; readonly ticket: Ticket }
  | {
      readonly kind: 'poisoned';
      readonly tickets: readonly Ticket[];
      readonly error: PlainError;
      readonly durableSeq: number;
      readonly writtenSeq: number;
    }
  /**
   * `below` is the first segment that stays; with an error, those that should have gone stay too.
   */
  | {
      readonly kind: 'retired';
      readonly below: number;
      readonly error: PlainError | null;
      readonly counters: JournalCounters;
      readonly measures: Measures;
    }
  /** Counters are null when nobody could tell them any more. */
  | {
      readonly kind: 'closed';
      readonly error: PlainError | null;
      readonly counters: JournalCounters | null;
      readonly measures: Measures;
    };

/** An error as plain fields. */
export function plainError(error: unknown): PlainError {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly [field: string]: unknown;
  };
  const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    message: error instanceof Error ? error.message : String(error),
    code: text(fields['code']),
    syscall: text(fields['syscall']),
    path: text(fields['path']),
  };
}

/** The error again, as an `Error` with `code`, `syscall` and `path`. */
export function revivedError(plain: PlainError): Error {
  const { code, syscall, path } = plain;
  const fields = Object.entries({ code, syscall, path }).filter(([, value]) => value !== null);
  return Object.assign(new Error(plain.message), Object.fromEntries(fields));
}
