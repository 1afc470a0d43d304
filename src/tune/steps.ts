/**
 * The steps of a run in their order, with the share of the time at which each is over and the share
 * of the bytes that it may take. What a step does not need is left to those behind it; what decides
 * the settings comes before what only tells of the disk.
 */
import { delayAdvice, entriesAdvice, ioAdvice, segmentAdvice, segmentCostOf } from './advice.ts';
import { checkDelay, checkEntries, checkIo, checkSegment } from './check.ts';
import { probeSegments, probeSizes, probeSyncs } from './disk.ts';
import type { Probing } from './disk.ts';
import {
  isEngineKnown,
  journalBytesPerSecond,
  measureDelays,
  measureDurable,
  measureEntries,
  measureIo,
} from './engine.ts';
import type { EngineLab } from './engine.ts';
import type { Known } from './known.ts';
import type { Part } from './pace.ts';
import type { EngineReport } from './report.ts';
import { roundsMin } from './spread.ts';

/** What a step works with. */
export interface StepContext {
  readonly lab: EngineLab;
  readonly probing: Probing;
  readonly known: Known;
  readonly part: Part;
}

/** One step. */
export interface Step {
  /** For progress, and for what could not be measured. */
  readonly name: string;
  readonly endShare: number;
  readonly bytesShare: number;
  /** False when it has not told what it was for. */
  run(context: StepContext): Promise<boolean>;
}

/** All steps. */
export const steps: readonly Step[] = [
  {
    name: 'syncs of the disk',
    endShare: 0.07,
    bytesShare: 0.03,
    run: async ({ probing, known, part }) => {
      const told = await probeSyncs(probing, part, known.disk.fileSystem);
      known.disk = { ...known.disk, ...told };
      return told.growth !== null;
    },
  },
  {
    name: 'sizes of writes',
    endShare: 0.12,
    bytesShare: 0.08,
    run: async ({ probing, known, part }) => {
      const sizes = await probeSizes(probing, part);
      known.disk = { ...known.disk, sizes };
      return sizes.length > 0;
    },
  },
  {
    name: 'making segments',
    endShare: 0.17,
    bytesShare: 0.05,
    run: async ({ probing, known, part }) => {
      const segments = await probeSegments(probing, part);
      known.disk = { ...known.disk, segments };
      return segments.length > 0;
    },
  },
  {
    name: 'worker and pool',
    endShare: 0.29,
    bytesShare: 0.08,
    run: async ({ lab, known, part }) => {
      const told = await measureIo(lab, part);
      if (told === null) return false;
      const { worker, pool, rounds } = told;
      known.engine = { ...known.engine, worker, pool };
      known.plan.take('io', ioAdvice(rounds));
      return rounds.latency.length >= roundsMin;
    },
  },
  {
    name: 'entries that may be unsynced',
    endShare: 0.47,
    bytesShare: 0.12,
    run: async ({ lab, known, part }) => {
      const entries = await measureEntries(lab, part);
      if (entries === null) return false;
      known.engine = { ...known.engine, entries };
      known.plan.take('syncEntriesMax', entriesAdvice(entries));
      return entries.knee !== null;
    },
  },
  {
    name: 'delay until a sync',
    endShare: 0.57,
    bytesShare: 0.08,
    run: async ({ lab, known, part }) => {
      const syncMs = known.disk.ready?.p50Ms ?? null;
      const delays = syncMs === null ? null : await measureDelays(lab, part, syncMs);
      if (delays !== null) known.engine = { ...known.engine, delays };
      return syncMs !== null;
    },
  },
  {
    name: 'sessions, batches and payloads',
    endShare: 0.7,
    bytesShare: 0.1,
    run: async ({ lab, known, part }) => {
      const told = await measureDurable(lab, part);
      known.engine = { ...known.engine, ...told };
      return (told?.batches.knee ?? null) !== null;
    },
  },
  {
    name: 'weighing what was measured',
    endShare: Number.POSITIVE_INFINITY,
    bytesShare: 0,
    run: ({ known }) => {
      applyRules(known);
      return Promise.resolve(true);
    },
  },
  {
    name: 'check of syncEntriesMax',
    endShare: 0.8,
    bytesShare: 0.08,
    run: async ({ lab, known, part }) => {
      const checked = await checkEntries(lab, part, known.plan.found.syncEntriesMax);
      known.plan.check('syncEntriesMax', checked);
      return checked.checks.length > 0;
    },
  },
  {
    name: 'check of syncDelayMsMax',
    endShare: 0.86,
    bytesShare: 0.06,
    run: async ({ lab, known, part }) => {
      const checked = await checkDelay(lab, part, known.plan.found.syncDelayMsMax);
      known.plan.check('syncDelayMsMax', checked);
      return checked.checks.length > 0;
    },
  },
  {
    name: 'check of io',
    endShare: 0.91,
    bytesShare: 0.06,
    run: async ({ lab, known, part }) => {
      const checked = await checkIo(lab, part, known.plan.settings);
      if (checked === null || checked.checks.length === 0) return false;
      known.plan.check('io', checked);
      known.plan.expect(checked.seen[known.plan.settings.io]);
      return true;
    },
  },
  {
    name: 'check of segmentBytes',
    endShare: 0.98,
    bytesShare: 0.3,
    run: async ({ lab, known, part }) => {
      const checked = await checkSegment(lab, part, known.plan.settings.segmentBytes);
      known.plan.check('segmentBytes', checked);
      return checked.checks.length > 0;
    },
  },
];

/** The advice that follows from numbers which are there by now. */
export function applyRules({ disk, engine, plan }: Known): void {
  // A rule over the bare disk alone would be a guess at what the engine does with it.
  if (!isEngineKnown(engine)) return;
  plan.take('syncDelayMsMax', delayAdvice(engine.delays, disk.ready));
  const cost = segmentCostOf(disk.segments);
  plan.take('segmentBytes', segmentAdvice(cost, fastestJournal(engine)));
}

/** The quickest that the journal was filled, in bytes per second; null when not measured. */
function fastestJournal({ entries, batches, sessions }: EngineReport): number | null {
  const rates = [entries, batches, sessions].flatMap(({ points }) => {
    return points.map(({ value }) => value.median);
  });
  return rates.length === 0 ? null : journalBytesPerSecond(Math.max(...rates));
}
