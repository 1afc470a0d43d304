/**
 * SIGKILL of programs that use the library, by the thousand: every acknowledged message is there,
 * nothing else is than what was sent, and the store opens again each time.
 *
 * HOLDFAST_KILLS says how many (`npm run kills -- --kills 10000 --seed 1 --resume FILE`).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Progress } from '../helpers/progress-file.ts';
import { KillStorm } from './kill-storm.ts';
import { testSeed } from '../helpers/seed.ts';

const kills = Number(process.env['HOLDFAST_KILLS'] ?? 18);
const seed = testSeed(1e6);
/** Kills on one store, which has a seed of its own. */
const killsPerSeed = 50;

test(
  `Store loses nothing acknowledged to ${kills} kills`,
  async () => {
    const progress = Progress.open(process.env['HOLDFAST_RESUME'], 'kills', seed);
    const before = progress.sum('kills');
    const began = performance.now();
    while (progress.sum('kills') < kills) {
      const count = Math.min(killsPerSeed, kills - progress.sum('kills'));
      const directory = mkdtempSync(join(tmpdir(), 'holdfast-storm-'));
      try {
        progress.add(await new KillStorm(join(directory, 'store'), progress.nextSeed).run(count));
      } catch (error) {
        const again = `npm run kills -- --kills ${count} --seed ${progress.nextSeed}`;
        throw new Error(`Repeat it with: ${again}; the store is in ${directory}`, { cause: error });
      }
      rmSync(directory, { recursive: true, force: true });
    }
    const done = Math.max(1, progress.sum('kills') - before);
    const each = ((performance.now() - began) / done).toFixed(0);
    process.stdout.write(`From seed ${seed}: ${String(progress)}; ${each} ms a kill\n`);
    expect(progress.sum('kills')).toBe(kills);
    // What is killed is chance, and says something only of many.
    if (kills < 300) return;
    for (const act of ['recovery', 'appends', 'write', 'settling', 'closing', 'deleting']) {
      expect(progress.sum(`during ${act}`), act).toBeGreaterThan(kills / 20);
    }
    expect(progress.sum('in the middle of a write')).toBeGreaterThan(kills / 20);
    expect(progress.sum('torn')).toBeGreaterThan(kills / 500);
  },
  120_000 + kills * 10_000,
);
