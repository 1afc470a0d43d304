/**
 * Seeds of random tests. HOLDFAST_SEED repeats one of them. Else nobody chose it; but while
 * HOLDFAST_SEEDS is set, the seeds follow from its text and the place in the file alone. The gate sets
 * it to the tree of the commit: two runs of it on one commit try the same, each new commit tries
 * something new, and a red gate is red again until somebody mends it.
 */
import { createHash, randomBytes } from 'node:crypto';

const text = process.env['HOLDFAST_SEEDS'];
let drawn = 0;

/** Whether the seeds of this run follow from a text. */
export const seedsAreGiven: boolean = text !== undefined && text !== '';

/** A seed from 1 to `max` that nobody chose. */
export function freshSeed(max = 2 ** 31 - 1): number {
  const bytes = seedsAreGiven
    ? createHash('sha256').update(`${text} ${drawn++}`).digest()
    : randomBytes(4);
  return 1 + (bytes.readUInt32LE(0) % max);
}

/** The seed that HOLDFAST_SEED names, else a fresh one. */
export function testSeed(max?: number): number {
  return Number(process.env['HOLDFAST_SEED'] ?? freshSeed(max));
}
