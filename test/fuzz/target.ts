/** What is fuzzed: a decoder, bytes to begin with, and what holds whatever it is given. */
import { HoldfastError } from '../../src/base/errors.ts';

/** One decoder, or several that read the same file. */
export interface Target {
  readonly name: string;
  /** Its share of all inputs, in parts per thousand. */
  readonly share: number;
  /** Bytes from which the changes begin. */
  readonly images: () => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Makes the checksums hold again, so that what stands behind them is reached as well. */
  readonly sign?: (bytes: Uint8Array) => void;
  /** Decodes, and throws when the answer is not one that may be given. */
  readonly run: (bytes: Uint8Array) => void | Promise<void>;
}

/** What a decoder may throw. */
const typed = ['UNDECODABLE', 'NEWER_FORMAT', 'DAMAGED', 'NOT_FOUND'];

/** Tries one input. Throws for everything but a value that holds and a typed refusal. */
export function attempt(target: Target, bytes: Uint8Array): void | Promise<void> {
  try {
    const done = target.run(bytes);
    return done instanceof Promise ? done.catch(requireTyped) : undefined;
  } catch (error) {
    return requireTyped(error);
  }
}

function requireTyped(error: unknown): void {
  if (!HoldfastError.is(error) || !typed.includes(error.code)) throw error;
}

/** Fails with the name of what did not hold. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`What was decoded does not hold: ${what}`);
}

/** A count as decoders give it. */
export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Fails unless both are the same bytes. */
export function mustEqual(one: Uint8Array, other: Uint8Array, what: string): void {
  must(Buffer.compare(one, other) === 0, what);
}
