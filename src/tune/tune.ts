/**
 * A run: the disk, the engine on it, the advice, and the advice tried. It keeps to its bounds, and
 * whatever ends it early, a full disk too, leaves a report of what was measured until then and
 * nothing on the disk.
 */
import { posix } from 'node:path';
import { fromSystem, HoldfastError } from '../base/errors.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { FileSystem } from '../platform/file-system.ts';
import { removeTree } from '../recovery/remove-tree.ts';
import type { Progress } from '../recovery/report.ts';
import { unsafeFileSystems } from '../recovery/safe-file-system.ts';
import { unknownDisk } from './disk.ts';
import { unknownEngine } from './engine.ts';
import type { EngineLab } from './engine.ts';
import { flushWarning } from './flush.ts';
import type { Known } from './known.ts';
import { Pace } from './pace.ts';
import type { Bounds } from './pace.ts';
import { Plan } from './plan.ts';
import type { TuneReport } from './report.ts';
import { makeScratch } from './scratch.ts';
import { applyRules, steps } from './steps.ts';
import type { OpenStore } from './subject.ts';

/** What a run needs of the machine. */
export interface TuneParts {
  /** With synchronous calls, so that only the disk is measured. */
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly open: OpenStore;
  readonly node: string;
}

/** What is to be measured, and what it may take. */
export interface TuneOptions extends Bounds {
  /** Absolute; a store is measured beside itself. */
  readonly directory: string;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/**
 * Measures and advises. NOT_FOUND, INVALID for a directory that cannot be used; LOCK_UNAVAILABLE,
 * IO, or the reason of an abort. A full disk is told in the report.
 */
export async function tune(parts: TuneParts, options: TuneOptions): Promise<TuneReport> {
  const { fileSystem, random, clock } = parts;
  const { directory, onProgress } = options;
  try {
    await using scratch = await makeScratch(fileSystem, directory, random);
    const { kind } = await fileSystem.space(scratch.directory);
    const pace = new Pace(clock, options);
    const plan = new Plan();
    const disk = unknownDisk(kind);
    const known: Known = { disk, engine: unknownEngine, plan, missing: [] };
    const full = await runSteps(
      parts,
      { pace, known, kind, scratch: scratch.directory },
      onProgress,
    );
    const warnings = warningsOf(known, kind, scratch.others);
    return reportOf(parts, options, { pace, known, full, warnings });
  } catch (error) {
    if (options.signal.aborted && error === options.signal.reason) throw error;
    throw fromSystem(error, 'measure the disk', directory);
  }
}

interface Run {
  readonly pace: Pace;
  readonly known: Known;
  readonly kind: string;
  readonly scratch: string;
}

/** The error that says that the disk is full, or null when it was not. */
async function runSteps(
  { open, fileSystem }: TuneParts,
  { pace, known, kind, scratch }: Run,
  onProgress: TuneOptions['onProgress'],
): Promise<HoldfastError<'FULL'> | null> {
  let stores = 0;
  const lab: EngineLab = {
    open,
    pace,
    nextRoot: () => {
      stores += 1;
      return posix.join(scratch, `store-${stores}`);
    },
    remove: (root) => removeTree(fileSystem, root),
    allowFileSystems: unsafeFileSystems.has(kind) ? [kind] : [],
  };
  const probing = { fileSystem, directory: scratch, pace };
  const total = Math.round(pace.totalMs / 1000);
  try {
    for (const step of steps) {
      const done = Math.min(total, Math.round(pace.takenMs / 1000));
      onProgress?.({ what: `${step.name} (seconds)`, done, total });
      await pace.breathe();
      const part = pace.part(step.endShare, step.bytesShare);
      const isDone = pace.nowMs() < part.untilMs && (await step.run({ lab, probing, known, part }));
      if (!isDone) known.missing.push(step.name);
    }
    return null;
  } catch (thrown) {
    const error = fromSystem(thrown, 'measure the disk', scratch);
    if (!HoldfastError.is(error, 'FULL')) throw thrown;
    applyRules(known);
    return error;
  }
}

function warningsOf(known: Known, kind: string, others: readonly string[]): readonly string[] {
  const flush = flushWarning(known.disk.flush);
  const warnings = flush === null ? [] : [flush];
  if (unsafeFileSystems.has(kind)) {
    warnings.push(
      `Holdfast refuses ${kind} unless it is allowed by name (allowFileSystems): locks and ` +
        'flushes there reach only this machine, or nobody.',
    );
  }
  for (const path of others) {
    warnings.push(
      `${path} is of a run that was killed, or of one that runs; nothing needs it later.`,
    );
  }
  return warnings;
}

interface Ended {
  readonly pace: Pace;
  readonly known: Known;
  readonly full: HoldfastError<'FULL'> | null;
  readonly warnings: readonly string[];
}

function reportOf(
  { node }: TuneParts,
  { directory, seconds, bytes }: TuneOptions,
  { pace, known, full, warnings }: Ended,
): TuneReport {
  const { disk, engine, plan } = known;
  return {
    schema: 'holdfast.tune/1',
    directory,
    node,
    seconds: { allowed: seconds, taken: Math.round(pace.takenMs) / 1000 },
    bytes: { allowed: bytes, written: Math.round(pace.written) },
    stopped: stoppedOf(pace, known.missing, full),
    disk,
    engine,
    advice: plan.advice(engine, disk),
    checks: plan.checks,
    warnings,
  };
}

function stoppedOf(
  pace: Pace,
  missing: readonly string[],
  full: HoldfastError<'FULL'> | null,
): TuneReport['stopped'] {
  if (full !== null) return { code: 'FULL', message: full.message };
  if (missing.length === 0) return null;
  const parts = missing.join(', ');
  return pace.isOutOfBytes
    ? { code: 'BYTES', message: `Not measured to the end: ${parts}; --bytes was too little for it` }
    : {
        code: 'TIME',
        message: `Not measured to the end: ${parts}; --seconds was too little for it`,
      };
}
