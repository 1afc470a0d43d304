/**
 * A distribution of what was measured, in constant memory: percentiles hold to a thousandth of
 * their value, count, minimum, maximum and mean are exact.
 */
import { createHistogram } from 'node:perf_hooks';
import type { RecordableHistogram } from 'node:perf_hooks';

/** What a distribution looks like; all 0 while nothing was recorded. */
export interface Distribution {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What the machine's histogram takes at most: 2^42, which is more than an hour in ns. */
const highest = 2 ** 42;

/** A distribution that grows. */
export class Histogram {
  readonly #steps: RecordableHistogram;
  /** Steps of the machine's histogram, which takes whole numbers from 1 on, for 1 of a value. */
  readonly #stepsOfOne: number;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** Values are told apart down to one part in so many of 1. */
  constructor(partsOfOne: number) {
    this.#stepsOfOne = partsOfOne;
    this.#steps = createHistogram({ lowest: 1, highest, figures: 3 });
  }

  /** Takes in a value of 0 or more, and nothing else. Never throws: journals call it. */
  record(value: number): void {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) return;
    this.#count += 1;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    // One higher, because 0 is a value here.
    this.#steps.record(Math.min(Math.round(value * this.#stepsOfOne) + 1, highest));
  }

  /** As it is now. */
  get distribution(): Distribution {
    if (this.#count === 0) {
      return { count: 0, min: 0, mean: 0, p50: 0, p90: 0, p99: 0, p999: 0, max: 0 };
    }
    return {
      count: this.#count,
      min: this.#min,
      mean: this.#sum / this.#count,
      p50: this.#percentile(50),
      p90: this.#percentile(90),
      p99: this.#percentile(99),
      p999: this.#percentile(99.9),
      max: this.#max,
    };
  }

  /** Within what was recorded: the machine's histogram gives the upper end of a step. */
  #percentile(percent: number): number {
    const value = (this.#steps.percentile(percent) - 1) / this.#stepsOfOne;
    return Math.max(this.#min, Math.min(this.#max, value));
  }
}
