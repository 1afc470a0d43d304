/** What `store.metrics()` gives: plain data, frozen, the same as JSON. */
import type { Distribution } from '../platform/histogram.ts';

/** Totals since the store was opened. They only grow; all 0 of a store open for reading. */
export interface MetricsCounters {
  /** Calls of `append`, `appendAll`, `record` and the like that were acknowledged. */
  readonly appends: number;
  /** Entries that were acknowledged; restore points that take themselves are among them. */
  readonly entries: number;
  /** Calls that were handed to the journal and failed, because a write or a sync did. */
  readonly appendsFailed: number;
  /** Batches that were written into the journal. */
  readonly commits: number;
  /** Bytes that were written into the journal, headers and commits included. */
  readonly bytes: number;
  /** Syncs of the journal; those of histories are not among them. */
  readonly syncs: number;
  /** How often writing went on in a new segment. */
  readonly rotations: number;
  /** Groups of entries that were moved into histories, and what they held. */
  readonly settles: number;
  readonly settledEntries: number;
  /** Bytes of the encoded entries, without the headers of their frames. */
  readonly settledBytes: number;
  /** Attempts to settle that failed; the entries stay in the journal, and it is tried again. */
  readonly settlesFailed: number;
  /** Segments that were removed, because everything in them is settled. */
  readonly retires: number;
  /** Attempts to remove segments that failed; they stay, and cost room. */
  readonly retiresFailed: number;
  /** Dead writers whose journals were recovered when the store was opened. */
  readonly recoveries: number;
}

/** How things stand now; of the journal, as its newest answer had it. */
export interface MetricsGauges {
  /** Sessions that are open for writing, and for reading. */
  readonly sessionsOpen: number;
  readonly readersOpen: number;
  /** Segments of the journal; more than two or three mean that settling is behind. */
  readonly journalSegments: number;
  /** Their bytes on the disk, without what is made ahead of the next one. */
  readonly journalBytes: number;
  /** Entries that were handed to the journal and are not acknowledged yet. */
  readonly waitingEntries: number;
  /**
   * Entries that are acknowledged and not known to be synced: what a power cut can cost. Once
   * poisoned, those that were not by then.
   */
  readonly unsyncedEntries: number;
  /** Since the oldest of them was appended, by the wall clock, in ms; 0 without any. */
  readonly oldestUnsyncedMs: number;
  /** Bytes of the frames of both, in memory until they are synced. */
  readonly queuedBytes: number;
  /** True once a sync has failed: open the store again. */
  readonly poisoned: boolean;
}

/** A distribution with its unit. Percentiles hold to a thousandth, the rest is exact. */
export interface HistogramSummary extends Distribution {
  readonly unit: 'ms' | 'entries' | 'bytes';
}

/** Distributions since the store was opened. */
export interface MetricsHistograms {
  /** From the call of an append to its answer. */
  readonly appendMs: HistogramSummary;
  /** Entries of one batch, and its bytes. */
  readonly commitEntries: HistogramSummary;
  readonly commitBytes: HistogramSummary;
  /** One fdatasync of the journal, measured in the thread that waits for it. */
  readonly syncMs: HistogramSummary;
  /** One group of entries, until its history vouches for it. */
  readonly settleMs: HistogramSummary;
}

/** Numbers of one open store. */
export interface StoreMetrics {
  readonly schema: 'holdfast.metrics/1';
  readonly counters: MetricsCounters;
  readonly gauges: MetricsGauges;
  /** Null unless the store was opened with `histograms: true`. */
  readonly histograms: MetricsHistograms | null;
}
