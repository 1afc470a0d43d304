/**
 * Whether a machine is too busy for its numbers to decide anything, by the rule of the benchmarks.
 * What is measured beside other work differs from run to run, and looks as sure as any other. Pure.
 */
import type { MachineLoad } from '../platform/process-info.ts';
import { figure } from './units.ts';

/** More than this part of the processors had something to do in the last minute. */
const loadShareMax = 0.5;

/** `busy`: nothing may be concluded that exposes more than the defaults do. */
export type Calm = 'quiet' | 'busy';

/** By the load of the minute before the run, which is not its own. */
export function calmOf({ loadAverage, processors }: MachineLoad): Calm {
  return loadAverage > processors * loadShareMax ? 'busy' : 'quiet';
}

/** What has to be heard before any number; null of a quiet machine. */
export function busyWarning(load: MachineLoad): string | null {
  if (calmOf(load) === 'quiet') return null;
  const { loadAverage, processors } = load;
  const name = processors === 1 ? 'processor' : 'processors';
  return (
    `The machine is busy (load ${figure(loadAverage)} on ${processors} ${name}): the numbers ` +
    'tell of its other work as well, and no limit of batched appends goes beyond its default. ' +
    'Run this again when it is quiet.'
  );
}
