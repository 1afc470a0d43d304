/**
 * Many sessions of one process that each await their durable appends: they share one journal, so one
 * sync should serve many of them.
 */
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Context } from '../context.ts';
import { LatencyHistogram } from '../latency.ts';
import { Meter, costCells, costNumbers } from '../meter.ts';
import { latencyCells, shown } from '../report.ts';
import type { CaseResult } from '../report.ts';

const sessionsDefault = 64;
const syncsPerAppendMax = 0.1;

export async function benchSessions(context: Context): Promise<CaseResult> {
  const { judge, settings } = context;
  const count = settings.sessions ?? sessionsDefault;
  const store = await Store.open(context.path('sessions'));
  const sessions = await Promise.all(Array.from({ length: count }, () => store.createSession()));
  const messages = context.arrivals(1);
  // The first append of a session also attaches it; that is not what is measured.
  await Promise.all(sessions.map((session) => session.append(messages.next().value.message)));
  const times = new LatencyHistogram();
  const commitsBefore = store.metrics().counters.commits;
  const meter = new Meter(store);
  meter.resume();
  const end = performance.now() + settings.seconds * 1000;
  const show = context.progress.measuring(settings.seconds);
  await Promise.all(
    sessions.map(async (session) => {
      while (performance.now() < end) {
        const start = performance.now();
        await session.append(messages.next().value.message);
        times.record(performance.now() - start);
        show();
      }
    }),
  );
  meter.pause();
  const commitsPerAppend = (store.metrics().counters.commits - commitsBefore) / times.count;
  await store.close();
  const holds = count >= sessionsDefault;
  const condition = { words: `with ${sessionsDefault} sessions`, holds };
  const numbers = { ...costNumbers(meter.cost, times.count), commitsPerAppend };
  return {
    case: 'sessions',
    settings: { sessions: count, ...context.told() },
    rows: [{ ...latencyCells(times.latency), 'commits/append': commitsPerAppend }],
    more: [[costCells(meter.cost, times.count)]],
    findings: [
      `${shown(numbers.syncsPerAppend)} syncs per append ` +
        judge.atMost(numbers.syncsPerAppend, syncsPerAppendMax, condition),
    ],
    numbers,
  };
}
