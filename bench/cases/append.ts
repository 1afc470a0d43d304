/**
 * One writer that awaits each durable append, against the least that any log must do: pwrite and
 * fdatasync of as many bytes into space that is there already. The two take turns in short slices,
 * so that whatever else the machine does meets both. Nothing is measured until the compilers of
 * JavaScript have settled, which takes some thousand appends.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Session } from 'holdfast';
import { Bench } from 'tinybench';
import type { Settings } from '../arguments.ts';
import { latencyOf } from '../latency.ts';
import { RawThread } from '../raw-thread.ts';
import { latencyCells, shown } from '../report.ts';
import type { CaseResult } from '../report.ts';

const sliceMs = 250;
const warmupAppends = 8000;
/** Short runs, as in the tests, do not wait for all of it. */
const warmupPartMax = 0.5;
const rawFileBytes = 16 * 1024 * 1024;
const ratioMax = 2;

export async function benchAppend(settings: Settings, directory: string): Promise<CaseResult> {
  const store = await Store.open(join(directory, 'append'));
  const session = await store.createSession();
  const message = { role: 'assistant', content: 'x'.repeat(settings.textBytes) };
  const warmupMs = settings.seconds * 1000 * warmupPartMax;
  const bytes = await bytesPerAppend(store, session, message, warmupMs);
  const raw = await RawThread.start(join(directory, 'raw'), bytes, rawFileBytes);
  const samples = { holdfast: [] as number[], raw: [] as number[] };
  const turns = Math.max(1, Math.round((settings.seconds * 1000) / (2 * sliceMs)));
  const slice = Math.min(sliceMs, settings.seconds * 500);
  for (let turn = 0; turn < turns; turn += 1) {
    const bench = new Bench({ time: slice, warmup: false, retainSamples: true, iterations: 1 });
    bench.add('holdfast', () => session.append(message), { async: true });
    const [task] = await bench.run();
    if (task?.result.state !== 'completed') throw new Error('A slice of appends failed');
    samples.holdfast.push(...(task.result.latency.samples ?? []));
    samples.raw.push(...(await raw.slice(slice)));
  }
  await raw.stop();
  await store.close();
  const holdfast = latencyOf(samples.holdfast);
  const least = latencyOf(samples.raw);
  const ratio = holdfast.p50Ms / least.p50Ms;
  return {
    case: 'append',
    settings: { 'text bytes': settings.textBytes, 'bytes written': bytes, 'slice ms': slice },
    rows: [
      { writer: 'holdfast, durable', ...latencyCells(holdfast) },
      { writer: 'pwrite + fdatasync', ...latencyCells(least) },
    ],
    findings: [`p50 is ${shown(ratio)} times that of the raw loop (target: at most ${ratioMax})`],
    numbers: { ratioP50: ratio, holdfastP50Ms: holdfast.p50Ms, rawP50Ms: least.p50Ms, bytes },
  };
}

/** Also warms everything up. */
async function bytesPerAppend(
  store: Store,
  session: Session,
  message: Parameters<Session['append']>[0],
  longestMs: number,
): Promise<number> {
  await session.append(message);
  const before = store.metrics().counters.bytes;
  const end = performance.now() + longestMs;
  let count = 0;
  while (count < warmupAppends && (count === 0 || performance.now() < end)) {
    await session.append(message);
    count += 1;
  }
  return Math.round((store.metrics().counters.bytes - before) / count);
}
