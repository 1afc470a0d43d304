/**
 * Kills `holdfast append` again and again, in several processes on one store, and holds what is there
 * afterwards against what was sent and what was acknowledged.
 *
 * What a session is sent is a function of seed, session and sequence, so nothing has to be kept to
 * compare it. Whoever starts next may recover the dead writer before this harness does; both ways
 * count, and the session itself tells in its recoveries what was done.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Prng } from '../../src/platform/sim/prng.ts';
import { recover } from '../../src/recovery/recover.ts';
import type { RecoveryReport } from '../../src/recovery/report.ts';
import type { Message } from '../../src/session/message.ts';
import type { Session } from '../../src/store/api.ts';
import { Store } from '../../src/store/store.ts';
import { killInWrite } from './write-watch.ts';

const holdfast = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const recoverProgram = fileURLToPath(new URL('../../dist/cli/recover.js', import.meta.url));

const KiB = 1024;
/** Bytes that are sent and not yet acknowledged, unless one message alone is larger. */
const windowBytesMax = 2 * 1024 * KiB;
const windowLinesMax = 12;
/** Kills of one session before it is looked at as a whole, deleted, and another one begun. */
const killsPerSession = 4;

/** What to do. */
export interface KillPlan {
  readonly root: string;
  readonly kills: number;
  readonly durability: 'durable' | 'batched';
  readonly seed: number;
  readonly processes: number;
}

/** When a kill fell. */
export type Moment = 'before the first answer' | 'between first and last' | 'after the last';

/** One kill, and what it left. */
export interface Kill {
  readonly session: string;
  readonly moment: Moment;
  /** Messages that this process sent, and that were answered. */
  readonly sent: number;
  readonly acknowledged: number;
  /** Messages that were there afterwards without having been answered. */
  readonly unanswered: number;
  /** Bytes of the batch that was being written. */
  readonly cutBytes: number;
  /** True when this harness recovered it, false when a process that started did. */
  readonly recoveredHere: boolean;
}

/** What one of the processes is about to do. */
interface Life {
  readonly session: string;
  /** Messages of the session before this process. */
  readonly base: number;
  /** Answers after which the kill is due, and how long after the last of them. */
  readonly killAfter: number;
  readonly delayMs: number;
  /** The kill waits until the write of a message of MiBs has come so far; null: it does not. */
  readonly depthBytes: number | null;
}

/** Bytes of the messages in whose write a process is killed. */
const largeBytes = 8 * 1024 * KiB;
/** Which messages those are. */
const large = new Map<string, number>();

/** The message at this place; equal for equal seeds. Texts differ in their letters and lengths. */
function messageOf({ root, seed }: KillPlan, session: string, seq: number): Message {
  let hash = seed;
  for (const letter of `${session}/${seq}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 16777619);
  const prng = Prng.fromSeed(hash);
  const kind = prng.below(100);
  const drawn =
    kind < 65
      ? 100 + prng.below(2000)
      : kind < 92
        ? 2 * KiB + prng.below(48 * KiB)
        : 512 * KiB + prng.below(1024 * KiB);
  const bytes = large.get(`${root} ${session}/${seq}`) ?? drawn;
  const text = `${session}/${seq} ${'abcdefghijklmnopqrstuvwxyz'[seq % 26]?.repeat(bytes)}`;
  return { role: seq % 2 === 1 ? 'user' : 'assistant', content: text };
}

/** Carries the plan out. Throws at the first thing that is not as it must be. */
export async function runKills(plan: KillPlan): Promise<readonly Kill[]> {
  // A living writer beside the dying ones: it deletes sessions that have been looked at.
  const living = await Store.open(plan.root);
  const kills: Kill[] = [];
  const begun = { count: 0 };
  const lanes = Array.from({ length: plan.processes }, async (_, lane) => {
    const prng = Prng.fromSeed(plan.seed * 1000 + lane);
    for (let round = 0; begun.count < plan.kills; round += 1) {
      const session = `lane${lane}-${round}`;
      const count = await runSession(plan, session, prng, { begun, kills });
      await finish(plan, living, session, count);
    }
  });
  await Promise.all(lanes);
  await living.close();
  expectEqual((await recover(plan.root, { mode: 'verify' })).verdict, 'clean', 'the store');
  return kills;
}

async function runSession(
  plan: KillPlan,
  session: string,
  prng: Prng,
  all: { readonly begun: { count: number }; readonly kills: Kill[] },
): Promise<number> {
  let base = 0;
  let recoveries = 0;
  for (let turn = 0; turn < killsPerSession && all.begun.count < plan.kills; turn += 1) {
    all.begun.count += 1;
    const killAfter = prng.chance(0.08) ? 0 : 1 + prng.below(16);
    const delayMs = prng.below(killAfter === 0 ? 500 : 12);
    const inWrite = killAfter > 0 && prng.chance(0.6);
    const depthBytes = inWrite ? 4 * KiB + prng.below(1024 * KiB) : null;
    const life = { session, base, killAfter, delayMs, depthBytes };
    let end = await live(plan, life);
    // On a machine that is busy enough, the store is not to be had within the time.
    for (let tries = 1; end === null && tries < 20; tries += 1) end = await live(plan, life);
    if (end === null) throw new Error('The store was locked twenty times in a row');
    const report = await recoverNow(plan, all.kills.length);
    const after = await look(plan, session, { base, recoveries, ...end }, report);
    all.kills.push({ session, ...end, ...after.kill });
    ({ base, recoveries } = after);
  }
  return base;
}

/** Starts a process, feeds it, kills it. Null when it could not start because of a lock. */
async function live(
  plan: KillPlan,
  life: Life,
): Promise<Pick<Kill, 'moment' | 'sent' | 'acknowledged'> | null> {
  // Sequences are then those of the lines that were sent.
  const only = ['--no-checkpoints', '--durability', plan.durability];
  const args = ['append', plan.root, '--session', life.session, ...only];
  const child = spawn(process.execPath, [holdfast, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  // A killed process reads no more; what it had read is told by its answers.
  child.stdin.on('error', () => undefined);
  const sizes: number[] = [];
  const progress = { sent: 0, acknowledged: 0, bytes: 0, hasLarge: false, sizes };
  let killing = Promise.resolve();
  const kill = (): void => {
    killing = killNow(plan, life, child);
  };
  const feed = (): void => feedMore(plan, life, child, progress, kill);
  if (life.killAfter === 0) kill();
  feed();
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  for await (const line of createInterface({ input: child.stdout })) {
    progress.acknowledged += 1;
    const wanted = { line: progress.acknowledged, seq: life.base + progress.acknowledged };
    expectEqual(line, JSON.stringify(wanted), `an answer for ${life.session}`);
    progress.bytes -= progress.sizes.shift() ?? 0;
    if (life.depthBytes === null && progress.acknowledged === life.killAfter) kill();
    feed();
  }
  await killing;
  const [code, signal] = await closed;
  if (code === 30 && progress.acknowledged === 0) return null;
  expectEqual(signal, 'SIGKILL', `the end of the process (${errors.join('')})`);
  const { sent, acknowledged } = progress;
  const moment =
    acknowledged === 0
      ? 'before the first answer'
      : acknowledged < sent
        ? 'between first and last'
        : 'after the last';
  return { moment, sent, acknowledged };
}

async function killNow(
  plan: KillPlan,
  life: Life,
  child: ChildProcessByStdio<Writable, Readable, Readable>,
): Promise<void> {
  const strike = (): boolean => child.kill('SIGKILL');
  if (life.depthBytes === null) await sleep(life.delayMs);
  else {
    const limits = { depthBytes: life.depthBytes, waitMs: 5000 };
    await killInWrite(plan.root, child.pid ?? 0, strike, limits);
  }
  strike();
}

function feedMore(
  plan: KillPlan,
  life: Life,
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  progress: {
    sent: number;
    readonly acknowledged: number;
    bytes: number;
    hasLarge: boolean;
    readonly sizes: number[];
  },
  onLarge: () => void,
): void {
  const isDue = life.depthBytes !== null && progress.acknowledged >= life.killAfter;
  const isNext = isDue && !progress.hasLarge;
  // Nothing else is written when the large one comes.
  if (isNext && progress.sizes.length > 0) return;
  while (progress.sizes.length < windowLinesMax && progress.bytes < windowBytesMax) {
    const seq = life.base + progress.sent + 1;
    if (isNext && !progress.hasLarge) {
      progress.hasLarge = true;
      large.set(`${plan.root} ${life.session}/${seq}`, largeBytes);
      onLarge();
    }
    const line = `${JSON.stringify(messageOf(plan, life.session, seq))}\n`;
    progress.sent += 1;
    progress.bytes += line.length;
    progress.sizes.push(line.length);
    child.stdin.write(line);
  }
}

/** Every tenth time as people do it, the other times in this process. */
async function recoverNow(plan: KillPlan, count: number): Promise<RecoveryReport> {
  if (count % 10 !== 0) return recover(plan.root, { mode: 'run', lockWaitMs: 60_000 });
  const args = [recoverProgram, 'run', plan.root, '--json'];
  for (let tries = 1; ; tries += 1) {
    try {
      const { stdout } = await promisify(execFile)(process.execPath, args, { encoding: 'utf8' });
      return JSON.parse(stdout) as RecoveryReport;
    } catch (error) {
      // A busy machine: whoever starts just now holds the gate for longer than it is waited for.
      if ((error as { readonly code?: unknown }).code !== 30 || tries === 20) throw error;
    }
  }
}

/** Holds what is there against what was sent and answered. */
async function look(
  plan: KillPlan,
  session: string,
  known: {
    readonly base: number;
    readonly recoveries: number;
    readonly sent: number;
    readonly acknowledged: number;
  },
  report: RecoveryReport,
): Promise<{
  readonly base: number;
  readonly recoveries: number;
  readonly kill: Pick<Kill, 'unanswered' | 'cutBytes' | 'recoveredHere'>;
}> {
  const what = `session ${session}`;
  if (!['clean', 'healed'].includes(report.verdict)) {
    throw new Error(`The verdict is ${report.verdict}: ${JSON.stringify(report.findings)}`);
  }
  const told = report.sessions.find(({ id }) => id === session);
  if (told === undefined) {
    // Killed before there was a session.
    expectEqual(known.base + known.acknowledged, 0, `answers for ${what}, which is not there`);
    const kill = { unanswered: 0, cutBytes: 0, recoveredHere: false };
    return { base: 0, recoveries: 0, kill };
  }
  const answered = known.base + known.acknowledged;
  const { lastSeq } = told;
  if (lastSeq < answered) throw new Error(`${what}: ${answered} answered, ${lastSeq} are there`);
  if (lastSeq > known.base + known.sent) throw new Error(`${what} has more than was sent`);
  expectEqual(told.messages, lastSeq, `messages of ${what}`);
  expectEqual(told.lost.length, 0, `lost entries of ${what}`);
  const kept = told.kept.at(-1);
  if (kept !== undefined) expectEqual(kept.to, lastSeq, `the last one kept of ${what}`);
  const doubt = told.inDoubt;
  if (doubt !== null) expectEqual(doubt.from, lastSeq + 1, `the first one in doubt of ${what}`);
  return withReader(plan.root, session, async (reader) => {
    await compare(plan, session, reader, { from: known.base + 1, to: lastSeq });
    const notices = reader.recoveries.slice(known.recoveries);
    const cutBytes = Math.max(0, ...notices.map((notice) => notice.cutBytes));
    const here = told.verdict === 'healed';
    const writer = report.writers.find((one) => one.writer === notices.at(-1)?.writer);
    if (here) expectEqual(writer?.cut.bytes, cutBytes, `bytes cut of ${what}`);
    const { length } = reader.recoveries;
    const kill = { unanswered: lastSeq - answered, cutBytes, recoveredHere: here };
    return { base: lastSeq, recoveries: length, kill };
  });
}

/** The whole session once more, then it goes. */
async function finish(
  plan: KillPlan,
  living: Store,
  session: string,
  count: number,
): Promise<void> {
  if (count === 0) return;
  await withReader(plan.root, session, async (reader) => {
    expectEqual(reader.state.lastSeq, count, `entries of session ${session}`);
    await compare(plan, session, reader, { from: 1, to: count });
  });
  await living.deleteSession(session);
}

async function compare(
  plan: KillPlan,
  session: string,
  reader: Session,
  range: { readonly from: number; readonly to: number },
): Promise<void> {
  let next = range.from;
  for await (const { seq, message } of reader.messages(range)) {
    expectEqual(seq, next, `a sequence of session ${session}`);
    const sent = messageOf(plan, session, seq);
    if (message.role !== sent.role || message.content !== sent.content) {
      throw new Error(`Message ${seq} of session ${session} is not what was sent`);
    }
    next += 1;
  }
  expectEqual(next, range.to + 1, `the end of session ${session}`);
}

async function withReader<T>(
  root: string,
  session: string,
  work: (reader: Session) => Promise<T>,
): Promise<T> {
  const store = await Store.open(root, { mode: 'read' });
  try {
    return await work(await store.openSession(session));
  } finally {
    await store.close();
  }
}

function expectEqual(found: unknown, wanted: unknown, what: string): void {
  if (found === wanted) return;
  const [one, other] = [JSON.stringify(found), JSON.stringify(wanted)];
  throw new Error(`${what}: found ${one}, and it must be ${other}`);
}

/** What the kills were like, for people. */
export function histogram(kills: readonly Kill[]): string {
  const torn = kills.filter((kill) => kill.cutBytes > 0);
  const between = kills.filter((kill) => kill.moment === 'between first and last');
  const count = (from: number, to: number, of: (kill: Kill) => number): number =>
    kills.filter((kill) => of(kill) >= from && of(kill) < to).length;
  const rows = (bounds: readonly number[], of: (kill: Kill) => number): string[] =>
    bounds.map((from, index) => {
      const to = bounds[index + 1] ?? Number.POSITIVE_INFINITY;
      const found = count(from, to, of);
      const width = Math.ceil((found / kills.length) * 60);
      return `  ${String(from).padStart(9)}+ ${String(found).padStart(5)} ${'#'.repeat(width)}`;
    });
  const unanswered = kills.reduce((sum, kill) => sum + kill.unanswered, 0);
  const here = kills.filter((kill) => kill.recoveredHere).length;
  return [
    `${kills.length} kills, ${between.length} between the first and the last answer, ` +
      `${torn.length} left a torn batch; ${unanswered} messages came back unanswered; ` +
      `${here} recovered by recover run, the others by the next start`,
    'messages answered before the kill',
    ...rows([0, 1, 5, 10, 15, 20, 30], (kill) => kill.acknowledged),
    'bytes cut from the torn batch',
    ...rows([0, 1, 4096, 65_536, 1_048_576, 4_194_304], (kill) => kill.cutBytes),
    '',
  ].join('\n');
}
