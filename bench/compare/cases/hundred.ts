/**
 * A hundred appenders at the same time. The raw loop writes and syncs the batches that Holdfast makes
 * of them: their mean, measured before. Who works on in the background is waited for behind each
 * slice; that time is told, and the rate with it counted.
 */
import { join } from 'node:path';
import { RawThread } from '../../raw-thread.ts';
import { shown } from '../../report.ts';
import type { CaseResult, Row } from '../../report.ts';
import { verdict } from '../../verdict.ts';
import { appendFromAll, concurrency } from '../appenders.ts';
import type { Settings } from '../arguments.ts';
import { messageBytes } from '../messages.ts';
import { HoldfastPeer } from '../peers/holdfast.ts';
import { otherNames, others } from '../peers/index.ts';
import type { Peer } from '../peers/peer.ts';
import { fasterCells, ratiosOf, spreadOf, toldRatio } from '../ratios.ts';
import { planCells, planOf, takeTurns } from '../turns.ts';
import type { Contestant, Turns } from '../turns.ts';

const rawFileBytes = 16 * 1024 * 1024;
const rawName = 'pwrite + fdatasync';
const rawShareMin = 0.85;
const fasterMin: Readonly<Record<string, number>> = {
  'better-sqlite3': 3,
  lmdb: 2,
  'classic-level': 4,
};

interface Slice {
  readonly messages: number;
  readonly elapsedMs: number;
  /** Written to the log; only known of Holdfast and of the raw loop. */
  readonly bytes: number;
  readonly syncs: number;
}

/** What Holdfast makes of a hundred appends, on average. */
interface Batches {
  readonly bytesPerMessage: number;
  readonly bytesPerSync: number;
}

/** Throughputs, against each other. */
export async function compareHundred(settings: Settings, directory: string): Promise<CaseResult> {
  const holdfast = await HoldfastPeer.open(directory);
  const peers: readonly Peer[] = [
    await HoldfastPeer.openBare(directory),
    ...otherNames.map((name) => others[name](directory)),
  ];
  const plan = planOf(settings.seconds, peers.length + 2);
  await appendFromAll(holdfast, plan.warmupMs);
  const mean = batchesOf(await holdfastSlice(holdfast, plan.warmupMs));
  await holdfast.rest();
  const raw = await RawThread.start(join(directory, 'raw'), mean.bytesPerSync, rawFileBytes);
  const contestants: readonly Contestant<Slice>[] = [
    {
      name: holdfast.name,
      slice: (sliceMs) => holdfastSlice(holdfast, sliceMs),
      rest: () => holdfast.rest(),
    },
    ...peers.map(contestantOf),
    rawContestant(raw, mean),
  ];
  const turns = await takeTurns(contestants, plan);
  await raw.stop();
  for (const peer of [holdfast, ...peers]) await peer.close();
  return {
    case: 'hundred',
    settings: {
      appenders: concurrency,
      'message bytes': messageBytes,
      'raw bytes': mean.bytesPerSync,
      ...planCells(plan),
    },
    ...told(turns, mean),
  };
}

async function holdfastSlice(holdfast: HoldfastPeer, sliceMs: number): Promise<Slice> {
  const before = holdfast.store.metrics().counters;
  const appended = await appendFromAll(holdfast, sliceMs);
  const { bytes, syncs } = holdfast.store.metrics().counters;
  return { ...appended, bytes: bytes - before.bytes, syncs: syncs - before.syncs };
}

function batchesOf({ messages, bytes, syncs }: Slice): Batches {
  return {
    bytesPerMessage: bytes / messages,
    bytesPerSync: Math.min(rawFileBytes / 2, Math.round(bytes / syncs)),
  };
}

function contestantOf(peer: Peer): Contestant<Slice> {
  return {
    name: peer.group === 1 ? peer.name : `${peer.name}, per ${peer.group}`,
    slice: async (sliceMs) => {
      return { ...(await appendFromAll(peer, sliceMs)), bytes: Number.NaN, syncs: Number.NaN };
    },
    rest: async () => peer.rest?.(),
  };
}

function rawContestant(raw: RawThread, mean: Batches): Contestant<Slice> {
  return {
    name: rawName,
    slice: async (sliceMs) => {
      const samples = await raw.slice(sliceMs);
      const bytes = samples.length * mean.bytesPerSync;
      return {
        messages: bytes / mean.bytesPerMessage,
        elapsedMs: samples.reduce((sum, ms) => sum + ms, 0),
        bytes,
        syncs: samples.length,
      };
    },
  };
}

function ratesOf({ results }: Turns<Slice>, unit: 'messages' | 'bytes'): number[] {
  return results.map((slice) => (slice[unit] * 1000) / slice.elapsedMs);
}

function told(
  turns: readonly Turns<Slice>[],
  mean: Batches,
): Pick<CaseResult, 'rows' | 'findings' | 'numbers'> {
  const [own] = turns;
  const raw = turns.at(-1);
  if (own === undefined || raw === undefined) throw new Error('Nobody took part');
  const rows: Row[] = [];
  const findings: string[] = [];
  const numbers: Record<string, number> = {};
  for (const one of turns) {
    const faster = ratiosOf(ratesOf(own, 'messages'), ratesOf(one, 'messages'));
    const rates = ratesOf(one, 'messages');
    const withRest = one.results.map(({ messages, elapsedMs }, round) => {
      return (messages * 1000) / (elapsedMs + (one.rests[round]?.ms ?? 0));
    });
    rows.push({
      contestant: one.name,
      ...fasterCells(faster),
      'messages/s': Math.round(spreadOf(rates).median),
      'with background work': Math.round(spreadOf(withRest).median),
      'bytes/sync': spreadOf(one.results.map(({ bytes, syncs }) => bytes / syncs)).median,
    });
    numbers[`${one.name}: times as fast`] = faster.median;
    numbers[`${one.name}: messages/s`] = spreadOf(rates).median;
    numbers[`${one.name}: with background work`] = spreadOf(withRest).median;
    const target = fasterMin[one.name.replace(/,.*/, '')];
    if (target === undefined) continue;
    findings.push(
      `${toldRatio(faster)} times as fast as ${one.name} (target: at least ${target}): ` +
        verdict(faster.median >= target),
    );
  }
  const share = ratiosOf(ratesOf(own, 'bytes'), ratesOf(raw, 'bytes'));
  findings.push(
    `${toldRatio(share)} of the bytes/s of ${rawName} in batches of ${shown(mean.bytesPerSync)} ` +
      `bytes (target: at least ${rawShareMin}): ${verdict(share.median >= rawShareMin)}`,
  );
  return { rows, findings, numbers: { ...numbers, shareOfRaw: share.median } };
}
