/**
 * Thousands of open sessions of one process, each with a few batched messages a second: does the
 * journal stay short, do syncs and open files stay few while everything settles behind their backs?
 */
import * as fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Settings } from '../arguments.ts';
import { latencyOf } from '../latency.ts';
import { latencyCells } from '../report.ts';
import type { CaseResult } from '../report.ts';

const messagesPerSecond = 3;
const sampleMs = 100;
const targets = { segments: 4 };

/**
 * Counts the syncs of this thread, which are those of histories and directories. The module's
 * bindings are live, so the engine, loaded before, sees the functions that count.
 */
function countSyncs(): { count: number } {
  const counter = { count: 0 };
  const counted = createRequire(import.meta.url)('node:fs') as typeof fs;
  for (const name of ['fdatasync', 'fsync'] as const) {
    const original = counted[name];
    Object.assign(counted, {
      [name]: (fd: number, done: fs.NoParamCallback): void => {
        counter.count += 1;
        original(fd, done);
      },
    });
  }
  syncBuiltinESMExports();
  return counter;
}

export async function benchMany(settings: Settings, directory: string): Promise<CaseResult> {
  const counter = countSyncs();
  const count = settings.sessions ?? 2000;
  const store = await Store.open(join(directory, 'many'));
  const sessions = await Promise.all(Array.from({ length: count }, () => store.createSession()));
  const message = { role: 'assistant', content: 'x'.repeat(settings.textBytes) };
  const samples: number[] = [];
  const seen = { segments: 0, descriptors: 0, syncsPerSecond: 0 };
  const begin = performance.now();
  const end = begin + settings.seconds * 1000;
  const atBegin = { journal: store.metrics().counters.syncs, histories: counter.count };
  let last = { ms: begin, syncs: counter.count + store.metrics().counters.syncs };
  const sampling = setInterval(() => {
    const now = performance.now();
    seen.segments = Math.max(seen.segments, store.metrics().gauges.journalSegments);
    seen.descriptors = Math.max(seen.descriptors, fs.readdirSync('/proc/self/fd').length);
    if (now - last.ms < 1000) return;
    const syncs = counter.count + store.metrics().counters.syncs;
    const rate = ((syncs - last.syncs) * 1000) / (now - last.ms);
    seen.syncsPerSecond = Math.max(seen.syncsPerSecond, rate);
    last = { ms: now, syncs };
  }, sampleMs);
  await Promise.all(
    sessions.map(async (session, index) => {
      const pause = 1000 / messagesPerSecond;
      let due = begin + (pause * index) / sessions.length;
      while (due < end) {
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
        await session.append(message, { durability: 'batched' });
        // From when it was due: a queue that builds up is seen.
        samples.push(Math.max(0, performance.now() - due));
        due += pause;
      }
    }),
  );
  clearInterval(sampling);
  const seconds = (performance.now() - begin) / 1000;
  const journalSyncs = (store.metrics().counters.syncs - atBegin.journal) / seconds;
  const historySyncs = (counter.count - atBegin.histories) / seconds;
  const closing = performance.now();
  await store.close();
  const closeSeconds = (performance.now() - closing) / 1000;
  return {
    case: 'many',
    settings: {
      sessions: count,
      'messages/s each': messagesPerSecond,
      'text bytes': settings.textBytes,
    },
    rows: [
      {
        ...latencyCells(latencyOf(samples)),
        'appends/s': Math.round(samples.length / seconds),
        'segments max': seen.segments,
        'open files max': seen.descriptors,
        'journal syncs/s': Math.round(journalSyncs),
        'other syncs/s': Math.round(historySyncs),
        'syncs/s max': Math.round(seen.syncsPerSecond),
      },
    ],
    findings: [
      `the journal had at most ${seen.segments} segments (target: at most ${targets.segments})`,
      `closing took ${closeSeconds.toFixed(1)} s`,
    ],
    numbers: { ...seen, journalSyncs, historySyncs, closeSeconds, appends: samples.length },
  };
}
