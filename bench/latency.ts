/** Latencies, and what is told of them. */
import { createHistogram } from 'node:perf_hooks';

/** Distribution of one kind of operation, in milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** Quantiles of samples that are few enough to be kept as they are, some 100 000. */
export function latencyOf(samplesMs: readonly number[]): Latency {
  const sorted = samplesMs.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return {
    count: sorted.length,
    p50Ms: at(0.5),
    p90Ms: at(0.9),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
    maxMs: at(1),
  };
}

const nsPerMs = 1e6;

/** Latencies without end in bounded memory, to three digits; times are kept in nanoseconds. */
export class LatencyHistogram {
  readonly #histogram = createHistogram({ figures: 3 });

  record(ms: number): void {
    this.#histogram.record(Math.max(1, Math.round(ms * nsPerMs)));
  }

  /** Takes in what another one has recorded. */
  add(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram);
  }

  reset(): void {
    this.#histogram.reset();
  }

  get count(): number {
    return this.#histogram.count;
  }

  get latency(): Latency {
    const { count, max } = this.#histogram;
    const at = (percent: number): number =>
      count === 0 ? Number.NaN : this.#histogram.percentile(percent) / nsPerMs;
    return {
      count,
      p50Ms: at(50),
      p90Ms: at(90),
      p99Ms: at(99),
      p999Ms: at(99.9),
      maxMs: count === 0 ? Number.NaN : max / nsPerMs,
    };
  }
}
