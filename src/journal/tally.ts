/**
 * What a journal writer counts, always, and measures, while its owner wants that. It is told with
 * the answers that are sent anyway, so measuring adds no message. The numbers come from the thread
 * that writes and syncs: neither a busy event loop nor the way of an answer is in them.
 */
import type { Clock } from '../platform/clock.ts';
import { noMeasures } from './journal-protocol.ts';
import type { CommitMeasure, JournalCounters, Measures, SyncMeasure } from './journal-protocol.ts';
import type { Submission } from './submission.ts';

/** The counts of one journal writer. */
export class Tally {
  /** Whether commits and syncs are measured. */
  isMeasuring = false;
  readonly #clock: Clock;
  #commits = 0;
  #syncs = 0;
  #bytes = 0;
  #rotations = 0;
  /** Bytes of the segments that are there, by number; not of one that is only prepared. */
  readonly #segments = new Map<number, number>();
  #segmentBytes = 0;
  /** Entries written, and those of them that are synced. */
  readonly #entries = { written: 0, synced: 0 };
  #measured: { readonly commits: CommitMeasure[]; readonly syncs: SyncMeasure[] } | null = null;

  constructor(clock: Clock, first: { readonly number: number; readonly bytes: number }) {
    this.#clock = clock;
    this.#add(first);
  }

  get counters(): JournalCounters {
    return {
      commits: this.#commits,
      syncs: this.#syncs,
      bytes: this.#bytes,
      rotations: this.#rotations,
      segments: this.#segments.size,
      segmentBytes: this.#segmentBytes,
    };
  }

  /** Where a measure begins; null while nobody wants any. */
  begin(): number | null {
    return this.isMeasuring ? this.#clock.monotonicMs() : null;
  }

  /** How long it took; null for what was not measured from its begin. */
  since(beganMs: number | null): number | null {
    return beganMs === null ? null : this.#clock.monotonicMs() - beganMs;
  }

  /** Bytes were written. */
  wrote(bytes: number): void {
    this.#bytes += bytes;
  }

  /** A batch was written. */
  committed(
    batch: readonly Submission[],
    to: { readonly segment: number; readonly bytes: number },
    durationMs: number | null,
  ): void {
    let entries = 0;
    for (const submission of batch) entries += submission.entries;
    this.#commits += 1;
    this.#entries.written += entries;
    if (durationMs !== null) this.#list().commits.push({ entries, ...to, durationMs });
  }

  /** Entries that a sync that begins now covers. */
  get written(): number {
    return this.#entries.written;
  }

  /** A sync that covered so many entries has returned. */
  synced(written: number, durationMs: number | null): void {
    const entries = Math.max(0, written - this.#entries.synced);
    this.#syncs += 1;
    this.#entries.synced += entries;
    if (durationMs !== null) this.#list().syncs.push({ entries, durationMs });
  }

  /** Writing went on in this segment. */
  rotated(next: { readonly number: number; readonly bytes: number }): void {
    this.#rotations += 1;
    this.#add(next);
  }

  /** A segment is gone. */
  removed(segment: number): void {
    this.#segmentBytes -= this.#segments.get(segment) ?? 0;
    this.#segments.delete(segment);
  }

  /** Hands over what was measured, once. */
  take(): Measures {
    if (this.#measured === null) return noMeasures;
    const measured = this.#measured;
    this.#measured = null;
    return measured;
  }

  #add({ number, bytes }: { readonly number: number; readonly bytes: number }): void {
    this.#segments.set(number, bytes);
    this.#segmentBytes += bytes;
  }

  #list(): { readonly commits: CommitMeasure[]; readonly syncs: SyncMeasure[] } {
    this.#measured ??= { commits: [], syncs: [] };
    return this.#measured;
  }
}
