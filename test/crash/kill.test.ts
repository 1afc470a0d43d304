/**
 * SIGKILL of `holdfast append`, in several processes on one store: every acknowledged message is there,
 * what is there is a prefix of what was sent, and appending goes on.
 *
 * HOLDFAST_KILLS says how many in all, HOLDFAST_DURABILITY which kind alone
 * (`npm run kills -- --program cli --kills 300 --durability durable --seed 1`).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { histogram, runKills } from '../helpers/kill-harness.ts';
import { testSeed } from '../helpers/seed.ts';

const killsInAll = Number(process.env['HOLDFAST_KILLS'] ?? 16);
const seed = testSeed(1e6);
const only = process.env['HOLDFAST_DURABILITY'];
const levels = (['durable', 'batched'] as const).filter((level) => (only ?? level) === level);

/** How many kills of all each kind gets; one that gets none is left out. */
function sharesOf(kills: number): readonly (readonly ['durable' | 'batched', number])[] {
  return levels
    .map((level, index) => [level, Math.ceil((kills - index) / levels.length)] as const)
    .filter(([, share]) => share > 0);
}

describe('holdfast append', () => {
  it('is killed as often in all as was asked for, whatever the kinds', () => {
    for (const kills of [1, 5, 6, 300]) {
      const sum = sharesOf(kills).reduce((all, [, share]) => all + share, 0);
      expect(sum).toBe(kills);
    }
  });

  it.each(sharesOf(killsInAll))(
    'with "%s" loses nothing acknowledged to %i kills',
    async (durability, kills) => {
      const directory = mkdtempSync(join(tmpdir(), 'holdfast-kills-'));
      const root = join(directory, 'store');
      const repeat = `npm run kills -- --program cli --kills ${kills} --durability ${durability} --seed ${seed}`;
      try {
        const done = await runKills({ root, kills, durability, seed, processes: 3 });
        process.stdout.write(`${durability}, seed ${seed}: ${histogram(done)}`);
        expect(done).toHaveLength(kills);
        // What kind of kills they were is chance: it says something only of many.
        if (kills < 100) return;
        const between = done.filter((kill) => kill.moment === 'between first and last');
        expect(between.length).toBeGreaterThanOrEqual(Math.floor((kills * 250) / 300));
        const torn = done.filter((kill) => kill.cutBytes > 0);
        expect(torn.length).toBeGreaterThanOrEqual(kills / 10);
      } catch (error) {
        throw new Error(`Repeat it with: ${repeat}`, { cause: error });
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
    120_000 + killsInAll * 10_000,
  );
});
