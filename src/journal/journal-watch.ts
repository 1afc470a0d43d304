/**
 * What the owner of a journal counts of it, and whom it tells. Nothing waits for either: everything
 * here runs behind the answers.
 */
import type { HoldfastError } from '../base/errors.ts';
import type { JournalCounters, JournalEvent, Measures } from './journal-protocol.ts';

/**
 * Whoever looks at a journal. It is called behind the answers of what it is told of, and must not
 * throw.
 */
export interface JournalObserver {
  /** True while commits and syncs are to be measured. */
  readonly isMeasuring: boolean;
  measured(measures: Measures): void;
  /** So many segments were removed; `below` is the first that stays. */
  retired(segments: number, below: number, counters: JournalCounters): void;
  retireFailed(): void;
  poisoned(error: HoldfastError<'POISONED'>): void;
}

/** What was submitted to a journal, in all. */
export interface SubmissionTotals {
  /** Submissions that hold entries and were acknowledged. */
  readonly appends: number;
  readonly entries: number;
  /** Those that were not, because a write or a sync failed. */
  readonly appendsFailed: number;
}

/** A submission that is not durable yet. */
interface OnItsWay {
  readonly entries: number;
  /** When it was submitted, by the wall clock. */
  readonly timeMs: number;
  /** Null once it was acknowledged. */
  readonly answer: unknown;
}

/** What a journal has under way. */
export interface UnderWay {
  /** Entries that are not acknowledged yet. */
  readonly waitingEntries: number;
  /** Entries that are acknowledged and not known to be synced. */
  readonly unsyncedEntries: number;
  /** When the oldest of them was submitted, by the wall clock, in ms; null for none. */
  readonly oldestUnsyncedAtMs: number | null;
}

/** One for each journal. */
export class JournalWatch {
  readonly #observer: JournalObserver | null;
  #counters: JournalCounters;
  #appends = 0;
  #entries = 0;
  #appendsFailed = 0;
  /** Segments that the observer knows to be gone. */
  #retiredSegments = 0;

  constructor(observer: JournalObserver | null, segmentBytes: number) {
    this.#observer = observer;
    const zero = { commits: 0, syncs: 0, bytes: 0, rotations: 0 };
    this.#counters = { ...zero, segments: 1, segmentBytes };
  }

  get isMeasuring(): boolean {
    return this.#observer?.isMeasuring ?? false;
  }

  /** Those of the writer, as they were with its newest answer. */
  get counters(): JournalCounters {
    return this.#counters;
  }

  get totals(): SubmissionTotals {
    const [appends, entries, appendsFailed] = [this.#appends, this.#entries, this.#appendsFailed];
    return { appends, entries, appendsFailed };
  }

  acknowledged(entries: number): void {
    if (entries === 0) return;
    this.#appends += 1;
    this.#entries += entries;
  }

  failed(entries: number): void {
    if (entries > 0) this.#appendsFailed += 1;
  }

  /** The writer told its counters, and what it measured. */
  told(counters: JournalCounters | null, measures: Measures): void {
    this.#counters = counters ?? this.#counters;
    if (measures.commits.length + measures.syncs.length > 0) this.#observer?.measured(measures);
  }

  /** The same, and what became of segments that nobody needs. */
  retired({ below, error, ...told }: Extract<JournalEvent, { kind: 'retired' }>): void {
    this.told(told.counters, told.measures);
    // Every segment but the first one began with a rotation.
    const gone = this.#counters.rotations + 1 - this.#counters.segments;
    const segments = gone - this.#retiredSegments;
    this.#retiredSegments = gone;
    if (segments > 0) this.#observer?.retired(segments, below, this.#counters);
    if (error !== null) this.#observer?.retireFailed();
  }

  poisoned(error: HoldfastError<'POISONED'>): void {
    this.#observer?.poisoned(error);
  }
}

/** What is under way of these, which are in the order of their submission. */
export function underWay(submissions: Iterable<OnItsWay>): UnderWay {
  let [waitingEntries, unsyncedEntries] = [0, 0];
  let oldestUnsyncedAtMs: number | null = null;
  for (const { answer, entries, timeMs } of submissions) {
    if (answer !== null) {
      waitingEntries += entries;
    } else if (entries > 0) {
      unsyncedEntries += entries;
      oldestUnsyncedAtMs ??= timeMs;
    }
  }
  return { waitingEntries, unsyncedEntries, oldestUnsyncedAtMs };
}
