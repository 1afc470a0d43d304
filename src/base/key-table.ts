/**
 * Numbers for texts: every different text gets the next number. Of a text only 128 bits of hash are
 * kept, and no string. Texts of one length that differ in one character never share a hash; of
 * others, a million share one by accident with a chance below one in 10^26, which is far below that
 * of a machine that computes wrongly. So nothing is compared again.
 */
import type { Outlook } from './outlook.ts';
import { noOutlook, roomFor } from './outlook.ts';

/** The hash that was computed last; a value for each call would cost more than the hash. */
const hash = new Int32Array(4);

/** In a table of more slots than this a number needs all bits of its slot. */
const taggedSlotsMax = 2 ** 24;

/** The numbers of texts, from 0 on. The same text may be of several kinds. */
export class KeyTable {
  readonly #outlook: Outlook;
  readonly #taggedSlotsMax: number;
  /** Four for each text. */
  #hashes = new Int32Array(4 * 64);
  /**
   * Open addressing; 0 is an empty slot, else the number of the text and one. The upper 8 bits are
   * of the hash, as long as there is room: most slots of other texts are then passed over without a
   * look at their hashes, which stand far apart in memory.
   */
  #slots = new Int32Array(128);
  #tagMask: number;
  #size = 0;

  constructor(outlook: Outlook = noOutlook, slotsMax: number = taggedSlotsMax) {
    this.#outlook = outlook;
    this.#taggedSlotsMax = slotsMax;
    this.#tagMask = this.#maskFor(this.#slots.length);
  }

  /** How many different texts there are. */
  get size(): number {
    return this.#size;
  }

  /** The number of the text, a new one when it was not there. */
  intern(text: string, kind = 0): number {
    hashOf(text, kind);
    const slot = this.#slotOf(hash, 0);
    const held = this.#slots[slot] ?? 0;
    if (held !== 0) return (held & ~this.#tagMask) - 1;
    const row = 4 * this.#size;
    if (row === this.#hashes.length) this.#growHashes();
    for (let lane = 0; lane < 4; lane += 1) this.#hashes[row + lane] = hash[lane] ?? 0;
    this.#size += 1;
    this.#slots[slot] = this.#size | ((hash[2] ?? 0) & this.#tagMask);
    if (this.#size * 4 > this.#slots.length * 3) this.#growSlots();
    return this.#size - 1;
  }

  /** The number of the text; -1 when it is not there. */
  find(text: string, kind = 0): number {
    hashOf(text, kind);
    return ((this.#slots[this.#slotOf(hash, 0)] ?? 0) & ~this.#tagMask) - 1;
  }

  /** The slot of the hash that stands in an array from a place on. */
  #slotOf(of: Int32Array, at: number): number {
    const hashes = this.#hashes;
    const slots = this.#slots;
    const tagMask = this.#tagMask;
    const mask = slots.length - 1;
    const one = of[at] ?? 0;
    const two = of[at + 1] ?? 0;
    const three = of[at + 2] ?? 0;
    const four = of[at + 3] ?? 0;
    for (let slot = (one ^ (two >>> 9)) & mask; ; slot = (slot + 1) & mask) {
      const held = slots[slot] ?? 0;
      if (held === 0) return slot;
      if (((held ^ three) & tagMask) !== 0) continue;
      const row = 4 * ((held & ~tagMask) - 1);
      if (
        hashes[row] === one &&
        hashes[row + 1] === two &&
        hashes[row + 2] === three &&
        hashes[row + 3] === four
      ) {
        return slot;
      }
    }
  }

  #growHashes(): void {
    const larger = new Int32Array(4 * roomFor(this.#size, this.#outlook));
    larger.set(this.#hashes);
    this.#hashes = larger;
  }

  /** The texts all differ: each goes into the next empty slot. */
  #growSlots(): void {
    const hashes = this.#hashes;
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    this.#tagMask = this.#maskFor(slots.length);
    for (let id = 0; id < this.#size; id += 1) {
      const row = 4 * id;
      let slot = ((hashes[row] ?? 0) ^ ((hashes[row + 1] ?? 0) >>> 9)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = (id + 1) | ((hashes[row + 2] ?? 0) & this.#tagMask);
    }
    this.#slots = slots;
  }

  #maskFor(slots: number): number {
    return slots > this.#taggedSlotsMax ? 0 : 0xff000000 | 0;
  }
}

/**
 * Four lanes of 32 bits that go into each other, two code units at a time. Each step maps states
 * one to one, so a difference never gets lost; four more steps at the end spread the last units.
 */
function hashOf(text: string, kind: number): void {
  let one = 0x6a09e667 ^ text.length;
  let two = 0xbb67ae85 ^ kind;
  let three = 0x3c6ef372;
  let four = 0xa54ff53a;
  const even = text.length & ~1;
  for (let at = 0; at < even + 10; at += 2) {
    let unit = at;
    if (at < even) unit = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
    else if (at < text.length) unit = text.charCodeAt(at);
    one = two ^ Math.imul(one ^ unit, 0x239b961b);
    two = three ^ Math.imul(two ^ unit, 0xab0e9789);
    three = four ^ Math.imul(three ^ unit, 0x38b34ae5);
    four = one ^ Math.imul(four ^ unit, 0xa1e38b93);
    four = (four << 13) | (four >>> 19);
  }
  hash[0] = one;
  hash[1] = two;
  hash[2] = three;
  hash[3] = four;
}
