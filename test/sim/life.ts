/** One life of a simulated world from its seed, and the shortest life that still goes wrong. */
import type { Tally } from './looks.ts';
import { World } from './world.ts';

/** A life: its seed, how many steps it has, and which of them are left out. */
export interface LifePlan {
  readonly seed: number;
  readonly steps: number;
  readonly skip: ReadonlySet<number>;
}

/** What became of a life. */
export interface LifeResult {
  readonly plan: LifePlan;
  readonly tally: Tally;
  /** In which step a violation was found, and what it was. */
  readonly violation: { readonly step: number; readonly error: unknown } | null;
}

/** Lives it to its end, or to the first violation. */
export async function live(plan: LifePlan): Promise<LifeResult> {
  const world = await World.start(plan.seed);
  for (let step = 0; step < plan.steps; step += 1) {
    if (plan.skip.has(step)) continue;
    try {
      await world.step(step);
    } catch (error) {
      return { plan, tally: world.tally, violation: { step, error } };
    }
  }
  return { plan, tally: world.tally, violation: null };
}

/** How many lives are tried at most to make one shorter. */
const triesMax = 400;

/**
 * A life with fewer steps that ends in a violation as well: chunks of steps are left out, halves first,
 * then smaller ones, for as long as that helps.
 */
export async function shrink(failed: LifeResult, living = live): Promise<LifeResult> {
  let best = failed;
  let tries = 0;
  const attempt = async (plan: LifePlan): Promise<boolean> => {
    tries += 1;
    const result = await living(plan);
    if (result.violation === null) return false;
    best = { ...result, plan: { ...plan, steps: result.violation.step + 1 } };
    return true;
  };
  await attempt({ ...failed.plan, steps: (failed.violation?.step ?? 0) + 1 });
  for (let size = Math.ceil(best.plan.steps / 2); size >= 1; size = Math.floor(size / 2)) {
    const left = stepsOf(best.plan);
    for (let at = 0; at < left.length && tries < triesMax; at += size) {
      await attempt({
        ...best.plan,
        skip: new Set([...best.plan.skip, ...left.slice(at, at + size)]),
      });
    }
  }
  return best;
}

/** Steps that are not left out. */
export function stepsOf({ steps, skip }: LifePlan): readonly number[] {
  return Array.from({ length: steps }, (_, step) => step).filter((step) => !skip.has(step));
}

/** The one command that repeats this life. */
export function commandOf(plan: LifePlan): string {
  const skipped = rangesOf([...plan.skip].filter((step) => step < plan.steps));
  const skip = skipped === '' ? '' : ` --skip ${skipped}`;
  return `npm run sim -- --seed ${plan.seed} --seeds 1 --steps ${plan.steps}${skip}`;
}

/** Numbers as text: 1-4,7. */
function rangesOf(numbers: readonly number[]): string {
  const parts: string[] = [];
  const sorted = [...numbers].sort((one, other) => one - other);
  for (let at = 0; at < sorted.length; at += 1) {
    const from = sorted[at];
    while (sorted[at + 1] === (sorted[at] ?? 0) + 1) at += 1;
    parts.push(from === sorted[at] ? `${from}` : `${from}-${sorted[at]}`);
  }
  return parts.join(',');
}

/** The numbers of `rangesOf`. Empty text is none. */
export function numbersOf(text: string): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const part of text.split(',').filter((one) => one !== '')) {
    const [from = 0, to = from] = part.split('-').map(Number);
    for (let number = from; number <= to; number += 1) numbers.add(number);
  }
  return numbers;
}
