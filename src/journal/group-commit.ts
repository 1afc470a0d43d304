/**
 * Group commit as a pure state machine: inputs are submissions and what happened to writes and
 * syncs, outputs are what to do next and whom to answer. No clock, no file: a worker thread,
 * libuv's pool and the simulator drive the same machine.
 *
 * What it keeps:
 * - One write and one sync at a time; batches never overlap.
 * - Submissions are written in the order in which they came.
 * - A durable submission is answered by a sync that began after its write had returned.
 * - A durable submission starts a sync at once; there is no floor on latency. What comes while a
 *   sync runs joins the next batch, without an upper limit of entries.
 * - A batched submission is answered after its write, as long as its stream has at most
 *   `syncEntriesMax` answered but unsynced entries; beyond that it waits for the sync.
 * - A sync begins when `syncEntriesMax` batched entries are unsynced, or when the oldest of them
 *   has waited for nine tenths of `syncDelayMsMax`, whichever is first. The last tenth is for
 *   whatever holds a timer up: the ceiling is a promise, and a timer only ever fires late.
 * - At most `unsyncedBytesMax` are written and unsynced; then writes wait for the sync.
 * - A failed write fails its batch and everything queued behind it in the same streams. Other
 *   streams go on. A failed sync fails everything, for ever.
 */
import { assert } from '../base/assert.ts';
import { batchBytesTarget, batchFramesMax, unsyncedBytesMax } from '../base/quantities.ts';
import type { Submission, Ticket } from './submission.ts';

/** The part of the longest delay after which a sync is due. */
const timelyPart = 0.9;

/** The two ceilings on what is acknowledged and not synced. */
export interface GroupCommitSettings {
  readonly syncDelayMsMax: number;
  readonly syncEntriesMax: number;
}

/** What the driver has to do next. `wait` names the monotonic time at which to ask again. */
export type NextStep =
  | { readonly kind: 'write'; readonly batch: readonly Submission[] }
  | { readonly kind: 'sync' }
  | { readonly kind: 'wait'; readonly untilMs: number | null };

/** The machine. Its contract is the list at the top of this file. */
export class GroupCommit {
  readonly #settings: GroupCommitSettings;
  #waiting: Submission[] = [];
  #writing: readonly Submission[] | null = null;
  /**
   * Written, not yet synced, in order; the first `#syncing` of them are covered by the running
   * sync.
   */
  #written: Submission[] = [];
  #syncing: number | null = null;
  /** Answered before their sync, per stream: what a power cut could take. */
  readonly #exposed = new Map<number, number>();
  readonly #held = new Set<Ticket>();
  #exposedEntries = 0;
  #oldestExposedMs: number | null = null;
  #unsyncedBytes = 0;
  /** Monotonic time at which the running or last sync began. */
  #syncBeganMs = 0;
  #finishing = false;

  constructor(settings: GroupCommitSettings) {
    this.#settings = settings;
  }

  /** Nothing waits, runs, or is unsynced. */
  get idle(): boolean {
    return this.#waiting.length === 0 && this.#writing === null && this.#written.length === 0;
  }

  submit(submission: Submission): void {
    assert(!this.#finishing, 'nothing is submitted after finish');
    this.#waiting.push(submission);
  }

  /** Nothing more comes: what is written is synced without waiting for its delay. */
  finish(): void {
    this.#finishing = true;
  }

  /** Takes a submission back if nothing of it was written; false when it is too late. */
  withdraw(ticket: Ticket): boolean {
    const at = this.#waiting.findIndex((submission) => submission.ticket === ticket);
    if (at === -1) return false;
    this.#waiting.splice(at, 1);
    return true;
  }

  /**
   * What to do now. After `write` or `sync` the driver reports how it ended before the same is
   * given again.
   */
  next(nowMs: number): NextStep {
    if (this.#writing !== null) return { kind: 'wait', untilMs: this.#wakeAt() };
    // A sync that is due is not put off by those who go on writing; else writing first lets it
    // cover more.
    if (this.#isSyncDue(nowMs)) return this.#beginSync(nowMs);
    if (this.#mayWrite()) {
      this.#writing = this.#takeBatch();
      return { kind: 'write', batch: this.#writing };
    }
    if (this.#wantsSync()) return this.#beginSync(nowMs);
    return { kind: 'wait', untilMs: this.#wakeAt() };
  }

  /** The running write returned. The result are the submissions to answer now. */
  wrote(nowMs: number): readonly Submission[] {
    const batch = this.#writing;
    assert(batch !== null, 'a write was running');
    this.#writing = null;
    const answers: Submission[] = [];
    for (const submission of batch) {
      this.#written.push(submission);
      this.#unsyncedBytes += submission.bytes;
      if (submission.durability === 'durable') continue;
      if (this.#oldestExposedMs === null) this.#oldestExposedMs = nowMs;
      this.#exposedEntries += submission.entries;
      const exposed = this.#exposed.get(submission.stream) ?? 0;
      if (exposed + submission.entries > this.#settings.syncEntriesMax) {
        this.#held.add(submission.ticket);
        continue;
      }
      this.#exposed.set(submission.stream, exposed + submission.entries);
      answers.push(submission);
    }
    return answers;
  }

  /** The running sync returned. The result are all submissions that are durable now, in order. */
  synced(): readonly Submission[] {
    assert(this.#syncing !== null, 'a sync was running');
    const durable = this.#written.splice(0, this.#syncing);
    this.#syncing = null;
    for (const submission of durable) this.#forget(submission);
    this.#recount();
    return durable;
  }

  /** A sync outside of `next` (a segment was sealed) made everything durable that was written. */
  syncedAll(): readonly Submission[] {
    assert(this.#syncing === null, 'no other sync is running');
    this.#syncing = this.#written.length;
    return this.synced();
  }

  /** True when this submission was answered before its sync. */
  wasAnswered(submission: Submission): boolean {
    return submission.durability === 'batched' && !this.#held.has(submission.ticket);
  }

  /** The running write failed: the result is everything that fails with it. */
  writeFailed(): readonly Submission[] {
    const batch = this.#writing;
    assert(batch !== null, 'a write was running');
    this.#writing = null;
    const streams = new Set(batch.map((submission) => submission.stream));
    const behind = this.#waiting.filter((submission) => streams.has(submission.stream));
    this.#waiting = this.#waiting.filter((submission) => !streams.has(submission.stream));
    return [...batch, ...behind];
  }

  /**
   * A sync failed: the result is everybody who was not told yet. Nothing is accepted after that.
   */
  poisoned(): readonly Submission[] {
    const untold = this.#written.filter((submission) => !this.wasAnswered(submission));
    const all = [...untold, ...(this.#writing ?? []), ...this.#waiting];
    this.#written = [];
    this.#waiting = [];
    this.#writing = null;
    this.#syncing = null;
    this.#oldestExposedMs = null;
    return all;
  }

  #mayWrite(): boolean {
    const first = this.#waiting[0];
    if (first === undefined) return false;
    if (this.#unsyncedBytes > 0 && this.#unsyncedBytes + first.bytes > unsyncedBytesMax)
      return false;
    // While a sync runs, durable entries gather for the next batch; a batched one need not wait for
    // it.
    if (this.#syncing === null) return true;
    return this.#waiting.some((submission) => submission.durability === 'batched');
  }

  #takeBatch(): readonly Submission[] {
    let bytes = 0;
    let frames = 0;
    let count = 0;
    const bytesMax = Math.min(batchBytesTarget, unsyncedBytesMax - this.#unsyncedBytes);
    for (const submission of this.#waiting) {
      // One more: its stream may have to be introduced in front of it.
      const framesAfter = frames + submission.frames.length + 1;
      const full = bytes + submission.bytes > bytesMax || framesAfter > batchFramesMax;
      if (count > 0 && full) break;
      bytes += submission.bytes;
      frames = framesAfter;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  #beginSync(nowMs: number): NextStep {
    this.#syncing = this.#written.length;
    this.#syncBeganMs = nowMs;
    return { kind: 'sync' };
  }

  /** The ceiling of batched entries is reached, by count or by time. */
  #isSyncDue(nowMs: number): boolean {
    if (this.#syncing !== null || this.#written.length === 0) return false;
    if (this.#exposedEntries >= this.#settings.syncEntriesMax) return true;
    const wakeAt = this.#wakeAt();
    return wakeAt !== null && nowMs >= wakeAt;
  }

  /** Somebody waits for a sync, and there is nothing that could be written first. */
  #wantsSync(): boolean {
    if (this.#syncing !== null || this.#written.length === 0) return false;
    if (this.#written.some((submission) => submission.durability === 'durable')) return true;
    return this.#held.size > 0 || this.#finishing || this.#waiting.length > 0;
  }

  #wakeAt(): number | null {
    if (this.#oldestExposedMs === null || this.#syncing !== null) return null;
    return this.#oldestExposedMs + this.#settings.syncDelayMsMax * timelyPart;
  }

  #forget(submission: Submission): void {
    this.#unsyncedBytes -= submission.bytes;
    if (submission.durability === 'durable') return;
    this.#exposedEntries -= submission.entries;
    if (this.#held.delete(submission.ticket)) return;
    const left = (this.#exposed.get(submission.stream) ?? 0) - submission.entries;
    if (left > 0) this.#exposed.set(submission.stream, left);
    else this.#exposed.delete(submission.stream);
  }

  #recount(): void {
    if (this.#oldestExposedMs === null) return;
    // What is left was written after the sync that just ended had begun.
    const isLeft = this.#written.some((submission) => submission.durability === 'batched');
    this.#oldestExposedMs = isLeft ? Math.max(this.#oldestExposedMs, this.#syncBeganMs) : null;
  }
}
