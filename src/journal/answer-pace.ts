/**
 * How long the journal's thread takes to answer, of late, as its owner sees it. Where that is
 * little, it pays to hand over the first part of many appends while the rest is being encoded: the
 * thread then writes and syncs the one while its owner makes the other, and both are busy all the
 * time. On a slow disk it would only split one sync into two, so there everything waits for the end
 * of the turn.
 */

/** Answers that come sooner are quick: what it takes to encode and write some hundreds. */
const quickMs = 3;
/** How much the newest answer counts. */
const weight = 0.2;

/** The pace of one thread. */
export class AnswerPace {
  #postedMs: number | null = null;
  #averageMs = Number.POSITIVE_INFINITY;

  /** True when answers come fast enough to hand over in parts. */
  get isQuick(): boolean {
    return this.#averageMs < quickMs;
  }

  /** Something was handed over; what is under way already counts from its own time. */
  posted(nowMs: number): void {
    this.#postedMs ??= nowMs;
  }

  /** Something durable was answered. */
  answered(nowMs: number): void {
    if (this.#postedMs === null) return;
    const tookMs = nowMs - this.#postedMs;
    this.#postedMs = null;
    const isFirst = this.#averageMs === Number.POSITIVE_INFINITY;
    this.#averageMs = isFirst ? tookMs : this.#averageMs + weight * (tookMs - this.#averageMs);
  }
}
