/**
 * How fast sessions are settled behind the backs of those who append. Each session costs a few
 * syncs of its history, and while the disk does those an append waits longer for its own. All of
 * them at once, as soon as a segment is full, would be a burst of syncs that ends long before the
 * next segment is full; so the sessions are spread over most of the time that a segment takes to
 * fill. Pure: the caller brings the time.
 */

/**
 * By the number of segments that wait for settling: so many sessions at a time, and the shortest
 * pause behind them. With one segment settling stays out of the way; the more there are, the more
 * of the disk it takes, so that the journal stays short.
 */
const steps = [
  { sessions: 2, pauseMs: 5 },
  { sessions: 16, pauseMs: 1 },
  { sessions: 32, pauseMs: 0 },
] as const;
/** The part of the time of a segment over which its sessions are spread. */
const spread = 0.7;
/** The longest pause: who fills a segment in an hour keeps two of them for some seconds. */
const pauseMsMax = 50;

/** What is settled next, and how long nothing is behind it. */
export interface Step {
  readonly sessions: number;
  readonly pauseMs: number;
}

/** One for each settler. */
export class SettlePace {
  #filledMs: number;
  /** What the last segment took to fill. */
  #fillMs = 0;

  constructor(nowMs: number) {
    this.#filledMs = nowMs;
  }

  /** So many segments became full at this time. */
  filled(segments: number, nowMs: number): void {
    this.#fillMs = (nowMs - this.#filledMs) / segments;
    this.#filledMs = nowMs;
  }

  /** The next step while so many segments wait, with so many sessions that have entries in them. */
  step(waiting: number, ready: number, nowMs: number): Step {
    const at = Math.min(Math.max(waiting, 1), steps.length) - 1;
    const { sessions, pauseMs } = steps[at] ?? steps[0];
    if (at > 0 || ready <= sessions) return { sessions, pauseMs };
    const leftMs = this.#filledMs + spread * this.#fillMs - nowMs;
    const shareMs = leftMs / Math.ceil(ready / sessions);
    return { sessions, pauseMs: Math.min(Math.max(shareMs, pauseMs), pauseMsMax) };
  }
}
