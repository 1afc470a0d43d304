/**
 * The method of ALICE (Pillai et al., OSDI 2014): the system calls of the real engine on a real file
 * system are recorded, the disks that POSIX allows after a power cut at any moment are built from them,
 * and each is recovered.
 *
 * `npm run alice -- --states 10000 --seed 1 --resume FILE` does many.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { initChecksum } from '../../src/format/checksum.ts';
import { Progress } from '../helpers/progress-file.ts';
import { explore } from './explore.ts';
import { keepRecording, keptRecording, record, stepsIn, straceTrouble } from './record.ts';
import type { Step } from './steps.ts';
import { testSeed } from '../helpers/seed.ts';

const states = Number(process.env['HOLDFAST_STATES'] ?? 60);
const seed = testSeed(1e6);
/** A recording that was kept because of a violation. */
const kept = process.env['HOLDFAST_RECORDING'];
/** States of one recording, which has a seed of its own. */
const statesPerSeed = 250;

const trouble = straceTrouble();
if (trouble !== null) process.stdout.write(`Crash states of real traces did not run: ${trouble}\n`);

/** The trace as if the engine had made no such sync. */
function without(steps: readonly Step[], isLeftOut: (path: string) => boolean): readonly Step[] {
  const paths = new Map<number, string>();
  return steps.filter((step) => {
    if (step.kind === 'open') paths.set(step.fd, step.path);
    if (step.kind !== 'syncing' && step.kind !== 'synced') return true;
    return !isLeftOut(paths.get(step.fd) ?? '');
  });
}

describe.skipIf(trouble !== null)('Store', () => {
  let recorded: readonly Step[];
  beforeAll(async () => {
    await initChecksum();
    recorded = stepsIn(await record(seed, 2));
  });

  it(
    `recovers ${states} disks that a power cut may leave of a recorded run`,
    async () => {
      const progress = Progress.open(process.env['HOLDFAST_RESUME'], 'alice', seed);
      const began = performance.now();
      while (progress.sum('states') < states) {
        const count = Math.min(statesPerSeed, states - progress.sum('states'));
        const recording =
          kept === undefined ? await record(progress.nextSeed) : keptRecording(kept);
        const steps = stepsIn(recording);
        const done = await explore(steps, { states: count, seed: progress.nextSeed });
        if (done.violation !== null) {
          const file = kept ?? keepRecording(recording);
          const settings = `--states ${count} --seed ${progress.nextSeed} --recording ${file}`;
          throw new Error(`${done.violation}; again: npm run alice -- ${settings}`);
        }
        const { distinct } = done;
        progress.add({ recordings: 1, steps: steps.length, states: done.states, distinct });
      }
      const seconds = ((performance.now() - began) / 1000).toFixed(0);
      process.stdout.write(
        `From seed ${seed}, in ${seconds} s: ${String(progress)}; no violation\n`,
      );
    },
    120_000 + states * 1000,
  );

  it.each([
    ['any file', (path: string) => path.includes('.') || path.endsWith('/history')],
    ['any journal', (path: string) => path.includes('.segment')],
    ['any history', (path: string) => path.endsWith('/history')],
    ['any directory', (path: string) => !path.includes('.') && !/history|LOCK|writers/.test(path)],
  ])('would be caught if it synced no longer %s', async (_what, isLeftOut) => {
    const steps = without(recorded, isLeftOut);
    expect(steps.length).toBeLessThan(recorded.length);
    const { violation } = await explore(steps, { states: 300, seed });
    expect(violation, `seed ${seed}`).not.toBeNull();
  });
});
