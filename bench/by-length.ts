/** Something measured in rounds at several lengths: does it follow the length? */
import type { Series } from './report.ts';
import { spreadOf } from './rounds.ts';
import type { Spread } from './rounds.ts';

interface OfLength {
  readonly length: number;
}

/** Of each round, the longest over the shortest. */
export function ratioOfEnds<T extends OfLength>(
  all: readonly T[],
  of: (one: T) => readonly number[],
): Spread {
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) return spreadOf([]);
  const short = of(first);
  return spreadOf(of(last).map((value, round) => value / (short[round] ?? Number.NaN)));
}

/** The medians over the lengths, with how far they may be above that of the shortest. */
export function medians<T extends OfLength>(
  name: string,
  all: readonly T[],
  { of, ratioMax }: { readonly of: (one: T) => readonly number[]; readonly ratioMax: number },
): Series {
  const points = all.map((one) => [one.length, spreadOf(of(one)).median] as const);
  const atMost = ratioMax * (points[0]?.[1] ?? 0);
  return { name, unit: 'ms', over: 'messages', scale: 'logarithmic', points, atMost };
}
