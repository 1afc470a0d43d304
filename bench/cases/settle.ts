/**
 * How fast the journal's bytes go into the histories: read back, written, synced, read again and
 * vouched for. Each round fills a part of one segment, so that nothing settles by itself, and then
 * has all of it settled at once.
 */
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Session } from 'holdfast';
import type { Context } from '../context.ts';
import { fill } from '../data.ts';
import { shown } from '../report.ts';
import type { CaseResult } from '../report.ts';
import { roundsMin, spreadNumbers, spreadOf, spreadText } from '../rounds.ts';
import { countSyncs } from '../sync-counter.ts';
import { timed } from '../timed.ts';

const mebi = 1024 * 1024;
const bytesDefault = 8 * mebi;
/** What is in the journal of a store must not reach its second segment. */
const segmentBytes = 16 * mebi;
const bytesMax = 12 * mebi;
const sessionsDefault = 64;

interface Round {
  readonly ms: number;
  readonly cpuMs: number;
  readonly bytes: number;
  readonly entries: number;
  readonly syncs: number;
}

export async function benchSettle(context: Context): Promise<CaseResult> {
  const bytes = Math.min(bytesMax, context.settings.bytes ?? bytesDefault);
  const count = context.settings.sessions ?? sessionsDefault;
  const rounds: Round[] = [];
  const end = performance.now() + context.settings.seconds * 1000;
  const show = context.progress.measuring(context.settings.seconds);
  while (rounds.length < roundsMin || performance.now() < end) {
    show();
    rounds.push(await measure(context, { bytes, count, round: rounds.length }));
  }
  const spread = (of: (round: Round) => number) => spreadOf(rounds.map(of));
  const speed = spread((one) => (one.bytes / mebi) * (1000 / one.ms));
  const [ms, cpuUs] = [spread((one) => one.ms), spread((one) => (one.cpuMs * 1000) / one.entries)];
  const syncs = spread((one) => one.syncs / count);
  return {
    case: 'settle',
    settings: { ...context.told(), bytes, sessions: count },
    rows: [
      {
        rounds: rounds.length,
        entries: rounds[0]?.entries ?? 0,
        'MiB/s': speed.median,
        'p50 ms': ms.median,
        'CPU µs/entry': cpuUs.median,
        'syncs/session': syncs.median,
      },
    ],
    findings: [
      `settling moves ${spreadText(speed)} MiB/s and takes ${spreadText(cpuUs)} µs of processor an ` +
        `entry, with ${shown(syncs.median)} syncs a session`,
    ],
    numbers: {
      ...spreadNumbers('mibPerSecond', speed),
      ...spreadNumbers('cpuUsPerEntry', cpuUs),
      syncsPerSession: syncs.median,
      entries: rounds[0]?.entries ?? 0,
    },
  };
}

/** A store of its own, so that every round begins with an empty first segment. */
async function measure(
  context: Context,
  how: { readonly bytes: number; readonly count: number; readonly round: number },
): Promise<Round> {
  const root = context.path(`settle-${how.round}`);
  const store = await Store.open(root, { checkpoints: false, segmentBytes });
  const create = (): Promise<Session> => store.createSession();
  const sessions = await Promise.all(Array.from({ length: how.count }, create));
  const before = store.metrics().counters.bytes;
  const messages = context.arrivals(how.count);
  const entries = await fill(store, sessions, messages, (_count, bytes) => bytes >= how.bytes);
  await Promise.all(sessions.map((session) => session.flush()));
  const bytes = store.metrics().counters.bytes - before;
  const syncs = countSyncs();
  const syncsBefore = syncs.count;
  const settling = await timed(() => store.settle());
  const round = { ms: settling.ms, cpuMs: settling.cpuMs, syncs: syncs.count - syncsBefore };
  await store.close();
  return { ...round, bytes, entries };
}
