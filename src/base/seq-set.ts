/**
 * A set of sequences that may be millions, as runs without a gap: 16 bytes a run. (A `Set` takes
 * 40 bytes for each member and cannot have more than 2^24.)
 */

/** Numbers without a gap, both ends included. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Whole numbers from 0. Adding is cheap; the first question after it puts all in order. */
export class SeqSet {
  #bounds = new Float64Array(8);
  /** Of numbers in `#bounds`: from and to of each run in turn. */
  #count = 0;
  #isOrdered = true;

  add(seq: number): void {
    this.addRun(seq, seq);
  }

  /** All from the first to the last one. */
  addRun(from: number, to: number): void {
    const last = this.#bounds[this.#count - 1] ?? -2;
    if (this.#count > 0 && from === last + 1) {
      this.#bounds[this.#count - 1] = to;
      return;
    }
    if (this.#count > 0 && from <= last) this.#isOrdered = false;
    if (this.#count === this.#bounds.length) {
      const grown = new Float64Array(this.#count * 2);
      grown.set(this.#bounds);
      this.#bounds = grown;
    }
    this.#bounds[this.#count] = from;
    this.#bounds[this.#count + 1] = to;
    this.#count += 2;
  }

  has(seq: number): boolean {
    this.#order();
    let [low, high] = [0, this.#count / 2];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#bounds[middle * 2 + 1] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low < this.#count / 2 && (this.#bounds[low * 2] ?? 0) <= seq;
  }

  /** How many there are. */
  get size(): number {
    this.#order();
    let size = 0;
    for (const { from, to } of this.runs()) size += to - from + 1;
    return size;
  }

  /** The highest, or 0. */
  get highest(): number {
    this.#order();
    return this.#count === 0 ? 0 : (this.#bounds[this.#count - 1] ?? 0);
  }

  /** Runs without a gap, ascending, each as long as it can be. */
  *runs(): Generator<Run> {
    this.#order();
    for (let at = 0; at < this.#count; at += 2) {
      yield { from: this.#bounds[at] ?? 0, to: this.#bounds[at + 1] ?? 0 };
    }
  }

  #order(): void {
    if (this.#isOrdered) return;
    const bounds = this.#bounds;
    const order = Uint32Array.from({ length: this.#count / 2 }, (_, index) => index);
    order.sort((one, two) => (bounds[one * 2] ?? 0) - (bounds[two * 2] ?? 0));
    const ordered = new Float64Array(bounds.length);
    let count = 0;
    for (const run of order) {
      const [from, to] = [bounds[run * 2] ?? 0, bounds[run * 2 + 1] ?? 0];
      const last = ordered[count - 1] ?? -2;
      if (count > 0 && from <= last + 1) ordered[count - 1] = Math.max(last, to);
      else {
        ordered[count] = from;
        ordered[count + 1] = to;
        count += 2;
      }
    }
    this.#bounds = ordered;
    this.#count = count;
    this.#isOrdered = true;
  }
}
