/**
 * Stores of every situation that a crash, rot or another version can leave, frozen: whatever changes
 * in the code, they open as they did, or are refused with the same words.
 *
 * `npm run golden` makes what is missing and never writes over a store. See
 * scripts/make-golden-stores.mjs.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { observe } from '../helpers/golden/expectation.ts';
import type { Expectation } from '../helpers/golden/expectation.ts';
import { goldenFolder, makeStore, situationNames } from '../helpers/golden/stores.ts';

const task = process.env['HOLDFAST_GOLDEN'] ?? 'test';
const storeFile = (name: string): URL => new URL(`${name}.json`, goldenFolder);
const expectationFile = (name: string): URL => new URL(`${name}.expected.json`, goldenFolder);
const kept = readdirSync(goldenFolder)
  .filter((file) => !file.endsWith('.expected.json'))
  .map((file) => file.slice(0, -'.json'.length));

function expectationOf(name: string): Expectation {
  return JSON.parse(readFileSync(expectationFile(name), 'utf8')) as Expectation;
}

describe('golden stores', () => {
  if (task === 'write') {
    it.each(situationNames)('%s is made when it is not there', async (name) => {
      if (!existsSync(storeFile(name))) writeFileSync(storeFile(name), await makeStore(name));
    });
  }

  if (task === 'write' || task === 'expect') {
    it.each(situationNames)('%s has an expectation', async (name) => {
      if (task === 'write' && existsSync(expectationFile(name))) return;
      const expectation = await observe(readFileSync(storeFile(name), 'utf8'));
      writeFileSync(expectationFile(name), `${JSON.stringify(expectation, null, 1)}\n`);
    });
  }

  if (task === 'check') {
    it.each(situationNames)('%s has the bytes that its steps make today', async (name) => {
      expect((await makeStore(name)) === readFileSync(storeFile(name), 'utf8')).toBe(true);
    });
  }

  if (task === 'test') {
    it('there is one for every situation, and none without', () => {
      expect(kept.toSorted()).toEqual(situationNames.toSorted());
      expect(kept.length).toBeGreaterThan(40);
    });

    it.each(kept)('F51 %s opens as it did, or is refused with the same words', async (name) => {
      const expected = expectationOf(name);
      expect(await observe(readFileSync(storeFile(name), 'utf8'))).toEqual(expected);
    });

    it('the steps of a situation make the same bytes every time', async () => {
      for (const name of situationNames) {
        expect((await makeStore(name)) === (await makeStore(name)), name).toBe(true);
      }
    });
  }
});
