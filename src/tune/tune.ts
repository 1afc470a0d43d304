/**
 * A run: the disk, the engine on it, the advice, and the advice tried. It keeps to its bounds, and
 * whatever ends it early, a full disk too, leaves a report of what was measured until then and
 * nothing on the disk.
 */
import { posix } from 'node:path';
import { errnoOf, fromSystem, HoldfastError } from '../base/errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { FileSystem } from '../platform/file-system.ts';
import type { MachineLoad } from '../platform/process-info.ts';
import { removeTree } from '../recovery/remove-tree.ts';
import type { Progress } from '../recovery/report.ts';
import { unsafeFileSystems } from '../recovery/safe-file-system.ts';
import { busyWarning, calmOf } from './busy.ts';
import { unknownDisk } from './disk.ts';
import type { Probing } from './disk.ts';
import { isEngineKnown, unknownEngine } from './engine.ts';
import type { EngineLab } from './engine.ts';
import { flushWarning } from './flush.ts';
import type { Known } from './known.ts';
import { Pace } from './pace.ts';
import type { Bounds } from './pace.ts';
import { Plan } from './plan.ts';
import { tooLittle } from './report-words.ts';
import type { TuneReport } from './report.ts';
import { makeScratch } from './scratch.ts';
import type { Scratch, ScratchParts } from './scratch.ts';
import { applyRules, steps } from './steps.ts';
import type { OpenStore } from './subject.ts';

/** What a run needs of the machine. */
export interface TuneParts extends ScratchParts {
  /** With synchronous calls, so that only the disk is measured. */
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly open: OpenStore;
  readonly node: string;
  /** Of the minute before the run. */
  readonly load: MachineLoad;
  /** Of the mount that a path lies in; none where nobody tells them. */
  readonly mountOptions: (path: string) => readonly string[];
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
  const { directory, signal } = options;
  try {
    return await inScratch(parts, options);
  } catch (error) {
    if (signal.aborted && error === signal.reason) throw error;
    throw refusedError(error, directory) ?? fromSystem(error, 'measure the disk', directory);
  }
}

async function inScratch(parts: TuneParts, options: TuneOptions): Promise<TuneReport> {
  const { fileSystem, clock, load, mountOptions } = parts;
  await using scratch = await makeScratch(parts, options.directory);
  const { kind } = await fileSystem.space(scratch.directory);
  const pace = new Pace(clock, options);
  const plan = new Plan(calmOf(load));
  const known: Known = { disk: unknownDisk(kind), engine: unknownEngine, plan, missing: [] };
  const probing = {
    fileSystem,
    directory: scratch.directory,
    pace,
    mountOptions: mountOptions(scratch.directory),
  };
  const run = { pace, known, kind, scratch, probing };
  const full = await runSteps(parts, run, options.onProgress).catch(async (error: unknown) => {
    // Whatever failed then, failed because of that.
    await scratch.stillThere();
    throw error;
  });
  await scratch.stillThere();
  return reportOf(parts, options, { ...run, full });
}

/** IO that names what to do where one may not write; null of any other error. */
function refusedError(error: unknown, directory: string): HoldfastError<'IO'> | null {
  const errno = HoldfastError.is(error, 'IO') ? error.details.errno : errnoOf(error);
  if (errno !== 'EACCES' && errno !== 'EPERM' && errno !== 'EROFS') return null;
  const why = errno === 'EROFS' ? 'it is mounted read-only' : 'you may not write there';
  const message =
    `Cannot measure the disk at ${JSON.stringify(directory)}: ${why} (${errno}); name another ` +
    'directory on that disk, as in holdfast tune DIR';
  const details = { syscall: null, errno, path: directory };
  return new HoldfastError('IO', message, details, { cause: error });
}

interface Run {
  readonly pace: Pace;
  readonly known: Known;
  readonly kind: string;
  readonly scratch: Scratch;
  readonly probing: Probing;
}

/** The error that says that the disk is full, or null when it was not. */
async function runSteps(
  { open, fileSystem }: TuneParts,
  { pace, known, kind, scratch, probing }: Run,
  onProgress: TuneOptions['onProgress'],
): Promise<HoldfastError<'FULL'> | null> {
  let stores = 0;
  const lab: EngineLab = {
    open,
    pace,
    stillThere: () => scratch.stillThere(),
    nextRoot: () => {
      stores += 1;
      return posix.join(scratch.directory, `store-${stores}`);
    },
    remove: (root) => removeTree(fileSystem, root),
    allowFileSystems: unsafeFileSystems.has(kind) ? [kind] : [],
  };
  const total = Math.round(pace.totalMs / 1000);
  try {
    for (const step of steps) {
      const done = Math.min(total, Math.round(pace.takenMs / 1000));
      onProgress?.({ what: `${step.name} (seconds)`, done, total });
      await pace.breathe();
      await scratch.stillThere();
      const part = pace.part(step.endShare, step.bytesShare);
      const isDone = pace.nowMs() < part.untilMs && (await step.run({ lab, probing, known, part }));
      if (!isDone) known.missing.push(step.name);
    }
    return null;
  } catch (thrown) {
    const error = fromSystem(thrown, 'measure the disk', scratch.directory);
    if (!HoldfastError.is(error, 'FULL')) throw thrown;
    applyRules(known);
    return error;
  }
}

/** What has to be heard before any number. */
function warningsOf(
  { load }: TuneParts,
  { known, kind, scratch }: Run,
  stopped: TuneReport['stopped'],
): readonly string[] {
  const [flush, busy] = [flushWarning(known.disk.flush), busyWarning(load)];
  const warnings = [flush, busy].filter((warning) => warning !== null);
  if (unsafeFileSystems.has(kind)) {
    warnings.push(
      `Holdfast refuses ${kind} unless it is allowed by name (allowFileSystems): locks and ` +
        'flushes there reach only this machine, or nobody.',
    );
  }
  if (!isEngineKnown(known.engine)) {
    warnings.push(`${tooLittle}${stopped === null ? '' : tooLittleBy[stopped.code]}.`);
  }
  return [...warnings, ...scratch.others];
}

/** Why nothing is recommended. */
const tooLittleBy: Readonly<Record<NonNullable<TuneReport['stopped']>['code'], string>> = {
  FULL: ': the disk is full',
  BYTES: ': --bytes did not reach as far as the engine',
  TIME: ': --seconds did not reach as far as the engine',
};

interface Ended extends Run {
  readonly full: HoldfastError<'FULL'> | null;
}

function reportOf(parts: TuneParts, options: TuneOptions, ended: Ended): TuneReport {
  const { pace, known, full } = ended;
  const { disk, engine, plan } = known;
  const stopped = stoppedOf(pace, known.missing, full);
  return {
    schema: 'holdfast.tune/1',
    directory: options.directory,
    node: parts.node,
    load: parts.load,
    seconds: { allowed: options.seconds, taken: Math.round(pace.takenMs) / 1000 },
    bytes: { allowed: options.bytes, written: Math.round(pace.written) },
    stopped,
    disk,
    engine,
    advice: plan.advice(engine, disk),
    checks: plan.checks,
    warnings: warningsOf(parts, ended, stopped),
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
