/**
 * How long an acknowledged batched entry stays unsynced, while the program is idle, while its event
 * loop is blocked for 400 ms, and while eight long jobs fill libuv's pool. Seen from outside: strace
 * notes when each sync of the journal began and returned, the program when it was answered.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endWithRun, endedEarly } from '../children.ts';
import type { Ended } from '../children.ts';
import type { Context } from '../context.ts';
import { latencyOf } from '../latency.ts';
import { shown } from '../report.ts';
import type { CaseResult, Row } from '../report.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../programs/batched.js', import.meta.url));
const modes = {
  idle: 'idle',
  blocked: 'event loop blocked 400 ms',
  pool: '8 pbkdf2 jobs in the pool',
} as const;
const secondsPerRound = 0.45;
const delayMsMax = 100;

/** A sync of a journal segment, in seconds since 1970. */
export interface SeenSync {
  readonly beganAt: number;
  readonly endedAt: number;
}

export async function benchBatched(context: Context): Promise<CaseResult> {
  const rounds = Math.max(2, Math.round(context.settings.seconds / secondsPerRound / 3));
  const rows: Row[] = [];
  const numbers: Record<string, number> = {};
  const shape = { case: 'batched', settings: { 'delay ms': delayMsMax, rounds } };
  try {
    await run('strace', ['-V']);
  } catch {
    // Without it nobody can tell from outside when a sync happened, and inside nobody is neutral.
    return { ...shape, rows, numbers, findings: ['not measured: strace is not here'] };
  }
  for (const [at, [mode, name]] of Object.entries(modes).entries()) {
    context.progress.show(`measuring, ${name}`, at, Object.keys(modes).length);
    const { acknowledged, syncs } = await watch(context.path(`batched-${mode}`), mode, rounds);
    const exposures = acknowledged.map((at) => exposureMs(at, syncs));
    const untilBegan = latencyOf(exposures.map((one) => one.untilBeganMs));
    const untilDurable = latencyOf(exposures.map((one) => one.untilDurableMs));
    rows.push({
      while: name,
      entries: acknowledged.length,
      'p50 ms until the sync began': untilBegan.p50Ms,
      'longest ms': untilBegan.maxMs,
      'longest ms until durable': untilDurable.maxMs,
    });
    numbers[`${mode}LongestUntilBeganMs`] = untilBegan.maxMs;
    numbers[`${mode}LongestUntilDurableMs`] = untilDurable.maxMs;
  }
  const longest = (end: string): number => {
    return Math.max(...Object.keys(modes).map((mode) => numbers[`${mode}${end}`] ?? Number.NaN));
  };
  const [began, durable] = [longest('LongestUntilBeganMs'), longest('LongestUntilDurableMs')];
  const findings = [
    `the longest until the sync of an acknowledged entry began: ${shown(began)} ms ` +
      context.judge.atMost(began, delayMsMax),
    `the longest until it was durable: ${shown(durable)} ms`,
  ];
  return { ...shape, rows, numbers, findings };
}

async function watch(
  root: string,
  mode: string,
  rounds: number,
): Promise<{ readonly acknowledged: readonly number[]; readonly syncs: readonly SeenSync[] }> {
  const log = `${root}.strace`;
  const strace = ['-f', '-ttt', '-T', '-y', '-e', 'trace=fdatasync', '-o', log];
  const child = [process.execPath, program, root, mode, String(rounds)];
  const stdout = await traced([...strace, ...child]);
  const syncs = syncsOf(readFileSync(log, 'utf8'));
  return { acknowledged: JSON.parse(stdout) as number[], syncs };
}

/** What the program printed. strace hands the signal that ends it on to the program. */
async function traced(args: readonly string[]): Promise<string> {
  const running = run('strace', args);
  endWithRun(running.child, 'SIGTERM');
  try {
    return (await running).stdout;
  } catch (error) {
    const { code = null, signal = null, stderr = '' } = error as Partial<Ended>;
    throw endedEarly({ code, signal, stderr });
  }
}

/**
 * Syncs of journal segments in the output of `strace -f -ttt -T -y`. A call during which another thread
 * made one is split into two lines; its time stands behind the second.
 */
export function syncsOf(log: string): SeenSync[] {
  const syncs: SeenSync[] = [];
  const unfinished = new Map<string, number>();
  for (const line of log.split('\n')) {
    const [, pid = '', time = '', call = ''] = /^(\d+) +([\d.]+) (.*)$/.exec(line) ?? [];
    const took = Number(/<([\d.]+)>$/.exec(call)?.[1] ?? Number.NaN);
    if (/^fdatasync\(\d+<[^>]*\.segment>/.test(call)) {
      const beganAt = Number(time);
      if (call.includes('<unfinished')) unfinished.set(pid, beganAt);
      else syncs.push({ beganAt, endedAt: beganAt + took });
    } else if (call.startsWith('<... fdatasync resumed')) {
      const beganAt = unfinished.get(pid);
      unfinished.delete(pid);
      if (beganAt !== undefined) syncs.push({ beganAt, endedAt: beganAt + took });
    }
  }
  return syncs;
}

/** From the answer to the first sync that began after the write, which came before the answer. */
function exposureMs(
  at: number,
  syncs: readonly SeenSync[],
): { readonly untilBeganMs: number; readonly untilDurableMs: number } {
  const sync = syncs.find(({ beganAt }) => beganAt >= at);
  if (sync === undefined) throw new Error('An entry was acknowledged and never synced');
  return {
    untilBeganMs: (sync.beganAt - at) * 1000,
    untilDurableMs: (sync.endedAt - at) * 1000,
  };
}
