/**
 * A long run by its seconds, tens of seconds and minutes: does anything grow? Each window has the
 * quantiles of its own answers, and the most that was seen of everything else.
 */
import { LatencyHistogram } from './latency.ts';
import type { Row } from './report.ts';

/** What is read once a second; counts are since the second before. */
export interface Look {
  readonly elapsedMs: number;
  readonly rssMiB: number;
  readonly segments: number;
  readonly journalSyncs: number;
  readonly otherSyncs: number;
  readonly settles: number;
}

/** A second, ten of them, or a minute. */
export interface Window {
  /** When it ended, in seconds since the run began. */
  readonly endSeconds: number;
  readonly seconds: number;
  readonly answers: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly rssMiB: number;
  readonly segments: number;
  readonly journalSyncsPerSecond: number;
  readonly otherSyncsPerSecond: number;
  readonly settlesPerSecond: number;
}

/** Gathers the windows of one length. */
class Gatherer {
  readonly windows: Window[] = [];
  readonly #lengthMs: number;
  readonly #times = new LatencyHistogram();
  #looks: Look[] = [];
  #endMs = 0;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  add(times: LatencyHistogram, look: Look): void {
    this.#times.add(times);
    this.#looks.push(look);
    // A second is told a little late; it still belongs to the window that it fills.
    const filledMs = this.#looks.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0);
    if (filledMs > this.#lengthMs - look.elapsedMs / 2) this.end();
  }

  /** Ends the window, however full it is. */
  end(): void {
    const looks = this.#looks;
    if (looks.length === 0) return;
    const sum = (of: (look: Look) => number): number =>
      looks.reduce((all, one) => all + of(one), 0);
    const most = (of: (look: Look) => number): number => Math.max(...looks.map(of));
    const seconds = sum(({ elapsedMs }) => elapsedMs) / 1000;
    this.#endMs += seconds * 1000;
    const { count, p50Ms, p99Ms, maxMs } = this.#times.latency;
    this.windows.push({
      endSeconds: this.#endMs / 1000,
      seconds,
      answers: count,
      p50Ms,
      p99Ms,
      maxMs,
      rssMiB: most(({ rssMiB }) => rssMiB),
      segments: most(({ segments }) => segments),
      journalSyncsPerSecond: sum(({ journalSyncs }) => journalSyncs) / seconds,
      otherSyncsPerSecond: sum(({ otherSyncs }) => otherSyncs) / seconds,
      settlesPerSecond: sum(({ settles }) => settles) / seconds,
    });
    this.#looks = [];
    this.#times.reset();
  }
}

/** All windows of a run, and the quantiles of the whole. */
export class Windows {
  readonly total = new LatencyHistogram();
  readonly #second = new LatencyHistogram();
  readonly #all = {
    seconds: new Gatherer(1000),
    tens: new Gatherer(10_000),
    minutes: new Gatherer(60_000),
  };

  answer(latencyMs: number): void {
    this.#second.record(latencyMs);
  }

  /** A second is over. */
  look(look: Look): void {
    for (const gatherer of Object.values(this.#all)) gatherer.add(this.#second, look);
    this.total.add(this.#second);
    this.#second.reset();
  }

  /** The run is over: also windows that are not full count. */
  end(): {
    readonly seconds: readonly Window[];
    readonly tens: readonly Window[];
    readonly minutes: readonly Window[];
  } {
    for (const gatherer of Object.values(this.#all)) gatherer.end();
    const { seconds, tens, minutes } = this.#all;
    return { seconds: seconds.windows, tens: tens.windows, minutes: minutes.windows };
  }
}

/** A window as a line of the table. */
export function windowCells(window: Window): Row {
  return {
    'until s': Math.round(window.endSeconds),
    answers: window.answers,
    'answers/s': Math.round(window.answers / window.seconds),
    'p50 ms': window.p50Ms,
    'p99 ms': window.p99Ms,
    'max ms': window.maxMs,
    'RSS MiB': window.rssMiB,
    segments: window.segments,
    'journal syncs/s': window.journalSyncsPerSecond,
    'other syncs/s': window.otherSyncsPerSecond,
    'settles/s': window.settlesPerSecond,
  };
}
