/**
 * Cuts work off after every change that it makes to a disk, draws what may be left, and lets a test
 * look at each: what a power cut or a kill does at its worst moment, without waiting for it.
 */
import { HoldfastError } from '../base/errors.ts';
import { requireKnown } from '../base/known-options.ts';
import { copyOfKnown } from './known-copy.ts';
import { SimMachine } from './sim-machine.ts';

/**
 * What was left: `kill`, every byte, because only the processes died; `none`, what was synced;
 * `all`, everything that was written; a number, what chance with this seed kept, dropped and tore.
 */
export type Cut = 'kill' | 'none' | 'all' | number;

/** Where the work was cut off, and what was left. */
export interface CrashPoint {
  /** Changes of the disk that the work had made; see `SimMachine.changes`. */
  readonly changes: number;
  readonly cut: Cut;
}

/** A crash, as `check` gets it. */
export interface Crash extends CrashPoint {
  /** Whether the work was done before the power went. */
  readonly ended: boolean;
}

/** What is tested, and how thoroughly. */
export interface CrashTest<T> {
  /** Decides everything that chance decides. An integer; default 1. */
  readonly seed?: number;
  /** Power cuts by chance that are drawn at each point, beside the others. 0 to 1000; default 2. */
  readonly cuts?: number;
  /** Cuts off after every so many changes. A whole number from 1; default 1, every change. */
  readonly every?: number;
  /** Only this point: to repeat a failure, whose message says which it was. */
  readonly only?: CrashPoint;
  /**
   * What the test knows at the start of a run, outside of the machine: an empty list of what was
   * acknowledged, for example. Called for every run. Each `check` gets a copy of its own when it is
   * plain data: objects, arrays, Map, Set, Date, bytes. What holds anything else is shared.
   */
  readonly begin: () => T | PromiseLike<T>;
  /** The work, on a machine with an empty disk. It notes in `known` what it was told. */
  readonly work: (machine: SimMachine, known: T) => unknown;
  /** Looks at one machine that was left, and throws when it breaks what was promised. */
  readonly check: (machine: SimMachine, known: T, crash: Crash) => unknown;
}

/** What was tried. */
export interface CrashSummary {
  /** Changes that the work makes to the disk when nothing cuts it off. */
  readonly changes: number;
  /** How often it was run, and cut off but for the last time. */
  readonly runs: number;
  /** Machines that `check` has looked at. */
  readonly states: number;
}

const cutsMax = 1000;

/**
 * Runs `work` again and again, cut off one change later each time, until it ends, and gives `check`
 * every machine that may be left. Both run on simulated time: see `SimMachine.run`.
 *
 * Throws what `check` throws, with the point in its message and the first error as `cause`; also
 * what `work` throws while the power is on. INVALID for a setting that is out of its bounds.
 */
export async function crashTest<T>(options: CrashTest<T>): Promise<CrashSummary> {
  const { seed, cuts, every } = settingsOf(options);
  const [first, step] = options.only === undefined ? [0, every] : [options.only.changes, 0];
  let states = 0;
  for (let [changes, runs] = [first, 1]; ; changes += step, runs += 1) {
    const machine = await SimMachine.create({ seed });
    const known = await options.begin();
    machine.cutPowerAfter(changes);
    const ended = await machine.runUntilOff(() => options.work(machine, known));
    for (const cut of options.only === undefined ? cutsOf(changes, cuts) : [options.only.cut]) {
      await checked(options, { changes, cut, ended }, copyOfKnown(known), machine);
      states += 1;
    }
    if (ended || step === 0) return { changes: machine.changes, runs, states };
  }
}

/** Seeds of their own for every point, so that all points together see many ways to tear. */
function cutsOf(changes: number, count: number): readonly Cut[] {
  const drawn = Array.from({ length: count }, (_, index) => changes * cutsMax + index);
  return ['kill', 'none', 'all', ...drawn];
}

async function checked<T>(
  options: CrashTest<T>,
  crash: Crash,
  known: T,
  machine: SimMachine,
): Promise<void> {
  const { changes, cut } = crash;
  const left = leftBy(machine, cut);
  try {
    await left.run(() => options.check(left, known, crash));
  } catch (cause) {
    const point = `{ changes: ${changes}, cut: ${JSON.stringify(cut)} }`;
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `After a crash, with seed ${machine.seed} and only: ${point}: ${why}`;
    throw new Error(message, { cause });
  }
}

function leftBy(machine: SimMachine, cut: Cut): SimMachine {
  if (cut === 'kill') return machine.rebooted();
  return machine.afterPowerCut(typeof cut === 'number' ? { seed: cut } : { keep: cut });
}

function settingsOf<T>(
  options: CrashTest<T>,
): Required<Pick<CrashTest<T>, 'seed' | 'cuts' | 'every'>> {
  const known = ['seed', 'cuts', 'every', 'only', 'begin', 'work', 'check'];
  requireKnown(options, known, 'crash-test');
  for (const name of ['begin', 'work', 'check'] as const) {
    if (typeof options[name] === 'function') continue;
    throw invalid(name, `"${name}" must be a function`);
  }
  const { seed = 1, cuts = 2, every = 1 } = options;
  requireWhole('seed', seed, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  requireWhole('cuts', cuts, 0, cutsMax);
  requireWhole('every', every, 1, Number.MAX_SAFE_INTEGER);
  return { seed, cuts, every };
}

function requireWhole(path: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw invalid(path, `"${path}" must be a whole number of ${min} to ${max}`);
}

function invalid(path: string, fault: string): HoldfastError<'INVALID'> {
  return new HoldfastError('INVALID', `Cannot crash-test: ${fault}`, { path });
}
