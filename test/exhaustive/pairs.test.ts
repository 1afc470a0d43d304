/**
 * Every two public verbs at the same time, from a start and at an operation that the seed draws.
 * `npm run exhaustive -- --only ' & each'` holds each at all of its operations, from every start.
 */
import { describe, expect, it } from 'vitest';
import { drawnPairs, verbNames, runPair, walkPair } from './pairs.ts';

describe('two verbs at the same time', () => {
  it.each(verbNames)('lose and double nothing, and are refused for a reason: %s', async (name) => {
    let held = 0;
    for (const { pair, first } of drawnPairs(name, 1)) {
      const { isHeld, states } = await runPair(pair, { first, second: null }, { cutsMax: 1 });
      if (isHeld) held += 1;
      expect(states).toBeGreaterThan(3);
    }
    console.log(`${name}: ${held} in the middle of one`);
  });
});

it('walkPair holds a deletion beside the making of its id at every operation', async () => {
  const pair = { first: 'delete t', second: 'create t', start: 'opened again' };
  const counts = await walkPair(pair, { cutsMax: 2, secondsMax: 1 });
  console.log(JSON.stringify(counts));
  expect(counts.heldMax).toBeGreaterThan(10);
});
