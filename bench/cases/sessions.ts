/**
 * Many sessions of one process that each await their durable appends: they share one journal, so one
 * sync should serve many of them.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Settings } from '../arguments.ts';
import { latencyOf } from '../latency.ts';
import { latencyCells, shown } from '../report.ts';
import type { CaseResult } from '../report.ts';

const syncsPerAppendMax = 0.1;

export async function benchSessions(settings: Settings, directory: string): Promise<CaseResult> {
  const count = settings.sessions ?? 64;
  const store = await Store.open(join(directory, 'sessions'));
  const sessions = await Promise.all(Array.from({ length: count }, () => store.createSession()));
  const message = { role: 'assistant', content: 'x'.repeat(settings.textBytes) };
  // The first append of a session also attaches it; that is not what is measured.
  await Promise.all(sessions.map((session) => session.append(message)));
  const before = store.metrics().counters;
  const samples: number[] = [];
  const begin = performance.now();
  const end = begin + settings.seconds * 1000;
  await Promise.all(
    sessions.map(async (session) => {
      while (performance.now() < end) {
        const start = performance.now();
        await session.append(message);
        samples.push(performance.now() - start);
      }
    }),
  );
  const seconds = (performance.now() - begin) / 1000;
  const { syncs, commits } = store.metrics().counters;
  await store.close();
  const syncsPerAppend = (syncs - before.syncs) / samples.length;
  const commitsPerAppend = (commits - before.commits) / samples.length;
  return {
    case: 'sessions',
    settings: { sessions: count, 'text bytes': settings.textBytes },
    rows: [
      {
        ...latencyCells(latencyOf(samples)),
        'appends/s': Math.round(samples.length / seconds),
        'syncs/append': syncsPerAppend,
        'commits/append': commitsPerAppend,
      },
    ],
    findings: [
      `${shown(syncsPerAppend)} syncs per append (target: at most ${syncsPerAppendMax} with 64)`,
    ],
    numbers: { syncsPerAppend, commitsPerAppend, appendsPerSecond: samples.length / seconds },
  };
}
