/**
 * Looking without changing anything, beside reading the same files once and hashing them with
 * xxHash64 in the same pass. `scan` looks at the journals of writers that were killed, `verify` at
 * every byte of a settled store. The bytes come out of the page cache.
 */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { recover } from 'holdfast';
import type { RecoveryReport, StoreVerdict } from 'holdfast';
import type { Context } from '../context.ts';
import { settledStore } from '../data.ts';
import { filesBelow, killedStore } from '../killed-store.ts';
import { forgetPeak, peakRssMiB } from '../memory.ts';
import { readAndHash } from '../read-files.ts';
import { shown } from '../report.ts';
import type { CaseResult } from '../report.ts';
import { roundsMin, spreadNumbers, spreadOf, spreadText } from '../rounds.ts';
import { timed } from '../timed.ts';

const mebi = 1024 * 1024;
const bytesDefault = 256 * mebi;
const shareMin = 0.6;

export async function benchScan(context: Context): Promise<CaseResult> {
  const bytes = context.settings.bytes ?? bytesDefault;
  const { root, segments } = await killedStore(context, bytes);
  const look = (): Promise<RecoveryReport> => recover(root, { mode: 'scan' });
  return compare(context, { name: 'scan', look, root, files: segments, expected: 'healable' });
}

export async function benchVerify(context: Context): Promise<CaseResult> {
  const bytes = context.settings.bytes ?? bytesDefault;
  const root = await settledStore(context, bytes);
  const files = filesBelow(root, 'sessions').filter((path) => path.endsWith('history'));
  const look = (): Promise<RecoveryReport> => recover(root, { mode: 'verify' });
  return compare(context, { name: 'verify', look, root, files, expected: 'clean' });
}

async function compare(
  context: Context,
  what: {
    readonly name: string;
    readonly look: () => Promise<RecoveryReport>;
    readonly root: string;
    readonly files: readonly string[];
    readonly expected: StoreVerdict;
  },
): Promise<CaseResult> {
  const paths = what.files.map((path) => join(what.root, path));
  const ours: number[] = [];
  const plain: number[] = [];
  let bytes = 0;
  // Once beforehand: into the page cache, and through the compiler.
  await readAndHash(paths);
  forgetPeak();
  const end = performance.now() + context.settings.seconds * 1000;
  const show = context.progress.measuring(context.settings.seconds);
  for (let round = 0; round < roundsMin || performance.now() < end; round += 1) {
    show();
    const looked = await timed(what.look);
    if (looked.value.verdict !== what.expected) {
      throw new Error(`The store is ${looked.value.verdict} and not ${what.expected}`);
    }
    const read = await readAndHash(paths);
    ours.push(looked.ms);
    plain.push(read.ms);
    bytes = read.bytes;
  }
  // A short look pays for what it opens, which a long one spreads.
  const holds = (context.settings.bytes ?? bytesDefault) >= bytesDefault;
  const condition = { words: `from ${bytesDefault / mebi} MiB on`, holds };
  const share = spreadOf(plain.map((ms, round) => ms / (ours[round] ?? Number.NaN)));
  const [time, least] = [spreadOf(ours), spreadOf(plain)];
  const speed = (ms: number): number => ((bytes / mebi) * 1000) / ms;
  return {
    case: what.name,
    settings: { ...context.told(), MiB: shown(bytes / mebi), files: paths.length },
    rows: [
      { what: `recover ${what.name}`, 'p50 ms': time.median, 'MiB/s': speed(time.median) },
      { what: 'read + xxHash64', 'p50 ms': least.median, 'MiB/s': speed(least.median) },
    ],
    findings: [
      `its speed is ${spreadText(share)} of reading and hashing the files ` +
        context.judge.atLeast(share.median, shareMin, condition),
      `memory at most ${shown(peakRssMiB())} MiB`,
    ],
    numbers: {
      ...spreadNumbers('share', share),
      mibPerSecond: speed(time.median),
      readMibPerSecond: speed(least.median),
      bytes,
      peakRssMiB: peakRssMiB(),
    },
  };
}
