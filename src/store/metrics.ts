/**
 * The numbers of one store that is open for writing, and what it tells on the channels. Counters
 * are kept always; nothing is measured, no histogram is fed and no message is made unless the store
 * was opened with `histograms` or somebody listens. Nothing here is waited for: all of it runs
 * behind the answers.
 */
import { present } from '../base/assert.ts';
import type { HoldfastError } from '../base/errors.ts';
import type { JournalCounters, Measures } from '../journal/journal-protocol.ts';
import type { JournalObserver } from '../journal/journal-watch.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { isWanted, publishSoon } from '../platform/diagnostics.ts';
import type { RecoveryReport } from '../recovery/report.ts';
import { recoveredWriters } from '../recovery/announce.ts';
import type { Durability } from './durability.ts';
import type { Histograms } from './histograms.ts';
import type { MetricsCounters, MetricsGauges, StoreMetrics } from './metrics-api.ts';
import type { Range } from './repeated.ts';

/** Entries of a session that were moved. */
export interface Settled {
  readonly session: string;
  readonly entries: number;
  readonly bytes: number;
  readonly lastSeq: number;
}

/** What a snapshot is made of, beside what is counted here. */
export interface MetricsSources {
  readonly journal: Journal;
  readonly recovery: RecoveryReport;
  readonly sessionsOpen: number;
  readonly readersOpen: number;
}

/** One for each store that is open for writing. */
export class Metrics implements JournalObserver {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #histograms: Histograms | null;
  #settles = 0;
  #settledEntries = 0;
  #settledBytes = 0;
  #settlesFailed = 0;
  #retires = 0;
  #retiresFailed = 0;

  constructor(root: string, clock: Clock, histograms: Histograms | null) {
    this.#root = root;
    this.#clock = clock;
    this.#histograms = histograms;
  }

  get isMeasuring(): boolean {
    return this.#histograms !== null || isWanted('commit') || isWanted('sync');
  }

  /** Where a measure begins; null while nobody wants any. */
  begin(kind: 'append' | 'settle'): number | null {
    if (this.#histograms === null && !isWanted(kind)) return null;
    return this.#clock.monotonicMs();
  }

  /** An append that is measured was answered. */
  appended(
    beganMs: number,
    session: string,
    done: { readonly range: Range; readonly bytes: number; readonly durability: Durability },
  ): void {
    const durationMs = this.#clock.monotonicMs() - beganMs;
    this.#histograms?.appendMs.record(durationMs);
    if (!isWanted('append')) return;
    const { range, bytes, durability } = done;
    const place = { root: this.#root, session, firstSeq: range.from, lastSeq: range.to };
    publishSoon('append', { ...place, bytes, durability, durationMs });
  }

  /** Entries were moved into a history; measured when it has a begin. */
  settled(beganMs: number | null, moved: Settled): void {
    this.#settles += 1;
    this.#settledEntries += moved.entries;
    this.#settledBytes += moved.bytes;
    if (beganMs === null) return;
    const durationMs = this.#clock.monotonicMs() - beganMs;
    this.#histograms?.settleMs.record(durationMs);
    if (isWanted('settle')) publishSoon('settle', { root: this.#root, ...moved, durationMs });
  }

  settleFailed(): void {
    this.#settlesFailed += 1;
  }

  measured({ commits, syncs }: Measures): void {
    for (const commit of commits) {
      this.#histograms?.commitEntries.record(commit.entries);
      this.#histograms?.commitBytes.record(commit.bytes);
      if (isWanted('commit')) publishSoon('commit', { root: this.#root, ...commit });
    }
    for (const sync of syncs) {
      this.#histograms?.syncMs.record(sync.durationMs);
      if (isWanted('sync')) publishSoon('sync', { root: this.#root, ...sync });
    }
  }

  retired(segments: number, below: number, counters: JournalCounters): void {
    this.#retires += segments;
    if (!isWanted('retire')) return;
    const left = { journalSegments: counters.segments, journalBytes: counters.segmentBytes };
    publishSoon('retire', { root: this.#root, segments, firstSegment: below, ...left });
  }

  retireFailed(): void {
    this.#retiresFailed += 1;
  }

  poisoned({ details }: HoldfastError<'POISONED'>): void {
    if (!isWanted('poison')) return;
    const { inDoubt, syscall, errno } = details;
    const durableUpTo = present(details.durableUpTo, 'a journal counts its frames');
    publishSoon('poison', { root: this.#root, durableUpTo, inDoubt, syscall, errno });
  }

  snapshot(sources: MetricsSources): StoreMetrics {
    return frozen({
      counters: this.#counters(sources),
      gauges: this.#gauges(sources),
      histograms: this.#histograms?.summaries ?? null,
    });
  }

  #counters({ journal, recovery }: MetricsSources): MetricsCounters {
    const { commits, bytes, syncs, rotations } = journal.counters;
    return {
      ...journal.totals,
      commits,
      bytes,
      syncs,
      rotations,
      settles: this.#settles,
      settledEntries: this.#settledEntries,
      settledBytes: this.#settledBytes,
      settlesFailed: this.#settlesFailed,
      retires: this.#retires,
      retiresFailed: this.#retiresFailed,
      recoveries: recoveredWriters(recovery),
    };
  }

  #gauges({ journal, sessionsOpen, readersOpen }: MetricsSources): MetricsGauges {
    const { segments, segmentBytes } = journal.counters;
    const { waitingEntries, unsyncedEntries, oldestUnsyncedAtMs, bytes } = journal.underWay;
    const nowMs = this.#clock.nowMs();
    return {
      sessionsOpen,
      readersOpen,
      journalSegments: segments,
      journalBytes: segmentBytes,
      waitingEntries,
      unsyncedEntries,
      // The wall clock may have been set back meanwhile.
      oldestUnsyncedMs: Math.max(0, nowMs - (oldestUnsyncedAtMs ?? nowMs)),
      queuedBytes: bytes,
      poisoned: journal.poison !== null,
    };
  }
}

/** The numbers of a store that is open for reading: it has no journal. */
export function readingMetrics(readersOpen: number): StoreMetrics {
  return frozen({
    counters: {
      appends: 0,
      entries: 0,
      appendsFailed: 0,
      commits: 0,
      bytes: 0,
      syncs: 0,
      rotations: 0,
      settles: 0,
      settledEntries: 0,
      settledBytes: 0,
      settlesFailed: 0,
      retires: 0,
      retiresFailed: 0,
      recoveries: 0,
    },
    gauges: {
      sessionsOpen: 0,
      readersOpen,
      journalSegments: 0,
      journalBytes: 0,
      waitingEntries: 0,
      unsyncedEntries: 0,
      oldestUnsyncedMs: 0,
      queuedBytes: 0,
      poisoned: false,
    },
    histograms: null,
  });
}

function frozen({ counters, gauges, histograms }: Omit<StoreMetrics, 'schema'>): StoreMetrics {
  return Object.freeze({
    schema: 'holdfast.metrics/1',
    counters: Object.freeze(counters),
    gauges: Object.freeze(gauges),
    histograms: histograms === null ? null : Object.freeze(histograms),
  });
}
