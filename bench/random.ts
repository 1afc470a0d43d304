/** Chance with a seed: the same seed gives the same load, on every machine. */

/** Numbers of one seed, in order. Mulberry32: small, fast, and good enough to draw sizes with. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number below `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** A whole number of these bounds, small ones as likely as large ones: sizes are spread like that. */
  size(least: number, most: number): number {
    return Math.round(least * (most / least) ** this.next());
  }

  /** Time until the next of events that come by chance, of so many in a unit of time. */
  gap(rate: number): number {
    return -Math.log(1 - this.next()) / rate;
  }
}
