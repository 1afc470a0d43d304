/** Growing arrays of numbers: what is kept of every record of a file must not be an object. */

/** The arrays that a column can be made of. */
export type Numbers = Float64Array | Uint32Array | Int32Array | Uint16Array;

/** Numbers of one kind, one for each record, in one array that grows by half. */
export class Column<T extends Numbers> {
  readonly #make: (length: number) => T;
  #values: T;
  #length = 0;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#values = make(64);
  }

  get length(): number {
    return this.#length;
  }

  /** The numbers so far; the array shares its memory with the column until that grows. */
  get values(): T {
    return this.#values.subarray(0, this.#length) as T;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** Gives back the room that was kept for more. */
  trim(): void {
    this.#values = this.values.slice() as T;
  }

  at(index: number): number {
    return this.#values[index] ?? -1;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  #grow(): void {
    const larger = this.#make(Math.ceil(this.#length * 1.5) + 64);
    larger.set(this.#values);
    this.#values = larger;
  }
}

/** A column of counts and links; -1 stands for none. */
export function int32Column(): Column<Int32Array> {
  return new Column((length) => new Int32Array(length));
}
