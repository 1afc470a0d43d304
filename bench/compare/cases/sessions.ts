/**
 * 512 appenders (`--sessions`), spread over 1, 8, 64 and 512 sessions of one process: the number of those who wait
 * stays the same, so that nothing but the number of sessions can make a difference. Beside it one
 * appender for each of 1, 8 and 64 sessions, which shows how syncs are shared as agents come: what
 * falls there is syncs per append. JSON lines have a file for each session, with the same appenders.
 *
 * Behind each slice Holdfast settles all its sessions at once, so that this does not fall into the turn
 * of another. By itself it would do so once for 16 MiB, which is many slices.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Session } from 'holdfast';
import type { CaseResult, Row } from '../../report.ts';
import { shown } from '../../report.ts';
import { verdict } from '../../verdict.ts';
import type { Settings } from '../arguments.ts';
import { countSyncs } from '../count-syncs.ts';
import { messageAt, messageBytes } from '../messages.ts';
import { SessionFile } from '../peers/session-files.ts';
import { fasterCells, ratiosOf, spreadOf, toldRatio } from '../ratios.ts';
import { planCells, planOf, takeTurns } from '../turns.ts';
import type { Contestant, Turns } from '../turns.ts';

const shareMin = 0.8;
const counts = [1, 8, 64, 512];

interface Shape {
  readonly sessions: number;
  readonly appenders: number;
}

/** All appenders over more and more sessions, and then one for each but the most. */
function shapesOf(most: number): readonly Shape[] {
  const fewer = counts.filter((count) => count < most);
  return [
    ...[...fewer, most].map((sessions) => ({ sessions, appenders: most })),
    ...fewer.map((sessions) => ({ sessions, appenders: sessions })),
  ];
}

interface Slice {
  readonly messages: number;
  readonly elapsedMs: number;
  readonly syncs: number;
}

type Append = (at: number) => Promise<unknown>;

/** Throughput and syncs by the number of sessions. */
export async function compareSessions(settings: Settings, directory: string): Promise<CaseResult> {
  const { sessions: most } = settings;
  const shapes = shapesOf(most);
  const others = countSyncs();
  const store = await Store.open(join(directory, 'holdfast'));
  const sessions = await Promise.all(Array.from({ length: most }, () => store.createSession()));
  const lines = join(directory, 'lines');
  mkdirSync(lines);
  const files = await Promise.all(
    sessions.map((_, at) => SessionFile.open(lines, `session-${at}`)),
  );
  const contestants = [
    ...shapes.map((shape) => holdfastContestant(shape, { store, sessions, others })),
    ...shapes.map((shape) => linesContestant(shape, files)),
  ];
  const plan = planOf(settings.seconds, contestants.length);
  const turns = await takeTurns(contestants, plan);
  await store.close();
  await Promise.all(files.map((file) => file.close()));
  return {
    case: 'sessions',
    settings: {
      'appenders at most': most,
      'message bytes': messageBytes,
      ...planCells(plan),
    },
    ...told(turns, shapes),
  };
}

async function appendFrom(
  count: number,
  sliceMs: number,
  append: Append,
): Promise<{ readonly messages: number; readonly elapsedMs: number }> {
  let messages = 0;
  const begin = performance.now();
  const end = begin + sliceMs;
  const appender = async (_: unknown, at: number): Promise<void> => {
    do {
      await append(at);
      messages += 1;
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: count }, appender));
  return { messages, elapsedMs: performance.now() - begin };
}

function holdfastContestant(
  { sessions: count, appenders }: Shape,
  own: {
    readonly store: Store;
    readonly sessions: readonly Session[];
    readonly others: { readonly count: number };
  },
): Contestant<Slice> {
  const { store, others } = own;
  const sessions = own.sessions.slice(0, count);
  // Those of histories that are settled meanwhile count as well.
  const syncs = (): number => store.metrics().counters.syncs + others.count;
  let made = 0;
  return {
    name: 'holdfast',
    slice: async (sliceMs) => {
      const before = syncs();
      const appended = await appendFrom(appenders, sliceMs, async (at) => {
        await sessions[at % count]?.append(messageAt(made++));
      });
      return { ...appended, syncs: syncs() - before };
    },
    rest: () => store.settle(),
  };
}

function linesContestant(
  { sessions: count, appenders }: Shape,
  all: readonly SessionFile[],
): Contestant<Slice> {
  const files = all.slice(0, count);
  const syncs = (): number => files.reduce((sum, file) => sum + file.syncs, 0);
  let made = 0;
  return {
    name: 'JSON lines',
    slice: async (sliceMs) => {
      const before = syncs();
      const appended = await appendFrom(appenders, sliceMs, async (at) => {
        await files[at % count]?.append(messageAt(made++));
      });
      return { ...appended, syncs: syncs() - before };
    },
  };
}

const rateOf = ({ messages, elapsedMs }: Slice): number => (messages * 1000) / elapsedMs;

function told(
  turns: readonly Turns<Slice>[],
  shapes: readonly Shape[],
): Pick<CaseResult, 'rows' | 'findings' | 'numbers'> {
  const rows: Row[] = [];
  const numbers: Record<string, number> = {};
  const rates = turns.map(({ results }) => results.map(rateOf));
  for (const [place, { name, results, rests }] of turns.entries()) {
    const at = place % shapes.length;
    const { sessions, appenders } = shapes[at] ?? { sessions: 0, appenders: 0 };
    const own = rates[place] ?? [];
    const toOne = ratiosOf(own, rates[place - at] ?? []);
    const faster = ratiosOf(rates[at] ?? [], own);
    const perAppend = spreadOf(results.map(({ syncs, messages }) => syncs / messages)).median;
    rows.push({
      log: name,
      sessions: sessions,
      appenders: appenders,
      'rate to that of one': toOne.median,
      least: toOne.min,
      most: toOne.max,
      ...fasterCells(faster),
      'messages/s': Math.round(spreadOf(own).median),
      'syncs/append': perAppend,
      'settling ms': Math.round(spreadOf(rests.map(({ ms }) => ms)).median),
    });
    const key = `${name}, ${appenders} over ${sessions}`;
    numbers[`${key}: rate to that of one`] = toOne.median;
    numbers[`${key}: messages/s`] = spreadOf(own).median;
    numbers[`${key}: syncs per append`] = perAppend;
  }
  return { rows, numbers, findings: findingsOf(rates, shapes, numbers) };
}

function findingsOf(
  rates: readonly (readonly number[])[],
  shapes: readonly Shape[],
  numbers: Readonly<Record<string, number>>,
): string[] {
  const spread = shapes.filter(({ appenders }) => appenders === shapes[0]?.appenders);
  const share = ratiosOf(rates[spread.length - 1] ?? [], rates[0] ?? []);
  const own = spread.map(({ sessions }) => sessions);
  const syncs = own.map((count) => {
    return numbers[`holdfast, ${count} over ${count}: syncs per append`] ?? Number.NaN;
  });
  const isFalling = syncs.every((one, at) => at === 0 || one < (syncs[at - 1] ?? 0));
  return [
    `${own.at(-1)} sessions append at ${toldRatio(share)} of the rate of one with as many ` +
      `appenders (target: at least ${shareMin}): ${verdict(share.median >= shareMin)}`,
    `syncs per append with ${own.join(', ')} sessions of one appender: ` +
      `${syncs.map(shown).join(', ')} (target: falling): ${verdict(isFalling)}`,
  ];
}
