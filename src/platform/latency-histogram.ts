/**
 * How long things took, in a histogram of the machine: any number of samples in a few kilobytes,
 * each told to within a thousandth of its value. Pure of meaning: what was timed is the caller's.
 */
import { createHistogram } from 'node:perf_hooks';

const nsPerMs = 1e6;

/** What is told of many samples, in milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Takes times; tells their distribution, or null when there is none. */
export interface LatencyHistogram {
  readonly record: (ms: number) => void;
  readonly latency: () => Latency | null;
}

/** An empty histogram. A time below a nanosecond counts as one. */
export function latencyHistogram(): LatencyHistogram {
  const histogram = createHistogram();
  return {
    record: (ms) => histogram.record(Math.max(1, Math.round(ms * nsPerMs))),
    latency: () => {
      if (histogram.count === 0) return null;
      const at = (percentile: number): number => histogram.percentile(percentile) / nsPerMs;
      return {
        count: histogram.count,
        p50Ms: at(50),
        p90Ms: at(90),
        p99Ms: at(99),
        maxMs: histogram.max / nsPerMs,
      };
    },
  };
}
