/** The distributions that a store records when it was asked to. */
import { Histogram } from '../platform/histogram.ts';
import type { HistogramSummary, MetricsHistograms } from './metrics-api.ts';

/** Parts of a millisecond that are told apart. */
const partsOfMs = 1_000_000;

/** One set for each store that was opened with `histograms`. */
export class Histograms {
  readonly appendMs: Histogram = new Histogram(partsOfMs);
  readonly commitEntries: Histogram = new Histogram(1);
  readonly commitBytes: Histogram = new Histogram(1);
  readonly syncMs: Histogram = new Histogram(partsOfMs);
  readonly settleMs: Histogram = new Histogram(partsOfMs);

  get summaries(): MetricsHistograms {
    return {
      appendMs: summary('ms', this.appendMs),
      commitEntries: summary('entries', this.commitEntries),
      commitBytes: summary('bytes', this.commitBytes),
      syncMs: summary('ms', this.syncMs),
      settleMs: summary('ms', this.settleMs),
    };
  }
}

function summary(unit: HistogramSummary['unit'], { distribution }: Histogram): HistogramSummary {
  return Object.freeze({ unit, ...distribution });
}
