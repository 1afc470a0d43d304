/**
 * Records the system calls of the real engine on a real file system, as it works with a store: one
 * process after the other, of which all but the last kill themselves in the middle of their work.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
    execFileSync('strace', [...straceOptions('/dev/null', ['fsync']), 'true'], { stdio: 'pipe' });
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

/** What was recorded of a run; two runs of one seed differ, because threads do. */
export interface Recording {
  /** The directory below which the store stood. */
  readonly directory: string;
  /** What strace wrote, of one process each. */
  readonly traces: readonly string[];
}

/** The steps of all processes, in order. */
export function stepsIn({ directory, traces }: Recording): readonly Step[] {
  return traces.flatMap((text, number) => [
    { kind: 'process', number } as const,
    ...stepsOf(parseStrace(text), directory),
  ]);
}

/** Keeps a recording in a file, so that what was found in it can be found again; tells which. */
export function keepRecording(recording: Recording): string {
  const path = join(mkdtempSync(join(tmpdir(), 'holdfast-alice-')), 'recording.json');
  writeFileSync(path, JSON.stringify(recording));
  return path;
}

/** A recording that was kept. */
export function keptRecording(path: string): Recording {
  return JSON.parse(readFileSync(path, 'utf8')) as Recording;
}

/** Runs so many processes, of which each works with what the one before it left. */
export async function record(seed: number, processes = 3): Promise<Recording> {
  const next = chance(seed);
  for (let tries = 1; ; tries += 1) {
    try {
      const recording = await recordOnce(next, processes);
      stepsIn(recording);
      return recording;
    } catch (error) {
      // Now and then strace itself writes a line that is none, where a process was killed inside of it.
      const isUnsure = error instanceof UnsureTrace || /Not a line of strace/.test(String(error));
      if (!isUnsure || tries === 5) throw error;
    }
  }
}

async function recordOnce(next: () => number, processes: number): Promise<Recording> {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-alice-'));
  const parent = join(directory, 'disk');
  mkdirSync(parent);
  try {
    const traces: string[] = [];
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
      traces.push(readFileSync(output, 'utf8'));
    }
    return { directory: parent, traces };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
