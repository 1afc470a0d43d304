/**
 * Whether it pays to look for something for a moment instead of sleeping until it comes. Where it
 * did not come in time (a slow disk, or more to do than processors), looking takes processor time
 * that the other side could need: after every miss that many more chances are passed over, twice as
 * many each time, up to a bound. The next find ends that.
 */
const missesMax = 6;

/** Keeps the account of one place where it is looked. */
export class Look {
  #misses = 0;
  #passOver = 0;

  /** Asked at every chance to look. */
  pays(): boolean {
    if (this.#passOver === 0) return true;
    this.#passOver -= 1;
    return false;
  }

  /** It came while it was looked for. */
  found(): void {
    this.#misses = 0;
    this.#passOver = 0;
  }

  /** It did not come in time. */
  missed(): void {
    this.#misses = Math.min(this.#misses + 1, missesMax);
    this.#passOver = 2 ** this.#misses;
  }
}
