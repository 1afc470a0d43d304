/**
 * Records the system calls of the real engine on a real file system, as it works with a store: one
 * process after the other, of which all but the last kill themselves in the middle of their work.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppenderProcess } from '../crash/appender-process.ts';
import { chance } from '../crash/workload.mjs';
import { parseStrace, straceOptions } from './strace.ts';
import { changingCalls, stepsOf, UnsureTrace } from './steps.ts';
import type { Step } from './steps.ts';

/** Why nothing can be recorded here, or null. */
export function straceTrouble(): string | null {
  if (process.platform !== 'linux') return 'strace is of Linux';
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'pipe' });
    return null;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return isMissing
      ? 'strace is not here (Debian has it in strace)'
      : `strace may not trace here (${String(error).split('\n', 1)[0]})`;
  }
}

/** What each process does more often than all else, in turn. */
const favours = ['closing', 'deleting', 'settling', 'batched', 'appends'] as const;

/** The steps of all processes, in order. */
export async function record(seed: number, processes = 3): Promise<readonly Step[]> {
  const next = chance(seed);
  for (let tries = 1; ; tries += 1) {
    try {
      return await recordOnce(next, processes);
    } catch (error) {
      if (!(error instanceof UnsureTrace) || tries === 5) throw error;
    }
  }
}

async function recordOnce(next: () => number, processes: number): Promise<readonly Step[]> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-alice-'));
  const parent = join(directory, 'disk');
  mkdirSync(parent);
  try {
    const steps: Step[] = [];
    for (let round = 0; round < processes; round += 1) {
      const output = join(directory, `trace-${round}`);
      const dies = round < processes - 1;
      const plan = {
        root: join(parent, 'store'),
        round,
        seed: Math.floor(next() * 2 ** 31),
        favour: favours[Math.floor(next() * favours.length)] ?? 'appends',
        ids: ['ada', 'bea'],
        // Small ones, so that crash states are small and segments come and go.
        segmentBytes: 16_384 << Math.floor(next() * 2),
        acts: dies ? 200 : 20,
        ...(dies ? { dieAfterLines: 8 + Math.floor(next() * 80) } : {}),
      };
      const one = new AppenderProcess(['strace', ...straceOptions(output, changingCalls)]);
      let last = '';
      for await (const line of one.lines(plan)) last = line;
      if (!dies && last !== 'finished') throw new Error(`It ended early: ${one.errors}`);
      steps.push({ kind: 'process', number: round });
      steps.push(...stepsOf(parseStrace(readFileSync(output, 'utf8')), parent));
    }
    return steps;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
