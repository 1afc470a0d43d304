/**
 * A process that takes histories by their seeds and tells whether every promise was kept:
 * `scripts/repair-plans.mjs` starts as many as it was asked for.
 */
import { runSeed } from './run.ts';
import type { Breadth } from './run.ts';

/** What a parent tells: seeds from the first one on. */
export interface Order {
  readonly seed: number;
  readonly seeds: number;
  readonly breadth: Breadth;
}

process.on('message', ({ seed, seeds, breadth }: Order) => {
  const tally: Record<string, number> = {};
  for (let each = seed; each < seed + seeds; each += 1) {
    const result = runSeed(each, breadth);
    for (const [name, count] of Object.entries(result.tally)) {
      tally[name] = (tally[name] ?? 0) + count;
    }
    if (result.failure === null) continue;
    process.send?.({ seed, tally, failure: result.failure });
    return;
  }
  process.send?.({ seed, tally, failure: null });
});
