/**
 * Power cuts of real file systems: while a program works with several sessions of one store, its disk
 * is shut down without a flush. Mounted again, nothing that was acknowledged as durable is missing,
 * nothing else is there than what was sent, and the next process goes on in the same store.
 *
 * HOLDFAST_POWER_CUTS says how many
 * (`npm run power-cuts -- --cuts 500 --file-system xfs --seed 1 --resume FILE`).
 */
import { describe, expect, test } from 'vitest';
import { fileSystems, loopDiskTrouble } from '../helpers/loop-disk.ts';
import { Progress } from '../helpers/progress-file.ts';
import { PowerCuts } from './power-cuts.ts';
import type { CutSums, CutTimes } from './power-cuts.ts';
import { testSeed } from '../helpers/seed.ts';

const cuts = Number(process.env['HOLDFAST_POWER_CUTS'] ?? 5);
const seed = testSeed(1e6);
const only = process.env['HOLDFAST_FILE_SYSTEM'];
/** Cuts of one store, which has a seed of its own. */
const cutsPerSeed = 20;
/** Disks at the same time: one waits while the other works. */
const lanes = 2;

describe.each(fileSystems.filter((kind) => (only ?? kind) === kind))(
  'a power cut of %s',
  (kind) => {
    const trouble = loopDiskTrouble(kind);
    if (trouble !== null) process.stdout.write(`Power cuts of ${kind} did not run: ${trouble}\n`);

    test.skipIf(trouble !== null)(
      `Store keeps all that was durable through ${cuts} power cuts`,
      async () => {
        const path = process.env['HOLDFAST_RESUME'];
        const progress = Progress.open(path, `power cuts of ${kind}`, seed);
        const times: CutTimes = { disk: 0, life: 0, recovery: 0, reading: 0 };
        const began = performance.now();
        const before = progress.sum('cuts');
        const one = async (first: number, count: number): Promise<CutSums> => {
          const again = `--file-system ${kind} --cuts ${count} --seed ${first}`;
          const disk = new PowerCuts(kind, first);
          try {
            return await disk.run(count);
          } catch (error) {
            throw new Error(`Repeat it with: npm run power-cuts -- ${again}`, { cause: error });
          } finally {
            await disk.end();
            for (const name of ['disk', 'life', 'recovery', 'reading'] as const) {
              times[name] += disk.times[name];
            }
          }
        };
        while (progress.sum('cuts') < cuts) {
          const left = cuts - progress.sum('cuts');
          const counts = Array.from({ length: lanes }, (_, lane) =>
            Math.min(cutsPerSeed, left - lane * cutsPerSeed),
          ).filter((count) => count > 0);
          const first = progress.nextSeed;
          const all = await Promise.all(counts.map((count, lane) => one(first + lane, count)));
          for (const sums of all) progress.add(sums);
        }
        const done = progress.sum('cuts') - before;
        const each = (ms: number): string => (ms / Math.max(1, done)).toFixed(0);
        const parts = Object.entries(times).map(([name, ms]) => `${name} ${each(ms)}`);
        process.stdout.write(
          `${kind}, from seed ${seed}: ${String(progress)}; nothing durable is missing; ` +
            `${each(performance.now() - began)} ms a cut (${parts.join(', ')})\n`,
        );
        expect(progress.sum('cuts')).toBe(cuts);
        // What is cut is chance, and says something only of many.
        if (cuts < 200) return;
        for (const name of ['recovery', 'settling', 'closing', 'deleting']) {
          expect(progress.sum(`during ${name}`), name).toBeGreaterThan(cuts / 20);
        }
        expect(progress.sum('torn')).toBeGreaterThan(cuts / 100);
      },
      60_000 + cuts * 10_000,
    );
  },
);
