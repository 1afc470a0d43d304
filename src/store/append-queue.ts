/**
 * The appends of one session between their submission and their durability. They are answered in
 * the order of their sequence, so that a handle never shows an entry before the one in front of it,
 * and the durable end moves forward only.
 */
import type { Placement } from '../journal/journal-protocol.ts';
import type { Submitted } from '../journal/journal.ts';
import type { Ticket } from '../journal/submission.ts';

/** One submission on its way. */
interface Item {
  readonly ticket: Ticket;
  placement: Placement | null;
  failed: boolean;
  readonly resolve: (placement: Placement) => void;
}

/** One queue for each session that is open for writing. */
export class AppendQueue {
  /** Submitted and not answered, in order. */
  #items: Item[] = [];
  /** Answered, not durable: ticket to the last seq of the submission. */
  readonly #undurable = new Map<Ticket, number>();
  readonly #earlyDurable = new Set<Ticket>();
  #durableUpTo: number;
  #idle: (() => void)[] = [];
  readonly #onAnswer: (placement: Placement) => void;

  /** `onAnswer` is called in order, right before the caller's promise resolves. */
  constructor(durableUpTo: number, onAnswer: (placement: Placement) => void) {
    this.#durableUpTo = durableUpTo;
    this.#onAnswer = onAnswer;
  }

  get durableUpTo(): number {
    return this.#durableUpTo;
  }

  /** Resolves in order once the journal answered and `ready` resolved. */
  async add(submitted: Submitted, lastSeq: (placement: Placement) => number): Promise<Placement> {
    return new Promise<Placement>((resolve, reject) => {
      const item: Item = { ticket: submitted.ticket, placement: null, failed: false, resolve };
      this.#items.push(item);
      submitted.answered.then(
        (placement) => {
          item.placement = placement;
          this.#undurable.set(item.ticket, lastSeq(placement));
          this.#drain();
        },
        (error: unknown) => {
          item.failed = true;
          reject(error as Error);
          this.#drain();
        },
      );
    });
  }

  /** The journal says that this submission is durable. */
  durable(ticket: Ticket): void {
    const seq = this.#undurable.get(ticket);
    if (seq === undefined) {
      // Told in the same breath as the answer, whose promise has not run yet.
      this.#earlyDurable.add(ticket);
      return;
    }
    this.#undurable.delete(ticket);
    this.#durableUpTo = Math.max(this.#durableUpTo, seq);
  }

  /** Resolves when nothing is waiting for its answer. */
  async idle(): Promise<void> {
    if (this.#items.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #drain(): void {
    for (;;) {
      const item = this.#items[0];
      if (item === undefined) break;
      if (!item.failed && item.placement === null) return;
      this.#items.shift();
      if (item.placement === null) continue;
      if (this.#earlyDurable.delete(item.ticket)) this.durable(item.ticket);
      this.#onAnswer(item.placement);
      item.resolve(item.placement);
    }
    const waiting = this.#idle;
    this.#idle = [];
    for (const resume of waiting) resume();
  }
}
