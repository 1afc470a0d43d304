/**
 * A round of inputs from one seed: every target gets its share of them, changed from its images and
 * from inputs that reached code which none before had reached.
 */
import { Prng } from '../../src/platform/sim/prng.ts';
import type { BlockCoverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import { attempt } from './target.ts';
import type { Target } from './target.ts';

/** Counts of a round. */
export interface RoundTally {
  inputs: number;
  /** Inputs that were kept because they reached new code. */
  kept: number;
}

/** An input that broke a promise. */
export interface Violation {
  readonly target: string;
  readonly bytes: Uint8Array;
  readonly error: unknown;
}

/** Inputs between two looks at the coverage: fewer for a target that has few. */
const batchInputsMax = 512;
const batchesMin = 50;
const batchInputsMin = 32;
const imagesMax = 96;
/** Seeds of rounds that are close share no seed of a target. */
const seedStep = 7919;

/** What a round needs from outside; `begins` hears of every input before it is tried. */
export interface RoundParts {
  readonly coverage: BlockCoverage | null;
  readonly begins: (target: Target, bytes: Uint8Array) => void;
  /** Inputs that reached new code, by target: what was found earlier, and what is found now. */
  readonly corpus: Map<string, Uint8Array[]>;
}

/** Tries so many inputs in all. Stops at the first violation. */
export async function runRound(
  targets: readonly Target[],
  plan: { readonly seed: number; readonly inputs: number },
  parts: RoundParts,
): Promise<{ readonly tally: RoundTally; readonly violation: Violation | null }> {
  const tally: RoundTally = { inputs: 0, kept: 0 };
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  for (const [index, target] of targets.entries()) {
    const inputs = Math.max(1, Math.round((plan.inputs * target.share) / shares));
    const prng = Prng.fromSeed(plan.seed * seedStep + index);
    const violation = await runTarget(target, { prng, inputs, ...parts }, tally);
    if (violation !== null) return { tally, violation };
  }
  return { tally, violation: null };
}

async function runTarget(
  target: Target,
  plan: RoundParts & { readonly prng: Prng; readonly inputs: number },
  tally: RoundTally,
): Promise<Violation | null> {
  const found = plan.corpus.get(target.name) ?? [];
  plan.corpus.set(target.name, found);
  const images = [...(await target.images()), ...found];
  const sign = target.sign ?? ((): void => undefined);
  const tried = async (bytes: Uint8Array): Promise<Violation | null> => {
    plan.begins(target, bytes);
    // A decoder may write into what it is given.
    const input = bytes.slice();
    try {
      const done = attempt(target, input);
      if (done instanceof Promise) await done;
      return null;
    } catch (error) {
      return { target: target.name, bytes, error };
    }
  };
  for (const image of images) {
    const violation = await tried(image);
    if (violation !== null) return violation;
  }
  plan.coverage?.learn();
  const share = Math.ceil(plan.inputs / batchesMin);
  const batchInputs = Math.min(batchInputsMax, Math.max(batchInputsMin, share));
  for (let done = 0; done < plan.inputs; ) {
    const batch: Uint8Array[] = [];
    for (; batch.length < batchInputs && done < plan.inputs; done += 1) {
      const bytes = mutate(plan.prng, images, sign);
      batch.push(bytes);
      const violation = await tried(bytes);
      if (violation !== null) return violation;
    }
    tally.inputs += batch.length;
    if (plan.coverage?.look() !== true) continue;
    for (const bytes of await newOnes(batch, tried, plan.coverage)) {
      if (images.length >= imagesMax) continue;
      images.push(bytes);
      found.push(bytes);
      tally.kept += 1;
    }
  }
  return null;
}

/** Which inputs of a batch reach new code: halves of it are tried again, down to single ones. */
async function newOnes(
  batch: readonly Uint8Array[],
  tried: (bytes: Uint8Array) => Promise<unknown>,
  coverage: BlockCoverage,
): Promise<readonly Uint8Array[]> {
  for (const bytes of batch) await tried(bytes);
  if (batch.length <= 1) return coverage.learn() ? batch : [];
  if (!coverage.look()) return [];
  const half = batch.length >> 1;
  const first = await newOnes(batch.slice(0, half), tried, coverage);
  return [...first, ...(await newOnes(batch.slice(half), tried, coverage))];
}
