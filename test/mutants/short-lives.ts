/**
 * A short simulation, for the run over mutants: each small history with few crashes, each race with few
 * orders, and short random lives, so that a mutant which no test of a part notices is seen by a store
 * that lives and crashes. It is no `.test.ts`, because `npm test` runs the longer ones.
 */
import { describe, it } from 'vitest';
import { histories } from '../exhaustive/histories.ts';
import { race, raceNames } from '../exhaustive/races.ts';
import { rotAtTheEnd, walk } from '../exhaustive/walk.ts';
import { live } from '../sim/life.ts';

describe('short simulation', () => {
  it.each(Object.entries(histories))('history: %s', async (name, one) => {
    await walk(name, one, { disksMax: 3, cutEvery: 60, cutDisksMax: 1 });
    await rotAtTheEnd(name, one, 20);
  });

  it.each(raceNames)('race: %s', async (name) => {
    await race(name, { switchesMax: 1, ordersMax: 8, crashEvery: 12 });
  });

  it.each([1, 2, 3, 4, 5, 6])('life of seed %i', async (seed) => {
    const { violation } = await live({ seed, steps: 30, skip: new Set() });
    if (violation !== null) throw violation.error;
  });
});
