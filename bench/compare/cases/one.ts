/**
 * One writer that awaits each durable append: what an agent does between two steps. The raw loop is
 * the least that any log must do for as many bytes. Between two appends the event loop turns once, as
 * it does in a program that has something else to do as well; that is not counted.
 */
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setImmediate as loopTurn } from 'node:timers/promises';
import { latencyOf } from '../../latency.ts';
import type { Latency } from '../../latency.ts';
import { RawThread } from '../../raw-thread.ts';
import { shown } from '../../report.ts';
import type { CaseResult, Row } from '../../report.ts';
import { verdict } from '../../verdict.ts';
import type { Settings } from '../arguments.ts';
import { messageBytes } from '../messages.ts';
import { HoldfastPeer } from '../peers/holdfast.ts';
import { otherNames, others } from '../peers/index.ts';
import type { Peer } from '../peers/peer.ts';
import { fasterCells, ratiosOf, spreadOf, toldRatio } from '../ratios.ts';
import { planOf, planCells, takeTurns } from '../turns.ts';
import type { Contestant, Turns } from '../turns.ts';

const rawRatioMax = 1.25;
const loopDelayP99MsMax = 2;
/** The monitor tells the time from tick to tick, so one tick is no delay. */
const tickMs = 1;
const probeAppends = 200;
const rawFileBytes = 16 * 1024 * 1024;
const rawName = 'pwrite + fdatasync';

interface Slice {
  readonly latency: Latency;
  /** NaN for the raw loop, which has a thread of its own. */
  readonly loopDelayP99Ms: number;
}

/** Median latencies, against each other. */
export async function compareOne(settings: Settings, directory: string): Promise<CaseResult> {
  const holdfast = await HoldfastPeer.open(directory);
  const bytes = await bytesPerAppend(holdfast);
  const raw = await RawThread.start(join(directory, 'raw'), bytes, rawFileBytes);
  const peers = [holdfast, ...otherNames.map((name) => others[name](directory))];
  const contestants = [...peers.map(contestantOf), rawContestant(raw)];
  const plan = planOf(settings.seconds, contestants.length);
  const turns = await takeTurns(contestants, plan);
  await raw.stop();
  for (const peer of peers) await peer.close();
  return {
    case: 'one',
    settings: { 'message bytes': messageBytes, 'bytes written': bytes, ...planCells(plan) },
    ...told(turns),
  };
}

/** What one append writes: what the raw loop has to write as well. */
async function bytesPerAppend(holdfast: HoldfastPeer): Promise<number> {
  await holdfast.append(1);
  const before = holdfast.store.metrics().counters.bytes;
  for (let made = 0; made < probeAppends; made += 1) await holdfast.append(1);
  return Math.round((holdfast.store.metrics().counters.bytes - before) / probeAppends);
}

function contestantOf(peer: Peer): Contestant<Slice> {
  return {
    name: peer.name,
    slice: async (sliceMs) => {
      const samples: number[] = [];
      const delay = monitorEventLoopDelay({ resolution: tickMs });
      delay.enable();
      const end = performance.now() + sliceMs;
      do {
        const begin = performance.now();
        await peer.append(1);
        samples.push(performance.now() - begin);
        await loopTurn();
      } while (performance.now() < end);
      delay.disable();
      const loopDelayP99Ms = Math.max(0, delay.percentile(99) / 1e6 - tickMs);
      return { latency: latencyOf(samples), loopDelayP99Ms };
    },
    rest: async () => peer.rest?.(),
  };
}

function rawContestant(raw: RawThread): Contestant<Slice> {
  return {
    name: rawName,
    slice: async (sliceMs) => {
      return { latency: latencyOf(await raw.slice(sliceMs)), loopDelayP99Ms: Number.NaN };
    },
  };
}

function told(turns: readonly Turns<Slice>[]): Pick<CaseResult, 'rows' | 'findings' | 'numbers'> {
  const own = turns[0]?.results ?? [];
  const ownP50 = own.map(({ latency }) => latency.p50Ms);
  const rows: Row[] = [];
  const numbers: Record<string, number> = {};
  for (const { name, results } of turns) {
    const p50 = results.map(({ latency }) => latency.p50Ms);
    const p99Ms = spreadOf(results.map(({ latency }) => latency.p99Ms)).median;
    const delay = spreadOf(results.map(({ loopDelayP99Ms }) => loopDelayP99Ms)).median;
    const faster = ratiosOf(p50, ownP50);
    rows.push({
      contestant: name,
      ...fasterCells(faster),
      'p50 ms': spreadOf(p50).median,
      'p99 ms': p99Ms,
      'loop delay p99 ms': delay,
      appends: results.reduce((sum, { latency }) => sum + latency.count, 0),
    });
    numbers[`${name}: times as fast`] = faster.median;
    numbers[`${name}: p50 ms`] = spreadOf(p50).median;
    numbers[`${name}: p99 ms`] = p99Ms;
  }
  const raw = turns.at(-1)?.results.map(({ latency }) => latency.p50Ms) ?? [];
  const toRaw = ratiosOf(ownP50, raw);
  const delay = spreadOf(own.map(({ loopDelayP99Ms }) => loopDelayP99Ms)).median;
  const findings = [
    `p50 is ${toldRatio(toRaw)} times that of ${rawName} of as many bytes ` +
      `(target: at most ${rawRatioMax}): ${verdict(toRaw.median <= rawRatioMax)}`,
    `event-loop delay p99 is ${shown(delay)} ms (target: at most ${loopDelayP99MsMax}): ` +
      verdict(delay <= loopDelayP99MsMax),
  ];
  return {
    rows,
    findings,
    numbers: { ...numbers, ratioToRaw: toRaw.median, loopDelayP99Ms: delay },
  };
}
