/**
 * Walks the small histories, races and pairs of calls that its parent, `scripts/exhaustive.mjs`, tells it of, one after
 * the other, and tells the counts.
 */
import { initChecksum } from '../../src/format/checksum.ts';
import { histories } from './histories.ts';
import { pairRoundNames, walkPairRound } from './pairs.ts';
import type { PairBounds } from './pairs.ts';
import { race, raceNames } from './races.ts';
import type { RaceBounds } from './races.ts';
import { walk } from './walk.ts';
import type { Bounds } from './walk.ts';

/** What a parent asks for. */
export interface Errand {
  readonly kind: 'history' | 'race' | 'pairs';
  readonly name: string;
  readonly bounds: Bounds & RaceBounds & PairBounds;
}

/** What it is told. */
export interface Outcome {
  readonly errand: Errand;
  readonly counts: object | null;
  readonly violation: string | null;
}

/** Everything that can be asked for. */
export const errandNames: readonly (readonly [Errand['kind'], string])[] = [
  ...Object.keys(histories).map((name) => ['history', name] as const),
  ...raceNames.map((name) => ['race', name] as const),
  ...pairRoundNames.map((name) => ['pairs', name] as const),
];

async function run({ kind, name, bounds }: Errand): Promise<object> {
  if (kind === 'race') return race(name, bounds);
  if (kind === 'pairs') return walkPairRound(name, bounds);
  const history = histories[name];
  if (history === undefined) throw new Error(`No history ${name}`);
  return walk(name, history, bounds);
}

async function outcomeOf(errand: Errand): Promise<Outcome> {
  try {
    return { errand, counts: await run(errand), violation: null };
  } catch (error) {
    return { errand, counts: null, violation: textOf(error) };
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${textOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

await initChecksum();
process.on('message', (errand: Errand) => {
  outcomeOf(errand).then(
    (outcome) => process.send?.(outcome),
    () => process.exit(70),
  );
});
process.send?.({ names: errandNames });
