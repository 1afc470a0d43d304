/**
 * Numbers for texts: every different text gets the next number. Of a text only 64 bits of hash are
 * kept, so that a million ids of 36 characters cost about 20 MiB and not 150; two texts of one file
 * share a hash by accident once in some million files of that size.
 */
import { Column } from './column.ts';

/** The numbers of texts, from 0 on. */
export class KeyTable {
  readonly #low = new Column((length) => new Uint32Array(length));
  readonly #high = new Column((length) => new Uint32Array(length));
  /** Open addressing; 0 is an empty slot, else the number of the text and one. */
  #slots = new Int32Array(128);

  /** How many different texts there are. */
  get size(): number {
    return this.#low.length;
  }

  /** The number of the text, a new one when it was not there. */
  intern(text: string): number {
    const { low, high } = hashOf(text);
    const slot = this.#slotOf(low, high);
    const held = this.#slots[slot] ?? 0;
    if (held > 0) return held - 1;
    this.#low.push(low);
    this.#high.push(high);
    this.#slots[slot] = this.size;
    if (this.size * 4 > this.#slots.length * 3) this.#grow();
    return this.size - 1;
  }

  /** The number of the text; -1 when it is not there. */
  find(text: string): number {
    const { low, high } = hashOf(text);
    return (this.#slots[this.#slotOf(low, high)] ?? 0) - 1;
  }

  #slotOf(low: number, high: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = (low ^ (high >>> 7)) & mask; ; slot = (slot + 1) & mask) {
      const held = this.#slots[slot] ?? 0;
      if (held === 0) return slot;
      if (this.#low.at(held - 1) === low && this.#high.at(held - 1) === high) return slot;
    }
  }

  #grow(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let id = 0; id < this.size; id += 1) {
      this.#slots[this.#slotOf(this.#low.at(id), this.#high.at(id))] = id + 1;
    }
  }
}

/** Two hashes of 32 bits over the code units, mixed with each other at the end. */
function hashOf(text: string): { readonly low: number; readonly high: number } {
  let low = 0xdeadbeef;
  let high = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x9e3779b1);
    low = (low << 13) | (low >>> 19);
    high = Math.imul(high ^ unit, 0x5f356495);
    high = (high << 17) | (high >>> 15);
  }
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  return { low: low >>> 0, high: high >>> 0 };
}
