/**
 * What it costs to open a session, and to look at its newest messages and at one in its middle, by the
 * length of the session: none of it should follow the length. Bytes are those of the process's own
 * system calls, where the system tells them. The longest is opened in a fresh process as well.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { MessageReadOptions, Session } from 'holdfast';
import { measured } from '../children.ts';
import { medians, ratioOfEnds } from '../by-length.ts';
import type { Context } from '../context.ts';
import { longId, longSessions } from '../data.ts';
import { latencyOf } from '../latency.ts';
import { shown } from '../report.ts';
import type { CaseResult, Row } from '../report.ts';
import { roundsMin, spreadNumbers, spreadOf, spreadText } from '../rounds.ts';
import { timed } from '../timed.ts';
import type { Judge } from '../verdict.ts';

const mebi = 1024 * 1024;
/** A million messages of 1000 bytes, about. */
const gibiMin = 0.9 * 1024 * mebi;
const targets = { bytes: 4 * mebi, ratio: 1.5, freshMs: 50, freshMiB: 64 };

/** What `programs/open` prints. */
export interface FreshOpen {
  readonly loadMs: number;
  readonly storeMs: number;
  readonly sessionMs: number;
  readonly peakRssMiB: number;
  readonly messages: number;
}

interface Figures {
  readonly length: number;
  readonly openMs: number[];
  readonly openBytes: number[];
  readonly newestMs: number[];
  readonly middleMs: number[];
  readonly middleBytes: number[];
}

export async function benchOpen(context: Context): Promise<CaseResult> {
  const { root, lengths } = await longSessions(context);
  const all = lengths.map((length): Figures => {
    const [openMs, openBytes, newestMs, middleMs, middleBytes] = [[], [], [], [], []];
    return { length, openMs, openBytes, newestMs, middleMs, middleBytes };
  });
  const end = performance.now() + context.settings.seconds * 1000;
  // In turn, so that whatever else the machine does meets all lengths alike.
  const show = context.progress.measuring(context.settings.seconds);
  for (let round = 0; round < roundsMin || performance.now() < end; round += 1) {
    show();
    for (const one of all) await measure(root, one);
  }
  const fresh = await freshly(context, root, lengths.at(-1) ?? 0);
  const { rows, series, findings, numbers } = told(all, context.judge);
  return {
    case: 'open',
    settings: { ...context.told(), openings: all[0]?.openMs.length ?? 0 },
    rows,
    series,
    findings: [...findings, ...fresh.findings],
    numbers: { ...numbers, ...fresh.numbers },
  };
}

/** One opening in a store of its own, so that nothing of the session is known before. */
async function measure(root: string, into: Figures): Promise<void> {
  const store = await Store.open(root, { checkpoints: false });
  const opening = await timed(() => store.openSession(longId(into.length)));
  const session = opening.value;
  if (session.state.messages !== into.length) throw new Error('Not all messages are there');
  const newest = await timed(() => read(session, { reverse: true, limit: 10 }));
  const middle = Math.ceil(into.length / 2);
  const random = await timed(() => read(session, { from: middle, to: middle }));
  into.openMs.push(opening.ms);
  into.openBytes.push(opening.readBytes);
  into.newestMs.push(newest.ms);
  into.middleMs.push(random.ms);
  into.middleBytes.push(random.readBytes);
  await store.close();
}

async function read(session: Session, options: MessageReadOptions): Promise<void> {
  let found = 0;
  for await (const one of session.messages(options)) found += one.seq > 0 ? 1 : 0;
  if (found === 0) throw new Error('No message was found');
}

function told(
  all: readonly Figures[],
  judge: Judge,
): Pick<CaseResult, 'rows' | 'findings' | 'numbers'> & {
  readonly series: NonNullable<CaseResult['series']>;
} {
  const rows: Row[] = all.map((one) => ({
    messages: one.length,
    'open p50 ms': latencyOf(one.openMs).p50Ms,
    'open p99 ms': latencyOf(one.openMs).p99Ms,
    'open KiB read': Math.max(...one.openBytes) / 1024,
    'newest 10 p50 ms': latencyOf(one.newestMs).p50Ms,
    'middle p50 ms': latencyOf(one.middleMs).p50Ms,
    'middle KiB read': Math.max(...one.middleBytes) / 1024,
  }));
  const ratio = ratioOfEnds(all, ({ openMs }) => openMs);
  const openBytes = Math.max(...all.flatMap((one) => one.openBytes));
  return {
    rows,
    series: [medians('open p50', all, { of: ({ openMs }) => openMs, ratioMax: targets.ratio })],
    findings: [
      `opening the longest takes ${spreadText(ratio)} times the shortest ` +
        judge.atMost(ratio.median, targets.ratio),
      `at most ${shown(openBytes / 1024)} KiB read by an opening ` +
        judge.atMost(openBytes / 1024, targets.bytes / 1024),
    ],
    numbers: { ...spreadNumbers('openRatio', ratio), openBytes },
  };
}

/** Opens the longest session in processes that have done nothing else, beside an empty one. */
async function freshly(
  context: Context,
  root: string,
  length: number,
): Promise<Pick<CaseResult, 'findings' | 'numbers'>> {
  const opens: FreshOpen[] = [];
  const empty = await measured<FreshOpen>('open');
  for (let round = 0; round < roundsMin; round += 1) {
    opens.push(await measured<FreshOpen>('open', root, longId(length)));
    context.progress.show('opening in fresh processes', round + 1, roundsMin);
  }
  const { size } = statSync(join(root, 'sessions', longId(length), 'history'));
  // What meets it with more meets it with less, and the other way round nobody knows.
  const condition = { words: 'for 1 GiB', holds: size >= gibiMin };
  const { judge } = context;
  const time = spreadOf(opens.map((one) => one.storeMs + one.sessionMs));
  const session = spreadOf(opens.map(({ sessionMs }) => sessionMs));
  const load = spreadOf(opens.map(({ loadMs }) => loadMs));
  const memory = spreadOf(opens.map((one) => one.peakRssMiB - empty.peakRssMiB));
  return {
    findings: [
      `in a fresh process, opening the store and its session of ${shown(size / mebi)} MiB takes ` +
        `${spreadText(time)} ms ${judge.atMost(time.median, targets.freshMs, condition)}`,
      `of it the session takes ${shown(session.median)} ms; loading the library takes ` +
        `${shown(load.median)} ms before`,
      `its memory is at most ${spreadText(memory)} MiB above that of an empty process ` +
        judge.atMost(memory.median, targets.freshMiB),
    ],
    numbers: {
      freshBytes: size,
      freshSessionMs: session.median,
      freshLoadMs: load.median,
      ...spreadNumbers('freshMs', time),
      ...spreadNumbers('freshMiB', memory),
    },
  };
}
