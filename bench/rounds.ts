/**
 * Ratios of things that take turns. One round is one pair, so that whatever else the machine does
 * meets both; the median of the rounds is told, and how far they are apart.
 */
import { shown } from './report.ts';

/** A median of fewer says little. */
export const roundsMin = 5;

/** Rounds of one ratio, or of one time. */
export interface Spread {
  readonly rounds: number;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? at(Math.floor(half)) : (at(half - 1) + at(half)) / 2;
  return { rounds: sorted.length, median, least: at(0), most: at(sorted.length - 1) };
}

/** `1.2 (1.1 to 1.4, 10 rounds)` */
export function spreadText({ median, least, most, rounds }: Spread): string {
  return `${shown(median)} (${shown(least)} to ${shown(most)}, ${rounds} rounds)`;
}

/** Members of `numbers` of a result: the median by the name, and the ends. */
export function spreadNumbers(name: string, spread: Spread): Readonly<Record<string, number>> {
  return {
    [name]: spread.median,
    [`${name}Least`]: spread.least,
    [`${name}Most`]: spread.most,
    [`${name}Rounds`]: spread.rounds,
  };
}
