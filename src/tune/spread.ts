/**
 * Numbers of several rounds, and what may be said of them. A disk that others use as well gives
 * another number every time, so nothing here decides by one: a comparison holds when nearly all
 * rounds agree, as a sign test counts it, and is left open otherwise. Pure.
 */

/** A number that was measured in rounds: their median, and the smallest and largest of them. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

/** Fewer rounds than this decide nothing. */
export const roundsMin = 5;

/** The chance of being wrong that a decision may have: all of five rounds agree, or 7 of 8. */
const chanceMax = 0.036;

/** The middle value; NaN of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

/** What is told of the rounds; null when there was none. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  return {
    median: medianOf(values),
    low: Math.min(...values),
    high: Math.max(...values),
    rounds: values.length,
  };
}

/** Round by round, the one over the other: what slows a round down slows both of it. */
export function ratiosOf(of: readonly number[], over: readonly number[]): readonly number[] {
  const rounds = Math.min(of.length, over.length);
  return Array.from({ length: rounds }, (_, round) => (of[round] ?? 0) / (over[round] ?? 1));
}

/** Whether a ratio is above a bound: `undecided` when the rounds do not agree or are too few. */
export type Answer = 'yes' | 'no' | 'undecided';

/** Whether the ratios of the rounds lie above this bound. */
export function isAbove(ratios: readonly number[], bound: number): Answer {
  if (ratios.length < roundsMin) return 'undecided';
  const above = ratios.filter((ratio) => ratio > bound).length;
  const below = ratios.length - above;
  if (tailChance(ratios.length, below) <= chanceMax) return 'yes';
  return tailChance(ratios.length, above) <= chanceMax ? 'no' : 'undecided';
}

/** The chance that a fair coin shows so few heads, or fewer, in so many throws. */
function tailChance(throws: number, heads: number): number {
  let [ways, sum] = [1, 0];
  for (let count = 0; count <= heads; count += 1) {
    sum += ways;
    ways = (ways * (throws - count)) / (count + 1);
  }
  return sum / 2 ** throws;
}
