/**
 * One writer that awaits each durable append, in turns with libuv's pool idle and with eight long
 * jobs in it. A writer that needed the pool would wait for a whole job. The jobs take the processors
 * too, which is what is left of the ratio.
 */
import { pbkdf2 } from 'node:crypto';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Settings } from '../arguments.ts';
import { latencyOf } from '../latency.ts';
import { latencyCells, shown } from '../report.ts';
import type { CaseResult } from '../report.ts';

const jobs = 8;
/** About half a second of work on a slow core: far longer than any append. */
const iterations = 400_000;
const appendsIdle = 200;

/** Fills the pool; the function that is given back tells how many jobs are not done yet. */
function fillPool(): () => number {
  let left = jobs;
  for (let job = 0; job < jobs; job += 1) {
    pbkdf2('secret', 'salt', iterations, 32, 'sha256', () => {
      left -= 1;
    });
  }
  return () => left;
}

export async function benchPool(settings: Settings, directory: string): Promise<CaseResult> {
  const store = await Store.open(join(directory, 'pool'));
  const session = await store.createSession();
  const message = { role: 'assistant', content: 'x'.repeat(settings.textBytes) };
  const timed = async (): Promise<number> => {
    const start = performance.now();
    await session.append(message);
    return performance.now() - start;
  };
  await timed();
  const idle: number[] = [];
  const busy: number[] = [];
  const end = performance.now() + settings.seconds * 1000;
  while (performance.now() < end) {
    for (let count = 0; count < appendsIdle; count += 1) idle.push(await timed());
    const left = fillPool();
    while (left() > 0) busy.push(await timed());
  }
  await store.close();
  const [quiet, full] = [latencyOf(idle), latencyOf(busy)];
  return {
    case: 'pool',
    settings: { 'text bytes': settings.textBytes, jobs },
    rows: [
      { pool: 'idle', ...latencyCells(quiet) },
      { pool: `${jobs} pbkdf2 jobs`, ...latencyCells(full) },
    ],
    findings: [
      `with the pool full, a durable append takes ${shown(full.p50Ms / quiet.p50Ms)} times as ` +
        `long at p50, and ${shown(full.p99Ms)} ms at p99`,
    ],
    numbers: { idleP99Ms: quiet.p99Ms, busyP99Ms: full.p99Ms, ratioP50: full.p50Ms / quiet.p50Ms },
  };
}
