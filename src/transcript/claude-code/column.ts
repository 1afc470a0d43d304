/** Growing arrays of numbers: what is kept of every record of a file must not be an object. */
import type { Outlook } from '../../base/outlook.ts';
import { noOutlook, roomFor } from '../../base/outlook.ts';

/**
 * Numbers of 32 bits in one array. Room that is not used yet costs no memory, because the machine
 * gives a page when it is written to; so a good outlook saves moving the array as it grows.
 */
export class Column {
  readonly #outlook: Outlook;
  #values: Int32Array;
  #length = 0;

  constructor(outlook: Outlook = noOutlook) {
    this.#outlook = outlook;
    this.#values = new Int32Array(64);
  }

  get length(): number {
    return this.#length;
  }

  /** The numbers so far; the array shares its memory with the column until that grows. */
  get values(): Int32Array {
    return this.#values.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#values.length) this.#grow();
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** The number at a place; -1 where there is none. */
  at(index: number): number {
    return this.#values[index] ?? -1;
  }

  set(index: number, value: number): void {
    this.#values[index] = value;
  }

  #grow(): void {
    const larger = new Int32Array(roomFor(this.#length, this.#outlook));
    larger.set(this.#values);
    this.#values = larger;
  }
}

/** Numbers most of which are -1: as long as all are, they cost nothing. */
export class SparseColumn {
  readonly #outlook: Outlook;
  #column: Column | null = null;
  #length = 0;

  constructor(outlook: Outlook) {
    this.#outlook = outlook;
  }

  /** The numbers; none at all when every one of them is -1. */
  get values(): Int32Array {
    return this.#column?.values ?? none;
  }

  push(value: number): void {
    if (value !== -1 && this.#column === null) {
      this.#column = new Column(this.#outlook);
      for (let at = 0; at < this.#length; at += 1) this.#column.push(-1);
    }
    this.#column?.push(value);
    this.#length += 1;
  }

  at(index: number): number {
    return this.#column?.at(index) ?? -1;
  }
}

const none = new Int32Array(0);

/** Numbers that never fall and may be beyond 32 bits: the places of records in a file. */
export class OffsetColumn {
  readonly #low: Column;
  /** How many offsets there are in front of each multiple of 4 GiB. */
  readonly #carries: number[] = [];

  constructor(outlook: Outlook) {
    this.#low = new Column(outlook);
  }

  push(offset: number): void {
    while (offset >= (this.#carries.length + 1) * high) this.#carries.push(this.#low.length);
    this.#low.push(offset % high);
  }

  at(index: number): number {
    let carried = 0;
    while (carried < this.#carries.length && (this.#carries[carried] ?? 0) <= index) carried += 1;
    return carried * high + (this.#low.at(index) >>> 0);
  }
}

const high = 2 ** 32;

/** Numbers that mostly grow by one with every place; only where they do not, something is kept. */
export class CountColumn {
  readonly #starts: Column = new Column();
  readonly #ahead: Column = new Column();
  #length = 0;

  push(value: number): void {
    const ahead = value - this.#length;
    const { length } = this.#starts;
    if (length === 0 || this.#ahead.at(length - 1) !== ahead) {
      this.#starts.push(this.#length);
      this.#ahead.push(ahead);
    }
    this.#length += 1;
  }

  at(index: number): number {
    let low = 0;
    let end = this.#starts.length;
    while (end - low > 1) {
      const middle = (low + end) >>> 1;
      if (this.#starts.at(middle) <= index) low = middle;
      else end = middle;
    }
    return index + this.#ahead.at(low);
  }
}
