/**
 * Settling in the background: when a segment is full, the sessions that still have entries in the
 * old ones are settled, one after the other and paced, so that no fsync storm reaches those who
 * append. Then the old segments may go. An idle session is settled like any other: nobody keeps a
 * segment alive.
 */
import { HoldfastError } from '../base/errors.ts';
import type { FrameSource } from '../journal/frame-source.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import type { SessionWriter } from './session-writer.ts';

/** Pause between two sessions. */
const paceMs = 5;
/** Pause after a settling that failed. */
const retryMs = 1000;
/** Segments of one journal; beyond it appends wait for settling. */
const segmentsMax = 32;
/** How long an append waits for settling before it fails with FULL. */
const pressureMsMax = 30_000;

/** One settler for each store that is open for writing. */
export class Settler {
  readonly #journal: Journal;
  readonly #source: FrameSource;
  readonly #clock: Clock;
  readonly #sessions: ReadonlySet<SessionWriter>;
  /** Newest segment that an entry was placed in. */
  #active = 1;
  #released = 1;
  /** Segments that hold a tombstone whose session is not out of sight yet. */
  readonly #pinned = new Map<number, number>();
  #running: Promise<void> | null = null;
  #retiring: Promise<void> = Promise.resolve();
  #stopped = false;
  #failure: unknown = null;

  constructor(
    own: { readonly journal: Journal; readonly source: FrameSource },
    clock: Clock,
    sessions: ReadonlySet<SessionWriter>,
  ) {
    this.#journal = own.journal;
    this.#source = own.source;
    this.#clock = clock;
    this.#sessions = sessions;
  }

  /** An entry was placed in this segment. */
  placed(segment: number): void {
    if (segment <= this.#active) return;
    this.#active = segment;
    this.#start();
  }

  /** Keeps a segment until `unpin`. */
  pin(segment: number): void {
    this.#pinned.set(segment, (this.#pinned.get(segment) ?? 0) + 1);
  }

  unpin(segment: number): void {
    const left = (this.#pinned.get(segment) ?? 1) - 1;
    if (left > 0) this.#pinned.set(segment, left);
    else this.#pinned.delete(segment);
    this.release();
  }

  /** Lets the journal know which segments nobody needs. */
  release(): void {
    let below = this.#active;
    for (const session of this.#sessions) below = Math.min(below, session.oldestSegment ?? below);
    for (const segment of this.#pinned.keys()) below = Math.min(below, segment);
    if (below <= this.#released) return;
    this.#released = below;
    this.#retiring = this.#retire(below);
  }

  async #retire(below: number): Promise<void> {
    try {
      await this.#journal.retire(below);
      await this.#source.release(below);
    } catch (error) {
      // A segment that stays costs room and nothing else; the next release, or recovery, removes
      // it.
      this.#failure = error;
    }
  }

  /** True while the journal is over its bound. */
  get isPressed(): boolean {
    return this.#active - this.#released >= segmentsMax;
  }

  /** Settles everything that is durable, now. Rejects with the first failure. */
  async settleAll(): Promise<void> {
    for (const session of this.#sessions) await session.settle();
    this.release();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#retiring;
  }

  /** Waits until the journal is within its bound. FULL when settling does not get on. */
  async relief(): Promise<void> {
    const endMs = this.#clock.monotonicMs() + pressureMsMax;
    while (this.isPressed) {
      this.#start();
      if (this.#clock.monotonicMs() >= endMs || this.#stopped) {
        throw new HoldfastError(
          'FULL',
          `Cannot append: the journal holds ${segmentsMax} segments that cannot be settled ` +
            `(${String(this.#failure)}); free some space and try again`,
          { path: '', bytesNeeded: null, errno: null },
          { cause: this.#failure },
        );
      }
      await this.#clock.sleep(paceMs);
    }
  }

  #start(): void {
    if (this.#running !== null || this.#stopped) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopped && this.#journal.poison === null) {
      const next = this.#oldest();
      if (next === null) return this.release();
      try {
        await next.settle();
        this.#failure = null;
        this.release();
        // What is left of it in old segments is not durable yet; it becomes so within the ceiling.
        await this.#clock.sleep(paceMs);
      } catch (error) {
        // Settling that fails loses nothing: the entries stay in the journal, and backpressure
        // tells.
        this.#failure = error;
        await this.#clock.sleep(retryMs);
      }
    }
    return undefined;
  }

  /** The session with the oldest entry in a segment behind the active one. */
  #oldest(): SessionWriter | null {
    let oldest: SessionWriter | null = null;
    let segment = this.#active;
    for (const session of this.#sessions) {
      const own = session.oldestSegment;
      if (own === null || own >= segment) continue;
      segment = own;
      oldest = session;
    }
    return oldest;
  }
}
