/**
 * Repeatable randomness: the same seed gives the same numbers for ever, on every machine. The
 * generator is sfc32, of which 128 bits of state are mixed from the seed. Not for secrets.
 */
import { assert } from '../../base/assert.ts';
import type { Random } from '../clock.ts';

/** A generator that repeats; get one with `fromSeed`. */
export class Prng {
  readonly #state: Uint32Array;

  constructor(state: Uint32Array) {
    assert(state.length === 4, 'the state has four words');
    this.#state = state;
  }

  /** Any integer is a seed; its low 32 bits count. Seeds that are close give unrelated numbers. */
  static fromSeed(seed: number): Prng {
    const prng = new Prng(Uint32Array.of(0, seed, 0x9e3779b9, 1));
    for (let round = 0; round < 15; round++) prng.uint32();
    return prng;
  }

  /** A generator that goes on as this one will, independently of it. */
  clone(): Prng {
    return new Prng(this.#state.slice());
  }

  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, counter = 0] = state;
    const next = (a + b + counter) >>> 0;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + next;
    state[3] = counter + 1;
    return next;
  }

  /** A whole number from 0 to `bound` - 1. `bound` is at least 1 and at most 2^32. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 2 ** 32) * bound);
  }

  /** True with the given probability; 0 is never, 1 is always. */
  chance(probability: number): boolean {
    return this.uint32() / 2 ** 32 < probability;
  }

  /** One of the choices, each as likely as the others. */
  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.below(choices.length)] ?? choices[0];
  }

  fill(into: Uint8Array): void {
    for (let index = 0; index < into.length; index++) into[index] = this.uint32() >>> 24;
  }
}

/** Random bytes that the seed alone decides, so that ids and salts repeat with it. */
export function simRandom(seed: number): Random {
  const prng = Prng.fromSeed(seed);
  return {
    bytes: (count) => {
      const bytes = new Uint8Array(count);
      prng.fill(bytes);
      return bytes;
    },
  };
}
