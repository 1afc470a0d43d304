/**
 * F49: bytes from anywhere reach every decoder. Each answers with a value that holds what its type
 * says, with null, or with a typed error; it neither crashes nor hangs. F54: what is valid is never
 * refused. A short run; `npm run fuzz` tries millions, guided by the code that they reach.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { BlockCoverage } from '../fuzz/coverage.ts';
import { runRound } from '../fuzz/round.ts';
import type { RoundParts } from '../fuzz/round.ts';
import { must } from '../fuzz/target.ts';
import type { Target } from '../fuzz/target.ts';
import { targets } from '../fuzz/targets.ts';
import { validTargets } from '../fuzz/valid-targets.ts';

const inputs = 20_000;
const seed = 1;
/** No input here needs a millisecond; a machine that is busy with something else may need many. */
const hangsAfterMs = 15_000;

beforeAll(initChecksum);

/** The command that tries an input again. */
function againOf(target: string, bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return `npm run fuzz -- --only ${JSON.stringify(target)} --input ${hex}`;
}

async function fuzz(target: Target): Promise<void> {
  let [beganMs, slowestMs] = [performance.now(), 0];
  const begins = (): void => {
    const nowMs = performance.now();
    slowestMs = Math.max(slowestMs, nowMs - beganMs);
    beganMs = nowMs;
  };
  const own = Math.ceil((inputs * target.share) / 1000);
  const plan = { seed, inputs: own };
  const { violation } = await runRound([target], plan, newParts({ begins }));
  if (violation !== null) {
    const again = againOf(target.name, violation.bytes);
    throw new Error(`Violation; again: ${again}`, { cause: violation.error });
  }
  expect(slowestMs).toBeLessThan(hangsAfterMs);
}

const newParts = (told: Partial<RoundParts> = {}): RoundParts => {
  return { coverage: null, begins: () => undefined, corpus: new Map(), ...told };
};
const isValid = ({ name }: Target): boolean => validTargets.some((one) => one.name === name);

// First, because only functions that were not compiled before are counted.
describe('BlockCoverage', () => {
  it('makes a round go on from inputs that reach new code', async () => {
    const coverage = new BlockCoverage();
    try {
      const commits = targets.filter(({ name }) => name === 'a commit');
      const parts = newParts({ coverage });
      const guided = await runRound(commits, { seed, inputs: 2000 }, parts);
      expect(parts.corpus.get('a commit')).toHaveLength(guided.tally.kept);
      expect(guided.tally.kept).toBeGreaterThan(0);
      expect(coverage.characters).toBeGreaterThan(0);
      coverage.forget();
      expect([coverage.look(), coverage.characters]).toEqual([false, 0]);
    } finally {
      coverage.stop();
    }
  });
});

describe('bytes from anywhere', () => {
  it.each(targets.filter((target) => !isValid(target)))(
    'F49 as $name: a value that holds, or a typed refusal, in time',
    fuzz,
  );

  it('have shares that add up to a thousand', () => {
    expect(targets.reduce((sum, { share }) => sum + share, 0)).toBe(1000);
  });
});

describe('F54 logs with nothing wrong in them', () => {
  it.each(validTargets)('F54 $name is never refused, wherever its batches and segments end', fuzz);
});

/** Fails for a word of four letters, each of which is another branch. */
const letters: Target = {
  name: 'letters',
  share: 1,
  images: () => [new Uint8Array(4)],
  run: (bytes) => {
    const word = Buffer.from(bytes).toString('latin1');
    must(!word.startsWith('H'), 'the first letter');
  },
};

describe('runRound', () => {
  it('is the same again from the same seed, and finds what does not hold', async () => {
    const one = await runRound([letters], { seed: 3, inputs: 20_000 }, newParts());
    const two = await runRound([letters], { seed: 3, inputs: 20_000 }, newParts());
    expect(one.violation?.bytes[0]).toBe(72);
    expect(two).toEqual(one);
    expect(String(one.violation?.error)).toContain('the first letter');
  });
});
