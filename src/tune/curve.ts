/**
 * Curves that rise and then hardly rise any more, and where that begins: the knee. A lucky point
 * must not decide where a curve is flat, so points are compared round by round, and a knee of which
 * the rounds are not sure says so. Pure.
 */
import { isAbove, ratiosOf, roundsMin, spreadOf } from './spread.ts';
import type { Spread } from './spread.ts';

/** A setting, and what was measured there. */
export interface Point {
  readonly at: number;
  readonly value: Spread;
}

/** Points in ascending order of `at`, and the knee among them. */
export interface Curve {
  readonly points: readonly Point[];
  readonly knee: Knee | null;
}

/** Where a curve stops paying. */
export interface Knee {
  readonly at: number;
  /** The part of what the last point has that is reached here. */
  readonly share: number;
  /** `unsure`: whether a later point is clearly better the rounds do not agree. */
  readonly certainty: 'sure' | 'unsure';
  /** `beyond`: the curve still rises at its last point, so that the true knee lies behind it. */
  readonly place: 'inside' | 'beyond';
}

/** Being this near to the best of the curve is as good: a step that is worth less is not taken. */
export const kneeShare = 0.85;

/**
 * Values as a curve that never falls: neighbours that fall are replaced by their mean (pool
 * adjacent violators), which is the rising curve that lies nearest to all points.
 */
export function rising(values: readonly number[]): readonly number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const value of values) {
    let pool = { sum: value, count: 1 };
    for (;;) {
      const before = pools.at(-1);
      if (before === undefined || before.sum / before.count <= pool.sum / pool.count) break;
      pools.pop();
      pool = { sum: before.sum + pool.sum, count: before.count + pool.count };
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
}

/** Values of a setting in ascending order, and for each what was measured, round by round. */
export interface Series {
  readonly values: readonly number[];
  readonly rounds: readonly (readonly number[])[];
}

/**
 * The first point behind which none is clearly better; more is better. Null of fewer than three
 * points or of too few rounds.
 */
export function kneeOf({ values, rounds }: Series): Knee | null {
  const fewest = Math.min(...values.map((_, at) => rounds[at]?.length ?? 0));
  if (values.length < 3 || fewest < roundsMin) return null;
  const gains = (from: number, to: number) =>
    isAbove(ratiosOf(rounds[to] ?? [], rounds[from] ?? []), 1 / kneeShare);
  const later = values.map((_, from) => {
    return values.flatMap((__, to) => (to > from ? [gains(from, to)] : []));
  });
  const index = later.findIndex((answers) => !answers.includes('yes'));
  const medians = rising(pointsOf({ values, rounds }).map(({ value }) => value.median));
  const last = values.length - 1;
  return {
    at: values[index] ?? 0,
    share: (medians[index] ?? 0) / (medians[last] ?? 1),
    certainty: later[index]?.includes('undecided') ? 'unsure' : 'sure',
    place: gains(last - 1, last) === 'yes' ? 'beyond' : 'inside',
  };
}

/** Points of what was measured at each value; none where no round counts. */
export function pointsOf({ values, rounds }: Series): readonly Point[] {
  return values.flatMap((at, index) => {
    const value = spreadOf(rounds[index] ?? []);
    return value === null ? [] : [{ at, value }];
  });
}

/** The curve of a series, with its knee. */
export function curveOf(series: Series): Curve {
  return { points: pointsOf(series), knee: kneeOf(series) };
}
