/**
 * Plans for random histories are held to what they promise, for every profile and policy.
 * `npm run repair-plans -- --histories 100000 --jobs 2` runs it for long.
 */
import { expect, test } from 'vitest';
import { runSeed } from './run.ts';
import type { Tally } from './run.ts';

const firstSeed = 1;
const seeds = 2100;
const total: Tally = {};

test('planRepair keeps its promises over random histories, profiles and policies', () => {
  for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
    const { tally, failure } = runSeed(seed, 'one');
    if (failure !== null) throw new Error(`${failure.message}\nAgain: ${failure.again}`);
    for (const [name, count] of Object.entries(tally)) total[name] = (total[name] ?? 0) + count;
  }
  console.log(`seeds ${firstSeed} to ${firstSeed + seeds - 1}: ${JSON.stringify(total)}`);
  expect(total['plans']).toBe(seeds);
  expect(total['accepted'], 'some histories need no plan').toBeGreaterThan(200);
});
