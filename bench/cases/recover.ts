/**
 * Recovery of the full journal of a writer that was killed: everything goes into the histories, and
 * is durable there. Beside it, reading the same segments. Each round has its own copy of the store;
 * the bytes come out of the page cache, as right after a crash of the process.
 */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { recover } from 'holdfast';
import type { RecoveryReport } from 'holdfast';
import type { Context } from '../context.ts';
import { journalBytes, killedStore, sessionsPerWriter } from '../killed-store.ts';
import { forgetPeak, peakRssMiB } from '../memory.ts';
import { readFiles } from '../read-files.ts';
import { shown } from '../report.ts';
import type { CaseResult } from '../report.ts';
import { roundsMin, spreadNumbers, spreadOf, spreadText } from '../rounds.ts';
import { timed } from '../timed.ts';

const mebi = 1024 * 1024;

export async function benchRecover(context: Context): Promise<CaseResult> {
  const bytes = context.settings.bytes ?? journalBytes;
  const killed = await killedStore(context, bytes);
  const ours: { ms: number; cpuMs: number; entries: number }[] = [];
  const reading: number[] = [];
  forgetPeak();
  const end = performance.now() + context.settings.seconds * 1000;
  const show = context.progress.measuring(context.settings.seconds);
  for (let round = 0; round < roundsMin || performance.now() < end; round += 1) {
    show();
    const root = context.path('recover-copy');
    cpSync(killed.root, root, { recursive: true });
    reading.push(readFiles(killed.segments.map((path) => join(root, path))).ms);
    const { value, ms, cpuMs } = await timed(() => recover(root, { mode: 'run' }));
    ours.push({ ms, cpuMs, entries: entriesOf(value) });
    rmSync(root, { recursive: true });
  }
  const time = spreadOf(ours.map(({ ms }) => ms));
  const [cpu, read] = [spreadOf(ours.map(({ cpuMs }) => cpuMs)), spreadOf(reading)];
  const ratio = spreadOf(ours.map(({ ms }, round) => ms / (reading[round] ?? Number.NaN)));
  const mebis = killed.segmentBytes / mebi;
  const entries = ours[0]?.entries ?? 0;
  return {
    case: 'recover',
    settings: { ...context.told(), bytes, sessions: sessionsPerWriter },
    rows: [
      row('recover run', time.median, mebis, { entries, cpuMs: cpu.median }),
      row('reading the segments', read.median, mebis),
    ],
    findings: [
      `recovery takes ${spreadText(time)} ms for ${entries} entries in ${shown(mebis)} MiB of ` +
        `segments: ${spreadText(ratio)} times as long as reading them`,
      `memory at most ${shown(peakRssMiB())} MiB`,
    ],
    numbers: {
      ...spreadNumbers('ms', time),
      ...spreadNumbers('ratio', ratio),
      mibPerSecond: (mebis * 1000) / time.median,
      segmentBytes: killed.segmentBytes,
      entries,
      cpuUsPerEntry: (cpu.median * 1000) / entries,
      peakRssMiB: peakRssMiB(),
    },
  };
}

function row(
  what: string,
  ms: number,
  mebis: number,
  cost?: { readonly entries: number; readonly cpuMs: number },
): Readonly<Record<string, string | number>> {
  const cells = { what, 'p50 ms': ms, 'MiB/s': (mebis * 1000) / ms };
  if (cost === undefined) return cells;
  return { ...cells, 'CPU µs/entry': (cost.cpuMs * 1000) / cost.entries };
}

/** Entries that came out of the journals; an Error when something else than a crash was found. */
function entriesOf(report: RecoveryReport): number {
  if (report.verdict !== 'healed') throw new Error(`Recovery says ${report.verdict}`);
  const ranges = report.sessions.flatMap(({ kept }) => kept);
  return ranges.reduce((sum, { from, to }) => sum + (to ?? Number.NaN) - from + 1, 0);
}
