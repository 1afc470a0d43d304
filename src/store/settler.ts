/**
 * Settling in the background: when a segment is full, the sessions that still have entries in the
 * old ones are settled, one after the other and paced, so that no fsync storm reaches those who
 * append. Then the old segments may go. An idle session is settled like any other: nobody keeps a
 * segment alive.
 *
 * A session that cannot be settled (its history does not take anything) must not stop the others:
 * they are settled first and go on, while the segments that it pins stay. Its own appends wait for
 * it, and fail; those of the others only once it pins more than a far higher bound.
 */
import { HoldfastError, errnoOf, isNoRoom, pathOf, roomAdvice } from '../base/errors.ts';
import type { FrameSource } from '../journal/frame-source.ts';
import type { Journal } from '../journal/journal.ts';
import type { Clock } from '../platform/clock.ts';
import { failuresAmong } from './at-once.ts';
import type { SettlingSession } from './session-host.ts';
import { SettlePace } from './settle-pace.ts';

/** From so many sessions on, a segment is read once for all of them. */
const keptFromSessions = 16;
/** How often a waiting append looks whether it may go on. */
const reliefMs = 5;
/** Pause before a session that could not be settled is tried again. */
const retryMs = 1000;
/** How often sessions are looked at while none but such are left. */
const lookMs = 100;
/** Segments of one journal; beyond it appends wait for settling. */
const segmentsMax = 32;
/** The same with those that only sessions hold which cannot be settled. */
const pinnedSegmentsMax = 128;
/** How long settling may get nowhere before an append that waits for it fails with FULL. */
const pressureMsMax = 30_000;
/** Segments of a session that are settled before the first of them are let go. */
const segmentsAtOnce = 4;

/** One settler for each store that is open for writing. */
export class Settler {
  readonly #journal: Journal;
  readonly #source: FrameSource;
  readonly #clock: Clock;
  readonly #sessions: ReadonlySet<SettlingSession>;
  readonly #pace: SettlePace;
  /** Newest segment that an entry was placed in. */
  #active = 1;
  #released = 1;
  /** What could be released if every session could be settled that cannot. */
  #unblocked = 1;
  /** Sessions whose last settling failed, why, and when they are tried again. */
  readonly #stuck = new Map<
    SettlingSession,
    { readonly error: unknown; readonly retryAtMs: number }
  >();
  /** Segments that hold a tombstone whose session is not out of sight yet. */
  readonly #pinned = new Map<number, number>();
  /** Oldest segment that is kept for the next recovery, or null. */
  #kept: number | null = null;
  #running: Promise<void> | null = null;
  #retiring: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  /** When entries reached a history last. */
  #gotOnMs = 0;
  #failure: unknown = null;

  constructor(
    own: { readonly journal: Journal; readonly source: FrameSource },
    clock: Clock,
    sessions: ReadonlySet<SettlingSession>,
  ) {
    this.#journal = own.journal;
    this.#source = own.source;
    this.#clock = clock;
    this.#sessions = sessions;
    this.#pace = new SettlePace(clock.monotonicMs());
  }

  /** An entry was placed in this segment. */
  placed(segment: number): void {
    if (segment <= this.#active) return;
    this.#pace.filled(segment - this.#active, this.#clock.monotonicMs());
    this.#active = segment;
    this.#start();
  }

  /**
   * Entries of some session are in its history now. Told for every group of them, also when a close
   * asked for it: a portion of several segments may take a slow disk longer than any patience.
   */
  gotOn(): void {
    this.#gotOnMs = this.#clock.monotonicMs();
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

  /**
   * Keeps a segment, and those behind it, for the life of the writer: it holds a tombstone that
   * only the next recovery can carry out.
   */
  keep(segment: number): void {
    this.#kept = Math.min(this.#kept ?? segment, segment);
  }

  /** True when the journal must outlive its writer. */
  get hasKept(): boolean {
    return this.#kept !== null;
  }

  /** Lets the journal know which segments nobody needs. */
  release(): void {
    let below = this.#active;
    for (const segment of this.#pinned.keys()) below = Math.min(below, segment);
    // Nothing that is settled lets a kept segment go: appends wait for it at the higher bound only.
    let unblocked = below;
    below = Math.min(below, this.#kept ?? below);
    for (const session of this.#sessions) {
      const oldest = session.oldestSegment ?? this.#active;
      below = Math.min(below, oldest);
      if (!this.#stuck.has(session)) unblocked = Math.min(unblocked, oldest);
    }
    for (const session of this.#stuck.keys()) {
      if (!this.#sessions.has(session)) this.#stuck.delete(session);
    }
    this.#unblocked = Math.max(this.#unblocked, unblocked);
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

  /**
   * True while the journal is over its bound. For a session that cannot be settled all segments
   * count, for the others only what they pin themselves, up to a higher bound.
   */
  isPressed(session: SettlingSession): boolean {
    const pinned = this.#active - this.#released;
    if (pinned < segmentsMax) return false;
    if (this.#active - this.#unblocked >= segmentsMax || pinned >= pinnedSegmentsMax) return true;
    return this.#stuck.has(session);
  }

  /**
   * Settles everything that is durable, now. When one session cannot be settled, the others are,
   * and the first failure is thrown.
   */
  async settleAll(): Promise<void> {
    const errors = await failuresAmong(this.#sessions, (session) => this.#settle(session));
    this.release();
    if (errors.length > 0) throw errors[0];
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#retiring;
  }

  /**
   * Waits until the journal is within its bound for this session. FULL or IO when settling does not
   * get on, however slow the disk is; POISONED when the journal has ended.
   */
  async relief(session: SettlingSession): Promise<void> {
    const beganMs = this.#clock.monotonicMs();
    while (this.isPressed(session)) {
      if (this.#journal.poison !== null) throw this.#journal.poison;
      this.#start();
      // What gets on with others is no comfort to a session that cannot be settled itself.
      const sinceMs = this.#stuck.has(session) ? beganMs : Math.max(beganMs, this.#gotOnMs);
      const isHopeless = this.#clock.monotonicMs() >= sinceMs + pressureMsMax;
      if (isHopeless || this.#stop.signal.aborted) throw this.#unrelieved(session);
      await this.#clock.sleep(reliefMs);
    }
  }

  #unrelieved(session: SettlingSession): HoldfastError {
    const own = this.#stuck.get(session);
    if (own !== undefined && !isFull(own.error)) {
      return new HoldfastError(
        'IO',
        `Cannot append to session ${JSON.stringify(session.id)}: its history takes nothing ` +
          `(${String(own.error)}); mend what is wrong with it, or close the session`,
        { syscall: null, errno: errnoOf(own.error), path: null },
        { cause: own.error },
      );
    }
    const stuck = [...this.#stuck.keys()].map(({ id }) => JSON.stringify(id)).slice(0, 3);
    const of = stuck.length === 0 ? '' : ` of ${stuck.join(', ')}`;
    const [first] = this.#stuck.values();
    const cause = first?.error ?? this.#failure;
    const why = cause instanceof Error ? ` (${String(cause)})` : '';
    const isKept = this.#kept !== null && this.#stuck.size === 0;
    const advice = isKept
      ? 'close the store and open it again, which completes a deletion that failed'
      : `${roomAdvice(cause)} and try again`;
    return new HoldfastError(
      'FULL',
      `Cannot append: the journal holds ${this.#active - this.#released} segments that cannot ` +
        `be settled${of}${why}; ${advice}`,
      { path: pathOf(cause) ?? '', bytesNeeded: null, errno: errnoOf(cause) },
      { cause },
    );
  }

  #start(): void {
    if (this.#running !== null || this.#stop.signal.aborted) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted && this.#journal.poison === null) {
      const { next, ready, segment, pauseMs } = this.#oldest();
      if (next === null) {
        this.#source.forget();
        return this.release();
      }
      if (next.length === 0) {
        // A program that has nothing left to do may end: what is not settled is in the journal.
        await this.#clock.idle(lookMs, this.#stop.signal).catch(() => undefined);
        continue;
      }
      const below = this.#active;
      const isMany = ready >= keptFromSessions;
      // An error of this read is met again, and told, by the session whose frames cannot be read.
      if (isMany) await this.#source.keep(segment, below).catch(() => undefined);
      else this.#source.forget();
      // One session with much to settle lets its segments go one by one meanwhile.
      const portion = segment + segmentsAtOnce < below ? segment + segmentsAtOnce : undefined;
      // Settling that fails loses nothing: the entries stay in the journal, and backpressure tells.
      await Promise.allSettled(
        next.map((session) => this.#settle(session, isMany ? below : portion)),
      );
      this.release();
      // What is left of it in old segments is not durable yet; it becomes so within the ceiling.
      // A program that has nothing left to do may end here as well.
      await this.#clock.idle(pauseMs, this.#stop.signal).catch(() => undefined);
    }
    return undefined;
  }

  async #settle(session: SettlingSession, below?: number): Promise<void> {
    try {
      await session.settle(below);
      this.#stuck.delete(session);
    } catch (error) {
      this.#failure = error;
      this.#stuck.set(session, { error, retryAtMs: this.#clock.monotonicMs() + retryMs });
      throw error;
    }
  }

  /**
   * The sessions with the oldest entries in segments behind the active one that are settled next,
   * how many there are, the oldest segment, and the pause behind them. Null when there are none;
   * empty when all that there are could not be settled a moment ago.
   */
  #oldest(): {
    readonly next: readonly SettlingSession[] | null;
    readonly ready: number;
    readonly segment: number;
    readonly pauseMs: number;
  } {
    const nowMs = this.#clock.monotonicMs();
    const ready: { readonly session: SettlingSession; readonly segment: number }[] = [];
    let isStuck = false;
    for (const session of this.#sessions) {
      const segment = session.oldestSegment;
      if (segment === null || segment >= this.#active) continue;
      if ((this.#stuck.get(session)?.retryAtMs ?? nowMs) > nowMs) isStuck = true;
      else ready.push({ session, segment });
    }
    ready.sort((one, two) => one.segment - two.segment);
    const waiting = this.#active - this.#released;
    const { sessions, pauseMs } = this.#pace.step(waiting, ready.length, nowMs);
    const next = ready.length === 0 && !isStuck ? null : ready.slice(0, sessions);
    return {
      next: next?.map(({ session }) => session) ?? null,
      ready: ready.length,
      segment: ready[0]?.segment ?? this.#active,
      pauseMs,
    };
  }
}

/** The disk is full: freeing some space is what helps. */
function isFull(error: unknown): boolean {
  return isNoRoom(error) || HoldfastError.is(error, 'FULL');
}
