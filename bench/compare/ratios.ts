/** What rounds come to: the middle of them, and how far they are apart. */
import { shown } from '../report.ts';
import type { Row } from '../report.ts';

/** Of one number in all rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median, least and most; NaN of nothing. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return {
    median: (lower + upper) / 2,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** One by the other, round for round: what was slow in a round was slow for both. */
export function ratiosOf(above: readonly number[], below: readonly number[]): Spread {
  if (above.length !== below.length) throw new Error('Both must have taken part in every round');
  return spreadOf(above.map((value, round) => value / (below[round] ?? Number.NaN)));
}

/** How many times as fast Holdfast is: the first columns of every row. */
export function fasterCells({ median, min, max }: Spread): Row {
  return { 'holdfast is × as fast': median, from: min, to: max };
}

/** A ratio in a sentence. */
export function toldRatio({ median, min, max }: Spread): string {
  return `${shown(median)} (${shown(min)} to ${shown(max)})`;
}
