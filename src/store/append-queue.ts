/**
 * The appends of one session between their submission and their durability. They are answered in
 * the order of their sequence, so that a handle never shows an entry before the one in front of it,
 * and the durable end moves forward only.
 */
import { HoldfastError } from '../base/errors.ts';
import type { Placement } from '../journal/journal-protocol.ts';
import type { Answer } from '../journal/journal.ts';
import type { Ticket } from '../journal/submission.ts';
import type { Range } from './repeated.ts';

/** One submission on its way; the journal answers to it. */
export class QueuedAppend<Work> implements Answer {
  readonly work: Work;
  readonly #entries: number;
  /** Set as soon as the journal gave it. */
  ticket: Ticket = 0;
  placement: Placement | null = null;
  isFailed = false;
  /** Why it failed. */
  error: unknown = null;
  resolve: (range: Range) => void = unqueued;
  reject: (error: unknown) => void = unqueued;
  /** The error as its caller gets it. */
  told: (error: unknown) => unknown = unqueued;
  /** Tells its queue that it was answered. */
  answered: (item: QueuedAppend<Work>) => void = unqueued;

  constructor(work: Work, entries: number) {
    this.work = work;
    this.#entries = entries;
  }

  placed(placement: Placement): void {
    this.placement = placement;
    this.answered(this);
  }

  failed(error: unknown): void {
    this.giveUp(error);
    this.answered(this);
  }

  /** Its caller gets this error. */
  giveUp(error: unknown): void {
    // Before this one goes: what else is under way may be in doubt as well.
    const told = this.told(error);
    this.error = error;
    this.isFailed = true;
    this.reject(told);
  }

  /** The highest seq that may be in the journal with this, behind what goes up to `before`. */
  upTo(before: number): number {
    if (this.isFailed) return before;
    return this.placement === null ? before + this.#entries : this.rangeAt(this.placement).to;
  }

  rangeAt({ firstSeq }: Placement): Range {
    return { from: firstSeq, to: firstSeq + this.#entries - 1 };
  }
}

/** One queue for each session that is open for writing. */
export class AppendQueue<Work> {
  /** Submitted and not answered, in order. */
  #items: QueuedAppend<Work>[] = [];
  /** Answered, not durable: ticket to the last seq of the submission. */
  readonly #undurable = new Map<Ticket, number>();
  #durableUpTo: number;
  #idle: (() => void)[] = [];
  /** The highest seq that was told to its caller. */
  #answeredUpTo: number;
  readonly #onAnswer: (work: Work, placement: Placement) => void;
  readonly #told: (error: unknown) => unknown;
  readonly #answered = (item: QueuedAppend<Work>): void => {
    const { placement, ticket } = item;
    if (placement !== null) {
      this.#undurable.set(ticket, item.rangeAt(placement).to);
    }
    this.#drain();
  };

  /**
   * `onAnswer` is called in order, right before the caller's promise resolves; `told` makes of a
   * failure what the caller gets.
   */
  constructor(
    durableUpTo: number,
    onAnswer: (work: Work, placement: Placement) => void,
    told: (error: unknown) => unknown,
  ) {
    this.#durableUpTo = durableUpTo;
    this.#answeredUpTo = durableUpTo;
    this.#onAnswer = onAnswer;
    this.#told = told;
  }

  get durableUpTo(): number {
    return this.#durableUpTo;
  }

  /** The highest seq that what was submitted may have taken. */
  get submittedUpTo(): number {
    return this.#items.reduce((upTo, item) => item.upTo(upTo), this.#answeredUpTo);
  }

  /** Takes in what was just submitted. Resolves in order once the journal has answered. */
  add(item: QueuedAppend<Work>): Promise<Range> {
    return new Promise<Range>((resolve, reject) => {
      item.resolve = resolve;
      item.reject = reject;
      item.told = this.#told;
      item.answered = this.#answered;
      this.#items.push(item);
    });
  }

  /** The journal says that this submission, which it has answered, is durable. */
  durable(ticket: Ticket): void {
    const seq = this.#undurable.get(ticket);
    if (seq === undefined) return;
    this.#undurable.delete(ticket);
    this.#durableUpTo = Math.max(this.#durableUpTo, seq);
  }

  /** Resolves when nothing is waiting for its answer. */
  async idle(): Promise<void> {
    if (this.#items.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #drain(): void {
    let count = 0;
    let poison: unknown = null;
    for (const item of this.#items) {
      const { placement } = item;
      if (!item.isFailed && placement === null) break;
      count += 1;
      if (HoldfastError.is(item.error, 'POISONED')) poison = item.error;
      if (item.isFailed || placement === null) continue;
      // Behind one that nobody knows the fate of, nothing is told to be there: the conversation
      // would have a hole.
      if (poison !== null) {
        item.giveUp(poison);
        continue;
      }
      const range = item.rangeAt(placement);
      this.#answeredUpTo = range.to;
      this.#onAnswer(item.work, placement);
      item.resolve(range);
    }
    if (count > 0) this.#items.splice(0, count);
    if (this.#items.length > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resume of waiting) resume();
  }
}

/** Nothing is answered before it was taken in: the journal answers in a later turn. */
function unqueued(): never {
  throw new Error('An append was answered before it was queued');
}
