/**
 * Are the syncs of all contestants real? A log that answers before the disk has it would win every
 * other case. Looked at from outside: strace counts the system calls that wait for the disk while
 * one writer awaits a hundred durable appends.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { CaseResult, Row } from '../../report.ts';
import type { Settings } from '../arguments.ts';
import { otherNames } from '../peers/index.ts';
import { seenIn } from '../seen.ts';
import type { Seen } from '../seen.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../programs/appends.js', import.meta.url));
const appendsMost = 100;
/** Short runs, as in the tests, do with fewer: strace makes every call slow. */
const appendsPerSecond = 50;
const waiting = 'fsync,fdatasync,msync,sync_file_range';

/** Counts the syncs of each log. */
export async function compareSyncs(settings: Settings, directory: string): Promise<CaseResult> {
  const appends = Math.min(appendsMost, Math.ceil(settings.seconds * appendsPerSecond));
  const shape = { case: 'syncs', settings: { appends } };
  try {
    await run('strace', ['-V']);
  } catch {
    // Nobody inside a process can tell what a native log asks of the kernel.
    const findings = ['not verified: strace is not here'];
    return { ...shape, rows: [], findings, numbers: {} };
  }
  const rows: Row[] = [];
  const numbers: Record<string, number> = {};
  const lying: string[] = [];
  for (const name of ['holdfast', ...otherNames]) {
    const { syncs, early } = await syncsOf(name, join(directory, name), appends);
    rows.push({ log: name, 'syncs/append': syncs / appends, 'answers without a sync': early });
    numbers[`${name}: syncs`] = syncs;
    numbers[`${name}: answers without a sync`] = early;
    if (early > 0) lying.push(name);
  }
  const findings = [
    lying.length === 0
      ? 'every durable append was answered behind a sync of its own'
      : `NOT DURABLE: ${lying.join(', ')} answered before the sync`,
  ];
  return { ...shape, rows, findings, numbers };
}

async function syncsOf(name: string, directory: string, appends: number): Promise<Seen> {
  mkdirSync(directory);
  const log = `${directory}.strace`;
  const strace = ['-f', '-qq', '-e', `trace=${waiting},write`, '-e', 'signal=none', '-o', log];
  await run('strace', [...strace, process.execPath, program, name, directory, String(appends)]);
  return seenIn(readFileSync(log, 'utf8'));
}
