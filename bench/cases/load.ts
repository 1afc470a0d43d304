/**
 * Appends at a given rate over many sessions, whatever the store does: latency from when each was
 * meant to come, and over time the memory, the segments of the journal and the syncs, while everything
 * settles behind their backs. `many` is the same with thousands of sessions of a few batched
 * messages a second each.
 */
import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Durability, Session } from 'holdfast';
import type { Context } from '../context.ts';
import { rssMiB } from '../memory.ts';
import { Meter, costCells, costNumbers } from '../meter.ts';
import { openLoop } from '../open-loop.ts';
import type { OpenLoopResult } from '../open-loop.ts';
import { Random } from '../random.ts';
import { latencyCells, shown } from '../report.ts';
import type { CaseResult, Series } from '../report.ts';
import { steadinessFindings, steadinessOf, stormOf, targets } from '../steadiness.ts';
import { countSyncs } from '../sync-counter.ts';
import type { Judge } from '../verdict.ts';
import { Windows, windowCells } from '../windows.ts';
import type { Look, Window } from '../windows.ts';
import type { WorkloadName } from '../workloads.ts';

interface Preset {
  readonly name: string;
  readonly sessions: number;
  readonly rate: number;
  readonly durability: Durability;
  readonly workload: WorkloadName;
}

export function benchLoad(context: Context): Promise<CaseResult> {
  const preset = { sessions: 200, rate: 5000, durability: 'durable', workload: 'chat' } as const;
  return load(context, { name: 'load', ...preset });
}

export function benchMany(context: Context): Promise<CaseResult> {
  const preset = { sessions: 2000, rate: 6000, durability: 'batched', workload: 'fixed' } as const;
  return load(context, { name: 'many', ...preset });
}

async function load(context: Context, preset: Preset): Promise<CaseResult> {
  const { settings } = context;
  const count = settings.sessions ?? preset.sessions;
  const rate = settings.rate ?? preset.rate;
  const durability = settings.durability ?? preset.durability;
  const store = await Store.open(context.path(preset.name));
  const sessions = await made(context, store, count);
  const messages = context.arrivals(count, preset.workload);
  const windows = new Windows();
  const look = looks(store);
  let descriptors = 0;
  const meter = new Meter(store);
  meter.resume();
  const run = await openLoop({
    ratePerSecond: rate,
    seconds: settings.seconds,
    random: new Random(settings.seed),
    send: async () => {
      const { session, message } = messages.next().value;
      await sessions[session]?.append(message, { durability });
    },
    onAnswer: (latencyMs) => windows.answer(latencyMs),
    onSecond: ({ elapsedMs }) => {
      windows.look({ elapsedMs, ...look() });
      descriptors = Math.max(descriptors, openFiles());
      context.progress.show(
        `${preset.name}, appending`,
        windows.total.count,
        rate * settings.seconds,
      );
    },
  });
  meter.pause();
  const closing = performance.now();
  await store.close();
  const closeSeconds = (performance.now() - closing) / 1000;
  const told = { sessions: count, 'rate/s': rate, seconds: settings.seconds, durability };
  return {
    case: preset.name,
    settings: { ...told, ...context.told(preset.workload) },
    ...result(windows, { run, meter, rate, descriptors, closeSeconds, judge: context.judge }),
  };
}

async function made(context: Context, store: Store, count: number): Promise<readonly Session[]> {
  const sessions: Session[] = [];
  const atOnce = 100;
  while (sessions.length < count) {
    const next = Math.min(atOnce, count - sessions.length);
    sessions.push(
      ...(await Promise.all(Array.from({ length: next }, () => store.createSession()))),
    );
    context.progress.show('creating sessions', sessions.length, count);
  }
  return sessions;
}

/** Reads everything that grows or should not; syncs and settles since the last look. */
function looks(store: Store): () => Omit<Look, 'elapsedMs'> {
  const others = countSyncs();
  const read = (): { journal: number; other: number; settles: number } => {
    const { syncs, settles } = store.metrics().counters;
    return { journal: syncs, other: others.count, settles };
  };
  let last = read();
  return () => {
    const now = read();
    const look = {
      rssMiB: rssMiB(),
      segments: store.metrics().gauges.journalSegments,
      journalSyncs: now.journal - last.journal,
      otherSyncs: now.other - last.other,
      settles: now.settles - last.settles,
    };
    last = now;
    return look;
  };
}

/** Not a number where the system does not show them. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    // Only Linux has this directory.
    return Number.NaN;
  }
}

function result(
  windows: Windows,
  facts: {
    readonly run: OpenLoopResult;
    readonly meter: Meter;
    readonly rate: number;
    readonly descriptors: number;
    readonly closeSeconds: number;
    readonly judge: Judge;
  },
): Omit<CaseResult, 'case' | 'settings'> {
  const { run, descriptors, closeSeconds } = facts;
  const { cost } = facts.meter;
  const { seconds, tens, minutes } = windows.end();
  const { latency } = windows.total;
  const kept = latency.count / run.seconds / facts.rate;
  const [steadiness, storm] = [steadinessOf(minutes), stormOf(seconds)];
  return {
    rows: [
      { latency: 'from when it was meant to come', ...latencyCells(latency) },
      { latency: 'of that, lateness of the driver', ...latencyCells(run.lag) },
    ],
    more: [
      [costCells(cost, latency.count)],
      (minutes.length > 1 ? minutes : tens).map(windowCells),
    ],
    data: {
      seconds: seconds.map(windowCells),
      tens: tens.map(windowCells),
      minutes: minutes.map(windowCells),
    },
    series: plots(minutes.length > 1 ? tens : seconds, minutes[1]),
    findings: [
      `answered ${shown(kept * 100)} % of the rate; at most ${run.inFlightMax} unanswered at once` +
        (run.dropped === 0
          ? ''
          : `; ${run.dropped} were not sent, because too many were unanswered`),
      ...steadinessFindings({ seconds, minutes }, facts.judge),
      `at most ${descriptors} open files; closing took ${closeSeconds.toFixed(1)} s`,
    ],
    numbers: {
      ...costNumbers(cost, latency.count),
      p50Ms: latency.p50Ms,
      p90Ms: latency.p90Ms,
      p99Ms: latency.p99Ms,
      p999Ms: latency.p999Ms,
      maxMs: latency.maxMs,
      lagP99Ms: run.lag.p99Ms,
      arrivals: run.arrivals,
      dropped: run.dropped,
      inFlightMax: run.inFlightMax,
      segments: Math.max(0, ...seconds.map((one) => one.segments)),
      descriptors,
      closeSeconds,
      ...steadiness,
      ...(storm === null
        ? {}
        : { stormP99Ratio: storm.p99Ratio, stormSyncsPerSecond: storm.syncsPerSecondMax }),
    },
  };
}

/** The second minute is what later ones are compared with. */
function plots(windows: readonly Window[], second: Window | undefined): readonly Series[] {
  const plot = (
    name: string,
    unit: string,
    value: (window: Window) => number,
    atMost = Number.NaN,
  ): Series => {
    const points = windows.map((window) => [window.endSeconds, value(window)] as const);
    const series = { name, unit, over: 's', points };
    return Number.isFinite(atMost) ? { ...series, atMost } : series;
  };
  const [p99, rss] = [targets.p99 * (second?.p99Ms ?? NaN), targets.rss * (second?.rssMiB ?? NaN)];
  return [
    plot('p99', 'ms', ({ p99Ms }) => p99Ms, p99),
    plot('memory', 'MiB', (window) => window.rssMiB, rss),
    plot('segments', '', ({ segments }) => segments, targets.segments),
    plot('journal syncs', '/s', (window) => window.journalSyncsPerSecond),
    plot('other syncs', '/s', (window) => window.otherSyncsPerSecond),
    plot('settles', '/s', (window) => window.settlesPerSecond),
  ];
}
