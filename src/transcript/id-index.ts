/**
 * Finds the row of an id among very many, in eight bytes a slot and no object. Ids are kept as 64
 * bits of a hash; two different ids with the same bits would be taken for one, which nobody will
 * see by accident.
 */
import { Column } from './column.ts';

/** An id as two numbers of 32 bits. */
export interface IdHash {
  readonly high: number;
  readonly low: number;
}

/** The hash of an id: two independent mixes of its characters. */
export function hashOf(id: string): IdHash {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < id.length; at += 1) {
    const code = id.charCodeAt(at);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  const first =
    Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  const second =
    Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return { high: first >>> 0, low: second >>> 0 };
}

/** Rows by the id that they were given with. */
export class IdIndex {
  /** One more than the row; 0 is free. */
  #slots = new Uint32Array(256);
  readonly #high = new Column(Uint32Array);
  readonly #low = new Column(Uint32Array);

  /** The row with the id, the latest when there are several; -1 when there is none. */
  find({ high, low }: IdHash): number {
    return (this.#slots[this.#slotOf(high, low)] ?? 0) - 1;
  }

  /** Gives the next row its id. Rows are counted from 0, in the order of these calls. */
  add({ high, low }: IdHash): void {
    this.#high.push(high);
    this.#low.push(low);
    if (this.#high.length * 2 > this.#slots.length) this.#grow();
    this.#slots[this.#slotOf(high, low)] = this.#high.length;
  }

  #slotOf(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let slot = (high ^ Math.imul(low, 0x9e3779b1)) & mask;
    for (;;) {
      const row = (this.#slots[slot] ?? 0) - 1;
      if (row < 0 || (this.#high.at(row) === high && this.#low.at(row) === low)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    for (let row = 0; row < this.#high.length; row += 1) {
      this.#slots[this.#slotOf(this.#high.at(row), this.#low.at(row))] = row + 1;
    }
  }
}
