/** Goes through a trace, and recovers crash states at moments that are drawn, or at every one. */
import { createHash } from 'node:crypto';
import type { SimDisk } from '../../src/platform/sim/sim-disk.ts';
import { Oracle } from '../crash/oracle.ts';
import { chance } from '../crash/workload.mjs';
import { crashState } from './crash-states.ts';
import { violations } from './invariants.ts';
import type { Step } from './steps.ts';
import { TracedDisk } from './traced-disk.ts';

/** What came out. */
export interface Explored {
  /** Crash states that were recovered. */
  readonly states: number;
  /** How many of them were not equal to another one. */
  readonly distinct: number;
  /** The first violation, with the place in the trace; null when there is none. */
  readonly violation: string | null;
}

/** Recovers so many states, spread over the whole trace. Stops at the first violation. */
export async function explore(
  steps: readonly Step[],
  plan: { readonly states: number; readonly seed: number },
): Promise<Explored> {
  const next = chance(plan.seed);
  const moments = Array.from({ length: plan.states }, () => Math.floor(next() * steps.length));
  moments.sort((one, other) => one - other);
  const disk = new TracedDisk();
  const oracle = new Oracle('power');
  let at = 0;
  const seen = new Set<string>();
  for (const [states, moment] of moments.entries()) {
    for (; at <= moment; at += 1) {
      const step = steps[at];
      if (step === undefined) break;
      disk.take(step);
      if (step.kind === 'told') oracle.take(step.line);
    }
    if (oracle.faults.length > 0)
      throw new Error(`The trace is no good: ${oracle.faults.join('; ')}`);
    const seed = Math.floor(next() * 2 ** 31);
    const draw = chance(seed);
    const state = crashState(disk, draw);
    seen.add(digestOf(state));
    const [fault] = await violations(state, oracle, draw);
    if (fault === undefined) continue;
    const violation = `before step ${at} of ${steps.length}, by ${seed}: ${fault}`;
    return { states: states + 1, distinct: seen.size, violation };
  }
  return { states: plan.states, distinct: seen.size, violation: null };
}

/** Equal for equal disks. */
function digestOf(disk: SimDisk): string {
  const digest = createHash('sha1');
  for (const path of disk.paths()) digest.update(path).update(disk.readFile(path));
  return digest.digest('hex');
}
