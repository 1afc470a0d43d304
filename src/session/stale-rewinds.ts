/**
 * A rewind carries the conversation at its target as it was folded then. When entries in front of
 * that target are lost later, and the loss is accepted, it still counts them, and its digest covers
 * them. Whoever folds across a loss watches for that and folds the branch itself again: the state
 * is that of the messages which are there. A target that is lost is what is left in front of it.
 */
import { reachesBranch } from './cuts.ts';
import type { Cut, Entry } from './event.ts';

/** Watches entries that are folded, in their order. */
export class StaleRewinds {
  readonly #lost: Cut[] = [];
  #lastSeq: number;
  #isStale = false;

  /** Everything up to this seq was folded before, and is as it should be. */
  constructor(lastSeq: number) {
    this.#lastSeq = lastSeq;
  }

  /** True when the conversation was last set by a rewind that counts what is lost. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** An entry that is no rewind was folded. */
  passed(seq: number): void {
    if (seq > this.#lastSeq + 1) this.#lost.push([this.#lastSeq + 1, seq - 1]);
    this.#lastSeq = seq;
  }

  /** This entry was folded. */
  folded({ event, seq }: Entry): void {
    this.passed(seq);
    // Each rewind sets all of the conversation, whatever the one before it said.
    if (event.kind === 'rewind') {
      const { to, cuts } = event.rewind;
      this.#isStale = this.#lost.some(([from, end]) =>
        reachesBranch(cuts, { from, to: Math.min(end, to) }),
      );
    }
  }

  /** The conversation was folded anew. */
  mended(): void {
    this.#isStale = false;
  }
}
