/**
 * What it costs to open a session, to look at its newest messages and at one in its middle, and to take
 * a snapshot, by the length of the session: none of it should follow the length. Bytes are those of the
 * process's own system calls, where the system tells them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Store } from 'holdfast';
import type { Session } from 'holdfast';
import type { Settings } from '../arguments.ts';
import { latencyOf } from '../latency.ts';
import { shown } from '../report.ts';
import type { CaseResult, Row } from '../report.ts';

const openBytesMax = 4 * 1024 * 1024;
const ratioMax = 1.5;
const snapshotRatioMax = 2;
const roundsMin = 15;
const groupMax = 2000;

interface Figures {
  readonly length: number;
  readonly openMs: number[];
  readonly openBytes: number[];
  readonly newestMs: number[];
  readonly middleMs: number[];
  readonly middleBytes: number[];
  readonly takeMs: number[];
  readonly takeBytes: number[];
}

export async function benchOpen(settings: Settings, directory: string): Promise<CaseResult> {
  const largest = settings.messages;
  const lengths = [...new Set([10, 1000, 100_000, 1_000_000, largest])]
    .filter((length) => length <= largest)
    .sort((one, two) => one - two);
  const root = join(directory, 'open');
  for (const length of lengths) await make(root, length, settings.textBytes);
  const all = lengths.map(figures);
  const end = performance.now() + settings.seconds * 1000;
  // In turn, so that whatever else the machine does meets all lengths alike.
  for (let round = 0; round < roundsMin || performance.now() < end; round += 1) {
    for (const one of all) await measure(root, one);
  }
  return told(all, settings.textBytes);
}

function figures(length: number): Figures {
  const [openMs, openBytes, newestMs, middleMs] = [[], [], [], []];
  return {
    length,
    openMs,
    openBytes,
    newestMs,
    middleMs,
    middleBytes: [],
    takeMs: [],
    takeBytes: [],
  };
}

async function make(root: string, length: number, textBytes: number): Promise<void> {
  const store = await Store.open(root, { checkpoints: false });
  const session = await store.createSession({ id: `long-${length}` });
  const content = 'x'.repeat(textBytes);
  for (let at = 0; at < length; at += groupMax) {
    const count = Math.min(groupMax, length - at);
    const group = Array.from({ length: count }, () => ({ role: 'user', content }));
    await session.appendAll(group, { durability: 'batched' });
  }
  await store.close();
}

/** One opening in a store of its own, so that nothing of the session is known before. */
async function measure(root: string, into: Figures): Promise<void> {
  const store = await Store.open(root, { checkpoints: false });
  const id = `long-${into.length}`;
  let session: Session | null = null;
  const opening = await timed(async () => {
    session = await store.openSession(id);
    if (session.state.messages !== into.length) throw new Error('Not all messages are there');
  });
  const open = session as Session | null;
  if (open === null) throw new Error('The session is not open');
  const newest = await timed(() => count(open, { reverse: true, limit: 10 }));
  const middle = Math.ceil(into.length / 2);
  const random = await timed(() => count(open, { from: middle, to: middle }));
  const taking = await timed(() => open.snapshots.take({ action: 'bench' }));
  into.openMs.push(opening.ms);
  into.openBytes.push(opening.read);
  into.newestMs.push(newest.ms);
  into.middleMs.push(random.ms);
  into.middleBytes.push(random.read);
  into.takeMs.push(taking.ms);
  into.takeBytes.push(taking.written);
  await store.close();
}

async function count(
  session: Session,
  options: { readonly [name: string]: number | boolean },
): Promise<void> {
  let found = 0;
  for await (const one of session.messages(options)) found += one.seq > 0 ? 1 : 0;
  if (found === 0) throw new Error('No message was found');
}

interface Timed {
  readonly ms: number;
  readonly read: number;
  readonly written: number;
}

async function timed(work: () => Promise<unknown>): Promise<Timed> {
  const before = moved();
  const start = performance.now();
  await work();
  const ms = performance.now() - start;
  const after = moved();
  return { ms, read: after.read - before.read, written: after.written - before.written };
}

/** Bytes that this process has read and written so far; not numbers where the system tells none. */
function moved(): { readonly read: number; readonly written: number } {
  try {
    const text = readFileSync('/proc/self/io', 'utf8');
    const value = (name: string): number =>
      Number(new RegExp(`^${name}: (\\d+)`, 'm').exec(text)?.[1]);
    return { read: value('rchar'), written: value('wchar') };
  } catch {
    // Only Linux has this file; times are measured everywhere.
    return { read: Number.NaN, written: Number.NaN };
  }
}

function told(all: readonly Figures[], textBytes: number): CaseResult {
  const rows: Row[] = all.map((one) => ({
    messages: one.length,
    'open p50 ms': latencyOf(one.openMs).p50Ms,
    'open KiB read': Math.max(...one.openBytes) / 1024,
    'newest 10 p50 ms': latencyOf(one.newestMs).p50Ms,
    'middle p50 ms': latencyOf(one.middleMs).p50Ms,
    'middle KiB read': Math.max(...one.middleBytes) / 1024,
    'snapshot p50 ms': latencyOf(one.takeMs).p50Ms,
    'snapshot bytes': latencyOf(one.takeBytes).p50Ms,
  }));
  const [first, last] = [all[0], all.at(-1)];
  const ratio = (of: (one: Figures) => readonly number[]): number =>
    first === undefined || last === undefined
      ? Number.NaN
      : latencyOf(of(last)).p50Ms / latencyOf(of(first)).p50Ms;
  const openRatio = ratio((one) => one.openMs);
  const snapshotRatio = ratio((one) => one.takeMs);
  const openBytes = Math.max(...all.flatMap((one) => one.openBytes));
  return {
    case: 'open',
    settings: { 'text bytes': textBytes, openings: first?.openMs.length ?? 0 },
    rows,
    findings: [
      `opening the longest takes ${shown(openRatio)} times the shortest (target: at most ${ratioMax})`,
      `at most ${shown(openBytes / 1024)} KiB read by an opening (target: at most ${openBytesMax / 1024})`,
      `a snapshot of the longest takes ${shown(snapshotRatio)} times that of the shortest ` +
        `(target: at most ${snapshotRatioMax})`,
    ],
    numbers: { openRatio, openBytes, snapshotRatio },
  };
}
