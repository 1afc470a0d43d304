/**
 * One writer that awaits each durable append, in turns with libuv's pool idle and with eight long
 * jobs in it. A writer that needed the pool would wait for a whole job. The jobs take the processors
 * too, which is what is left of the ratio.
 */
import { pbkdf2 } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Context } from '../context.ts';
import { latencyOf } from '../latency.ts';
import { latencyCells, shown } from '../report.ts';
import type { CaseResult } from '../report.ts';
import { roundsMin, spreadNumbers, spreadOf, spreadText } from '../rounds.ts';

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

export async function benchPool(context: Context): Promise<CaseResult> {
  const store = await Store.open(context.path('pool'));
  const session = await store.createSession();
  const messages = context.arrivals(1);
  const timed = async (): Promise<number> => {
    const start = performance.now();
    await session.append(messages.next().value.message);
    return performance.now() - start;
  };
  await timed();
  const idle: number[] = [];
  const busy: number[] = [];
  const ratios: number[] = [];
  const end = performance.now() + context.settings.seconds * 1000;
  const show = context.progress.measuring(context.settings.seconds);
  while (ratios.length < roundsMin || performance.now() < end) {
    show();
    const round = { idle: [] as number[], busy: [] as number[] };
    for (let count = 0; count < appendsIdle; count += 1) round.idle.push(await timed());
    const left = fillPool();
    while (left() > 0) round.busy.push(await timed());
    ratios.push(latencyOf(round.busy).p50Ms / latencyOf(round.idle).p50Ms);
    idle.push(...round.idle);
    busy.push(...round.busy);
  }
  await store.close();
  const [quiet, full] = [latencyOf(idle), latencyOf(busy)];
  const ratio = spreadOf(ratios);
  return {
    case: 'pool',
    settings: { ...context.told(), jobs },
    rows: [
      { pool: 'idle', ...latencyCells(quiet) },
      { pool: `${jobs} pbkdf2 jobs`, ...latencyCells(full) },
    ],
    findings: [
      `with the pool full, a durable append takes ${spreadText(ratio)} times as long at p50, ` +
        `and ${shown(full.p99Ms)} ms at p99`,
    ],
    numbers: {
      idleP99Ms: quiet.p99Ms,
      busyP99Ms: full.p99Ms,
      ...spreadNumbers('ratioP50', ratio),
    },
  };
}
