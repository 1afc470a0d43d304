/**
 * Listing a store of ten thousand sessions: by a store that is open for writing, and by a process that
 * has done nothing else, as `holdfast list` does. The heads come out of the page cache.
 */
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Session } from 'holdfast';
import { measured } from '../children.ts';
import type { Context } from '../context.ts';
import { latencyOf } from '../latency.ts';
import { latencyCells, shown } from '../report.ts';
import type { CaseResult } from '../report.ts';
import { roundsMin, spreadNumbers, spreadOf, spreadText } from '../rounds.ts';
import { timed } from '../timed.ts';

const sessionsDefault = 10_000;
const createdAtOnce = 200;
const msMax = 300;

/** What `programs/list` prints. */
export interface FreshList {
  readonly sessions: number;
  readonly ms: number;
  readonly peakRssMiB: number;
}

export async function benchList(context: Context): Promise<CaseResult> {
  const count = context.settings.sessions ?? sessionsDefault;
  const root = await storeOf(context, count);
  const store = await Store.open(root, { checkpoints: false });
  const warm: number[] = [];
  const end = performance.now() + context.settings.seconds * 1000;
  const show = context.progress.measuring(context.settings.seconds);
  for (let round = 0; round < roundsMin || performance.now() < end; round += 1) {
    show();
    const listing = await timed(() => list(store));
    requireAll(listing.value, count);
    warm.push(listing.ms);
  }
  await store.close();
  const fresh: FreshList[] = [];
  for (let round = 0; round < roundsMin; round += 1) {
    const one = await measured<FreshList>('list', root);
    requireAll(one.sessions, count);
    context.progress.show('listing in fresh processes', round + 1, roundsMin);
    fresh.push(one);
  }
  const times = { warm: spreadOf(warm), fresh: spreadOf(fresh.map(({ ms }) => ms)) };
  const words = `for ${sessionsDefault} sessions`;
  const condition = { words, holds: count === sessionsDefault };
  const memory = spreadOf(fresh.map((one) => one.peakRssMiB));
  return {
    case: 'list',
    settings: { sessions: count },
    rows: [
      { process: 'that has the store open', ...latencyCells(latencyOf(warm)) },
      { process: 'fresh', ...latencyCells(latencyOf(fresh.map(({ ms }) => ms))) },
    ],
    findings: [
      `listing ${count} sessions takes ${spreadText(times.warm)} ms ` +
        context.judge.atMost(times.warm.median, msMax, condition),
      `in a fresh process it takes ${spreadText(times.fresh)} ms ` +
        context.judge.atMost(times.fresh.median, msMax, condition),
      `memory of the fresh process at most ${shown(memory.most)} MiB`,
    ],
    numbers: {
      ...spreadNumbers('ms', times.warm),
      ...spreadNumbers('freshMs', times.fresh),
      freshMiB: memory.most,
    },
  };
}

/** Each with one message, and closed. */
function storeOf(context: Context, count: number): Promise<string> {
  return context.once(`store of ${count} sessions`, async () => {
    const root = context.path('list');
    const store = await Store.open(root, { checkpoints: false });
    const messages = context.arrivals(1, 'chat');
    for (let made = 0; made < count; made += createdAtOnce) {
      const group: Promise<Session>[] = [];
      for (let at = made; at < Math.min(count, made + createdAtOnce); at += 1) {
        group.push(store.createSession({ id: `session-${String(at).padStart(6, '0')}` }));
      }
      const sessions = await Promise.all(group);
      await Promise.all(
        sessions.map(async (session) => {
          await session.append(messages.next().value.message, { durability: 'batched' });
          await session.close();
        }),
      );
      context.progress.show('creating sessions', made, count);
    }
    await store.close();
    context.progress.clear();
    return root;
  });
}

async function list(store: Store): Promise<number> {
  let count = 0;
  for await (const summary of store.sessions()) count += summary.messages > 0 ? 1 : 0;
  return count;
}

function requireAll(found: number, count: number): void {
  if (found !== count) throw new Error(`${found} of ${count} sessions were listed`);
}
