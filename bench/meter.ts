/**
 * What a stretch of work costs beside its time: processor of all threads, syncs, bytes, the delay of
 * the event loop, memory. It is paused while something else has its turn.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { IntervalHistogram } from 'node:perf_hooks';
import type { Store } from 'holdfast';
import { forgetPeak, peakRssMiB } from './memory.ts';
import { spreadOf } from './rounds.ts';
import type { Row } from './report.ts';
import { countSyncs } from './sync-counter.ts';

/** A timer is due this often. The histogram has the time between two, and the rest of it is delay. */
const resolutionMs = 1;
const nsPerMs = 1e6;

/** Totals of the work. */
export interface Cost {
  readonly seconds: number;
  /** Of all threads. */
  readonly cpuSeconds: number;
  readonly journalSyncs: number;
  /** Of histories and directories. */
  readonly otherSyncs: number;
  readonly journalBytes: number;
  /** Median of the stretches between pauses. */
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly peakRssMiB: number;
}

interface Reading {
  readonly ms: number;
  readonly cpuUs: number;
  readonly journalSyncs: number;
  readonly otherSyncs: number;
  readonly journalBytes: number;
}

/** Counts from `resume` on, until `pause`. */
export class Meter {
  readonly #store: Store;
  readonly #syncs = countSyncs();
  readonly #stretches: Reading[] = [];
  readonly #delaysMs: { readonly p99: number; readonly max: number }[] = [];
  #running: { readonly from: Reading; readonly delay: IntervalHistogram } | null = null;

  constructor(store: Store) {
    this.#store = store;
    forgetPeak();
  }

  resume(): void {
    // A new one each time: the old one would count the pause as a delay.
    const delay = monitorEventLoopDelay({ resolution: resolutionMs });
    delay.enable();
    this.#running = { from: this.#read(), delay };
  }

  pause(): void {
    if (this.#running === null) return;
    const { from, delay } = this.#running;
    delay.disable();
    this.#running = null;
    const to = this.#read();
    this.#stretches.push({
      ms: to.ms - from.ms,
      cpuUs: to.cpuUs - from.cpuUs,
      journalSyncs: to.journalSyncs - from.journalSyncs,
      otherSyncs: to.otherSyncs - from.otherSyncs,
      journalBytes: to.journalBytes - from.journalBytes,
    });
    const late = (ns: number): number => Math.max(0, ns / nsPerMs - resolutionMs);
    if (delay.count > 0) {
      this.#delaysMs.push({ p99: late(delay.percentile(99)), max: late(delay.max) });
    }
  }

  get cost(): Cost {
    const sum = (of: (one: Reading) => number): number =>
      this.#stretches.reduce((total, one) => total + of(one), 0);
    return {
      seconds: sum(({ ms }) => ms) / 1000,
      cpuSeconds: sum(({ cpuUs }) => cpuUs) / 1e6,
      journalSyncs: sum(({ journalSyncs }) => journalSyncs),
      otherSyncs: sum(({ otherSyncs }) => otherSyncs),
      journalBytes: sum(({ journalBytes }) => journalBytes),
      loopDelayP99Ms: spreadOf(this.#delaysMs.map(({ p99 }) => p99)).median,
      loopDelayMaxMs: spreadOf(this.#delaysMs.map(({ max }) => max)).most,
      peakRssMiB: peakRssMiB(),
    };
  }

  #read(): Reading {
    const { user, system } = process.cpuUsage();
    const counters = this.#store.metrics().counters;
    return {
      ms: performance.now(),
      cpuUs: user + system,
      journalSyncs: counters.syncs,
      otherSyncs: this.#syncs.count,
      journalBytes: counters.bytes,
    };
  }
}

/** The columns of a cost for so many appends. */
export function costCells(cost: Cost, appends: number): Row {
  return {
    'appends/s': Math.round(appends / cost.seconds),
    'syncs/append': cost.journalSyncs / appends,
    'other syncs/append': cost.otherSyncs / appends,
    'bytes/append': Math.round(cost.journalBytes / appends),
    'CPU µs/append': (cost.cpuSeconds * 1e6) / appends,
    'loop delay p99 ms': cost.loopDelayP99Ms,
    'loop delay max ms': cost.loopDelayMaxMs,
    'peak RSS MiB': cost.peakRssMiB,
  };
}

/** The same as numbers, by name. */
export function costNumbers(cost: Cost, appends: number) {
  return {
    appends,
    appendsPerSecond: appends / cost.seconds,
    syncsPerAppend: cost.journalSyncs / appends,
    otherSyncsPerAppend: cost.otherSyncs / appends,
    bytesPerAppend: cost.journalBytes / appends,
    cpuUsPerAppend: (cost.cpuSeconds * 1e6) / appends,
    loopDelayP99Ms: cost.loopDelayP99Ms,
    loopDelayMaxMs: cost.loopDelayMaxMs,
    peakRssMiB: cost.peakRssMiB,
  };
}
