/**
 * Turns in short slices: what else the machine does meets everybody. Within a round the order is
 * drawn anew, because whoever comes behind a log that goes on working in its background pays for it.
 */
import { performance } from 'node:perf_hooks';
import type { Row } from '../report.ts';
import { randomOf } from './random.ts';

/** Somebody who takes turns. */
export interface Contestant<Result> {
  readonly name: string;
  /** Works for about so long, at least once, and tells what came of it. */
  slice(sliceMs: number): Promise<Result>;
  /** Finishes what it does in the background, so that the next one is alone. */
  rest?(): Promise<void>;
}

/** What a rest took: time, and the work of all threads. */
export interface Rest {
  readonly ms: number;
  readonly cpuUs: number;
}

/** All slices of one contestant, by round. */
export interface Turns<Result> {
  readonly name: string;
  readonly results: readonly Result[];
  /** What finishing the background work took behind each slice. */
  readonly rests: readonly Rest[];
}

/** How a time is divided among so many. */
export interface Plan {
  readonly rounds: number;
  readonly sliceMs: number;
  /** Of each, before the first round: the compilers of JavaScript need some thousand calls. */
  readonly warmupMs: number;
}

const sliceMsMax = 250;
const roundsMin = 5;
const warmupPart = 0.25;

/** At least five rounds, of slices of 250 ms or of less when there is no time for that. */
export function planOf(seconds: number, contestants: number): Plan {
  const allMs = seconds * 1000;
  const eachMs = (allMs * (1 - warmupPart)) / contestants;
  const sliceMs = Math.min(sliceMsMax, eachMs / roundsMin);
  return {
    rounds: Math.max(roundsMin, Math.floor(eachMs / sliceMs)),
    sliceMs,
    warmupMs: (allMs * warmupPart) / contestants,
  };
}

/** A plan as settings of a result. */
export function planCells({ rounds, sliceMs }: Plan): Row {
  return { rounds, 'slice ms': Math.round(sliceMs) };
}

/** What came of the turns of every contestant, in the order of the list. */
export async function takeTurns<Result>(
  contestants: readonly Contestant<Result>[],
  plan: Plan,
): Promise<readonly Turns<Result>[]> {
  const all = contestants.map((contestant) => {
    return { contestant, results: [] as Result[], rests: [] as Rest[] };
  });
  for (const { contestant } of all) await turn(contestant, plan.warmupMs);
  const random = randomOf(7);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const { contestant, results, rests } of shuffled(all, random)) {
      const { result, rest } = await turn(contestant, plan.sliceMs);
      results.push(result);
      rests.push(rest);
    }
  }
  return all.map(({ contestant, results, rests }) => {
    return { name: contestant.name, results, rests };
  });
}

async function turn<Result>(
  contestant: Contestant<Result>,
  sliceMs: number,
): Promise<{ readonly result: Result; readonly rest: Rest }> {
  const result = await contestant.slice(sliceMs);
  const begin = performance.now();
  const usedBefore = cpuUs();
  await contestant.rest?.();
  return { result, rest: { ms: performance.now() - begin, cpuUs: cpuUs() - usedBefore } };
}

/** Processor time of all threads of this process so far. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function shuffled<Item>(items: readonly Item[], random: (below: number) => number): Item[] {
  return items
    .map((item) => ({ item, place: random(2 ** 30) }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
