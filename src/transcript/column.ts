/**
 * Growing arrays of numbers. An index over a file of a million records costs its numbers and no
 * object each, so that memory does not depend on how a runtime lays out objects.
 */

interface Numbers {
  readonly length: number;
  [index: number]: number;
  set(values: ArrayLike<number>): void;
}

/** A list of numbers of one width. What is not there reads as 0. */
export class Column {
  #values: Numbers;
  readonly #make: new (
    length: number,
  ) => Numbers;
  #length = 0;

  /** `make` is the kind of array: `Uint8Array`, `Float64Array` and so on. */
  constructor(make: new (length: number) => Numbers) {
    this.#make = make;
    this.#values = new make(64);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new this.#make(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  at(index: number): number {
    return index < this.#length ? (this.#values[index] ?? 0) : 0;
  }

  put(index: number, value: number): void {
    this.#values[index] = value;
  }

  /** Forgets everything from an index on. */
  cut(length: number): void {
    this.#length = Math.min(this.#length, length);
  }
}
