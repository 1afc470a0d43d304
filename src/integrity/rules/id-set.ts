/**
 * A set of ids that were seen. No text is kept, so that a conversation of a million calls costs
 * megabytes: 128 bits of hash for each id, and where to find it.
 */
import { KeyTable } from '../../base/key-table.ts';

/** Ids, each of them once. */
export class IdSet {
  readonly #ids: KeyTable = new KeyTable();

  /** How many different ids were added. */
  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    return this.#ids.find(id) >= 0;
  }

  /** Adds the id; true when it was not there. */
  add(id: string): boolean {
    const { size } = this.#ids;
    this.#ids.intern(id);
    return this.#ids.size > size;
  }
}
