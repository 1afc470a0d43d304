/**
 * A set of ids that were seen, as 64-bit hashes: 16 bytes an id or less, and no text is kept, so
 * that a conversation of a million calls costs megabytes. Two ids that share a hash would be taken
 * for one; among a million that happens once in about 37 million conversations, and then a finding
 * too many is told.
 */

/** Grows by doubling; never more than half full, so that looking is short. */
export class IdSet {
  #high: Uint32Array = new Uint32Array(64);
  #low: Uint32Array = new Uint32Array(64);
  #size = 0;

  /** How many different ids were added. */
  get size(): number {
    return this.#size;
  }

  has(id: string): boolean {
    const [high, low] = hashOf(id);
    const at = this.#slot(high, low);
    return this.#high[at] === high && this.#low[at] === low;
  }

  /** Adds the id; true when it was not there. */
  add(id: string): boolean {
    const [high, low] = hashOf(id);
    const at = this.#slot(high, low);
    if (this.#high[at] === high && this.#low[at] === low) return false;
    this.#high[at] = high;
    this.#low[at] = low;
    this.#size += 1;
    if (this.#size * 2 > this.#high.length) this.#grow();
    return true;
  }

  /** Where the hash stands, or the free place where it belongs. */
  #slot(high: number, low: number): number {
    const mask = this.#high.length - 1;
    let at = low & mask;
    while (this.#high[at] !== 0 || this.#low[at] !== 0) {
      if (this.#high[at] === high && this.#low[at] === low) return at;
      at = (at + 1) & mask;
    }
    return at;
  }

  #grow(): void {
    const [highs, lows] = [this.#high, this.#low];
    this.#high = new Uint32Array(highs.length * 2);
    this.#low = new Uint32Array(highs.length * 2);
    for (const [index, high] of highs.entries()) {
      const low = lows[index] ?? 0;
      if (high === 0 && low === 0) continue;
      const at = this.#slot(high, low);
      this.#high[at] = high;
      this.#low[at] = low;
    }
  }
}

/** Two multiplicative hashes over the code units, each mixed once more at the end; never both 0. */
function hashOf(id: string): readonly [high: number, low: number] {
  let high = 0xdeadbeef ^ id.length;
  let low = 0x41c6ce57 ^ id.length;
  for (let index = 0; index < id.length; index += 1) {
    const unit = id.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  const mixedHigh =
    Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  const mixedLow =
    Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  const [shownHigh, shownLow] = [mixedHigh >>> 0, mixedLow >>> 0];
  return shownHigh === 0 && shownLow === 0 ? [0, 1] : [shownHigh, shownLow];
}
