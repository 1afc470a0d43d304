/**
 * The appends of one session between their submission and their durability. They are answered in
 * the order of their sequence, so that a handle never shows an entry before the one in front of it,
 * and the durable end moves forward only.
 */
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
    // Before this one goes: what else is under way may be in doubt as well.
    const told = this.told(error);
    this.isFailed = true;
    this.reject(told);
    this.answered(this);
  }

  /** Entries that may be in the journal although nobody was told where. */
  get unplaced(): number {
    return this.isFailed || this.placement !== null ? 0 : this.#entries;
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
  /** The highest seq that was told to anybody. */
  #placedUpTo: number;
  readonly #onAnswer: (work: Work, placement: Placement) => void;
  readonly #told: (error: unknown) => unknown;
  readonly #answered = (item: QueuedAppend<Work>): void => {
    const { placement, ticket } = item;
    if (placement !== null) {
      const { to } = item.rangeAt(placement);
      this.#undurable.set(ticket, to);
      this.#placedUpTo = Math.max(this.#placedUpTo, to);
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
    this.#placedUpTo = durableUpTo;
    this.#onAnswer = onAnswer;
    this.#told = told;
  }

  get durableUpTo(): number {
    return this.#durableUpTo;
  }

  /** The highest seq that what was submitted may have taken. */
  get submittedUpTo(): number {
    return this.#items.reduce((sum, item) => sum + item.unplaced, this.#placedUpTo);
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
    for (const item of this.#items) {
      const { placement } = item;
      if (!item.isFailed && placement === null) break;
      count += 1;
      if (placement === null) continue;
      this.#onAnswer(item.work, placement);
      item.resolve(item.rangeAt(placement));
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
