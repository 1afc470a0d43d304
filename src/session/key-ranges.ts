/**
 * Which entries were appended with which idempotency key: the newest `idempotencyKeysMax` appends,
 * oldest first. An append that a rewind cuts out of the conversation keeps its place here, because
 * an undo brings its messages back, and its key with them; until then its key is a new key. So one
 * key may name several appends, at most one of which is in the conversation.
 */
import { idempotencyKeysMax } from '../base/quantities.ts';
import { isCut } from './cuts.ts';
import type { Cut } from './event.ts';

/** The entries of one append: first and last seq. */
export interface KeyRange {
  readonly from: number;
  readonly to: number;
}

/** One append with a key, as bases hold it. */
export type KeyRow = readonly [key: string, from: number, to: number];

/** The keys of one session. */
export class KeyRanges {
  /** By the first seq of the append, which orders them by age too. */
  readonly #rows = new Map<number, KeyRow>();
  /** First seqs of the appends with a key, ascending. */
  readonly #starts = new Map<string, number[]>();

  /** An entry that was appended with this key. */
  add(key: string, seq: number): void {
    const newest = this.#starts.get(key)?.at(-1);
    const row = newest === undefined ? undefined : this.#rows.get(newest);
    // An `appendAll` gives its key to each of its entries, which follow each other.
    if (row !== undefined && row[2] === seq - 1) this.#rows.set(row[1], [key, row[1], seq]);
    else this.restore([[key, seq, seq]]);
  }

  /**
   * The newest append with this key that none of these cuts took away. One that was cut in its
   * middle is not there as a whole any more, and so it is not there.
   */
  find(key: string, cuts: readonly Cut[]): KeyRange | undefined {
    const isThere = (start: number): boolean => !isCut(cuts, this.#rows.get(start)?.[2] ?? start);
    const from = this.#starts.get(key)?.findLast(isThere);
    return from === undefined ? undefined : { from, to: this.#rows.get(from)?.[2] ?? from };
  }

  /** Every append with a key, oldest first. */
  list(): readonly KeyRow[] {
    return [...this.#rows.values()];
  }

  /** Puts appends behind those that are there; beyond the bound the oldest are forgotten. */
  restore(rows: readonly KeyRow[]): void {
    for (const row of rows) {
      const [key, from] = row;
      this.#forget(from);
      this.#rows.set(from, row);
      const starts = this.#starts.get(key);
      if (starts === undefined) this.#starts.set(key, [from]);
      else starts.push(from);
      const oldest = this.#rows.keys().next();
      if (this.#rows.size > idempotencyKeysMax && !oldest.done) this.#forget(oldest.value);
    }
  }

  #forget(start: number): void {
    const key = this.#rows.get(start)?.[0];
    if (key === undefined) return;
    this.#rows.delete(start);
    const left = (this.#starts.get(key) ?? []).filter((from) => from !== start);
    if (left.length > 0) this.#starts.set(key, left);
    else this.#starts.delete(key);
  }
}
