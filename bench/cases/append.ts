/**
 * One writer that awaits each durable append, against the least that any log must do: pwrite and
 * fdatasync of as many bytes into space that is there already. The two take turns in short slices,
 * so that whatever else the machine does meets both; a slice of each is a round. Nothing is measured
 * until the compilers of JavaScript have settled, which takes some thousand appends.
 */
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import { slice } from '../closed-loop.ts';
import type { Context } from '../context.ts';
import { latencyOf } from '../latency.ts';
import { Meter, costCells, costNumbers } from '../meter.ts';
import { RawThread } from '../raw-thread.ts';
import { latencyCells, shown } from '../report.ts';
import type { CaseResult } from '../report.ts';
import { roundsMin, spreadNumbers, spreadOf, spreadText } from '../rounds.ts';

const sliceMsMax = 250;
const warmupAppends = 8000;
/** Short runs, as in the tests, do not wait for all of it. */
const warmupPartMax = 0.5;
const rawFileBytes = 16 * 1024 * 1024;
const targets = { ratio: 1.25, loopDelayP99Ms: 2 };

export async function benchAppend(context: Context): Promise<CaseResult> {
  const { judge, progress, settings } = context;
  const { seconds } = settings;
  const store = await Store.open(context.path('append'));
  const session = await store.createSession();
  const messages = context.arrivals(1);
  const append = (): Promise<unknown> => session.append(messages.next().value.message);
  const warmupMs = seconds * 1000 * warmupPartMax;
  const bytes = await bytesPerAppend(store, append, warmupMs, (done) => {
    progress.show('warming up', done, warmupAppends);
  });
  const raw = await RawThread.start(context.path('raw'), bytes, rawFileBytes);
  const samples = { holdfast: [] as number[], raw: [] as number[] };
  const rounds = Math.max(roundsMin, Math.round((seconds * 1000) / (2 * sliceMsMax)));
  const sliceMs = Math.min(sliceMsMax, (seconds * 1000) / (2 * rounds));
  const meter = new Meter(store);
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    progress.show('measuring', round, rounds);
    meter.resume();
    const ours = await slice('holdfast', sliceMs, append);
    meter.pause();
    const least = await raw.slice(sliceMs);
    samples.holdfast.push(...ours);
    samples.raw.push(...least);
    ratios.push(latencyOf(ours).p50Ms / latencyOf(least).p50Ms);
  }
  await raw.stop();
  await store.close();
  const { cost } = meter;
  const [holdfast, least] = [latencyOf(samples.holdfast), latencyOf(samples.raw)];
  const ratio = spreadOf(ratios);
  return {
    case: 'append',
    settings: { ...context.told(), 'bytes written': bytes, 'slice ms': shown(sliceMs) },
    rows: [
      { writer: 'holdfast, durable', ...latencyCells(holdfast) },
      { writer: 'pwrite + fdatasync', ...latencyCells(least) },
    ],
    more: [[costCells(cost, holdfast.count)]],
    findings: [
      `p50 is ${spreadText(ratio)} times that of the raw loop ` +
        judge.atMost(ratio.median, targets.ratio),
      `p99 of the event loop's delay is ${shown(cost.loopDelayP99Ms)} ms ` +
        judge.atMost(cost.loopDelayP99Ms, targets.loopDelayP99Ms),
    ],
    numbers: {
      ...spreadNumbers('ratioP50', ratio),
      holdfastP50Ms: holdfast.p50Ms,
      rawP50Ms: least.p50Ms,
      bytes,
      ...costNumbers(cost, holdfast.count),
    },
  };
}

/** Also warms everything up. */
async function bytesPerAppend(
  store: Store,
  append: () => Promise<unknown>,
  longestMs: number,
  show: (done: number) => void,
): Promise<number> {
  await append();
  const before = store.metrics().counters.bytes;
  const end = performance.now() + longestMs;
  let count = 0;
  while (count < warmupAppends && (count === 0 || performance.now() < end)) {
    await append();
    count += 1;
    show(count);
  }
  return Math.round((store.metrics().counters.bytes - before) / count);
}
