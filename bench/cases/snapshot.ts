/**
 * What it costs to take a snapshot, by the length of the session: it is one small entry, so it should
 * not follow the length. Each is durable when it is taken.
 */
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Session } from 'holdfast';
import { medians, ratioOfEnds } from '../by-length.ts';
import type { Context } from '../context.ts';
import { longId, longSessions } from '../data.ts';
import { latencyOf } from '../latency.ts';
import { latencyCells } from '../report.ts';
import type { CaseResult } from '../report.ts';
import { roundsMin, spreadNumbers, spreadText } from '../rounds.ts';
import { timed } from '../timed.ts';

const ratioMax = 2;
/** The first few are slower: nothing is compiled then. */
const warmupRounds = 20;

interface Figures {
  readonly length: number;
  readonly session: Session;
  readonly takeMs: number[];
  readonly bytes: number[];
}

export async function benchSnapshot(context: Context): Promise<CaseResult> {
  const { root, lengths } = await longSessions(context);
  const store = await Store.open(root, { checkpoints: false });
  const all: Figures[] = [];
  for (const length of lengths) {
    const session = await store.openSession(longId(length));
    all.push({ length, session, takeMs: [], bytes: [] });
  }
  for (let round = 0; round < warmupRounds; round += 1) {
    for (const { session } of all) await session.snapshots.take({ action: 'warm-up' });
  }
  const end = performance.now() + context.settings.seconds * 1000;
  const show = context.progress.measuring(context.settings.seconds);
  for (let round = 0; round < roundsMin || performance.now() < end; round += 1) {
    show();
    for (const one of all) await measure(store, one);
  }
  await store.close();
  const ratio = ratioOfEnds(all, ({ takeMs }) => takeMs);
  return {
    case: 'snapshot',
    settings: { ...context.told(), rounds: ratio.rounds },
    rows: all.map(({ length, takeMs, bytes }) => ({
      messages: length,
      ...latencyCells(latencyOf(takeMs)),
      'journal bytes': latencyOf(bytes).p50Ms,
    })),
    series: [medians('snapshot p50', all, { of: ({ takeMs }) => takeMs, ratioMax })],
    findings: [
      `a snapshot of the longest takes ${spreadText(ratio)} times that of the shortest ` +
        context.judge.atMost(ratio.median, ratioMax),
    ],
    numbers: spreadNumbers('snapshotRatio', ratio),
  };
}

async function measure(store: Store, into: Figures): Promise<void> {
  const before = store.metrics().counters.bytes;
  const taking = await timed(() => into.session.snapshots.take({ action: 'bench' }));
  into.takeMs.push(taking.ms);
  into.bytes.push(store.metrics().counters.bytes - before);
}
