/**
 * Processor time of a durable append while a hundred wait, over all threads, against the least that
 * a program can do with a message: JSON.stringify and one write, without any sync. classic-level is
 * left out, because its compaction goes on while others have their turn.
 */
import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import type { CaseResult, Row } from '../../report.ts';
import { verdict } from '../../verdict.ts';
import { appendFromAll, concurrency } from '../appenders.ts';
import type { Settings } from '../arguments.ts';
import { messageAt, messageBytes } from '../messages.ts';
import { HoldfastPeer } from '../peers/holdfast.ts';
import { others } from '../peers/index.ts';
import type { Peer } from '../peers/peer.ts';
import { fasterCells, ratiosOf, spreadOf, toldRatio } from '../ratios.ts';
import { cpuUs, planCells, planOf, takeTurns } from '../turns.ts';
import type { Contestant, Turns } from '../turns.ts';

const leastName = 'JSON.stringify + write';
const ratioMax = 1;

interface Slice {
  readonly messages: number;
  readonly cpuUs: number;
}

/** Processor times, against that of a write. */
export async function compareCpu(settings: Settings, directory: string): Promise<CaseResult> {
  const peers = [
    await HoldfastPeer.open(directory),
    await HoldfastPeer.openBare(directory),
    ...(['sqlite', 'lmdb', 'lines'] as const).map((name) => others[name](directory)),
  ];
  const file = openSync(join(directory, 'least.jsonl'), 'a');
  const contestants = [...peers.map(contestantOf), leastContestant(file)];
  const plan = planOf(settings.seconds, contestants.length);
  const turns = await takeTurns(contestants, plan);
  closeSync(file);
  for (const peer of peers) await peer.close();
  return {
    case: 'cpu',
    settings: { appenders: concurrency, 'message bytes': messageBytes, ...planCells(plan) },
    ...told(turns),
  };
}

function contestantOf(peer: Peer): Contestant<Slice> {
  return {
    name: peer.group === 1 ? peer.name : `${peer.name}, per ${peer.group}`,
    slice: async (sliceMs) => {
      const before = cpuUs();
      const { messages } = await appendFromAll(peer, sliceMs);
      return { messages, cpuUs: cpuUs() - before };
    },
    rest: async () => peer.rest?.(),
  };
}

function leastContestant(file: number): Contestant<Slice> {
  let at = 0;
  return {
    name: leastName,
    slice: (sliceMs) => {
      const before = cpuUs();
      const end = performance.now() + sliceMs;
      let messages = 0;
      do {
        writeSync(file, `${JSON.stringify(messageAt(at++))}\n`);
        messages += 1;
      } while (performance.now() < end);
      return Promise.resolve({ messages, cpuUs: cpuUs() - before });
    },
    // What it has written goes to the disk at some time, and not in the turn of another.
    rest: () => promisify(fdatasync)(file),
  };
}

function perMessageUs({ results }: Turns<Slice>): number[] {
  return results.map(({ messages, cpuUs: us }) => us / messages);
}

function told(turns: readonly Turns<Slice>[]): Pick<CaseResult, 'rows' | 'findings' | 'numbers'> {
  const [own] = turns;
  const least = turns.at(-1);
  if (own === undefined || least === undefined) throw new Error('Nobody took part');
  const rows: Row[] = [];
  const numbers: Record<string, number> = {};
  for (const one of turns) {
    const us = spreadOf(perMessageUs(one)).median;
    const whole = spreadOf(wholePerMessageUs(one)).median;
    rows.push({
      contestant: one.name,
      ...fasterCells(ratiosOf(perMessageUs(one), perMessageUs(own))),
      'µs/append': us,
      'with background work': whole,
    });
    numbers[`${one.name}: µs per append`] = us;
    numbers[`${one.name}: with background work`] = whole;
  }
  const ratio = ratiosOf(perMessageUs(own), perMessageUs(least));
  const whole = ratiosOf(wholePerMessageUs(own), perMessageUs(least));
  const bare = ratiosOf(turns[1] === undefined ? [] : perMessageUs(turns[1]), perMessageUs(least));
  const findings = [
    `${toldRatio(ratio)} times the processor time of ${leastName}, ${toldRatio(whole)} times with ` +
      `settling counted (target: at most ${ratioMax}): ${verdict(ratio.median <= ratioMax)}`,
    `${toldRatio(bare)} times without the restore points that take themselves`,
  ];
  return {
    rows,
    findings,
    numbers: { ...numbers, ratio: ratio.median, whole: whole.median, bare: bare.median },
  };
}

/** With what finishing the work of the slice took; the least has nothing to finish. */
function wholePerMessageUs({ name, results, rests }: Turns<Slice>): number[] {
  return results.map(({ messages, cpuUs: us }, round) => {
    const restUs = name === leastName ? 0 : (rests[round]?.cpuUs ?? 0);
    return (us + restUs) / messages;
  });
}
