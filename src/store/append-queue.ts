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
  reject: (error: Error) => void = unqueued;
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

  failed(error: Error): void {
    this.isFailed = true;
    this.reject(error);
    this.answered(this);
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
  readonly #onAnswer: (work: Work, placement: Placement) => void;
  readonly #answered = (item: QueuedAppend<Work>): void => {
    const { placement, ticket } = item;
    if (placement !== null) this.#undurable.set(ticket, item.rangeAt(placement).to);
    this.#drain();
  };

  /** `onAnswer` is called in order, right before the caller's promise resolves. */
  constructor(durableUpTo: number, onAnswer: (work: Work, placement: Placement) => void) {
    this.#durableUpTo = durableUpTo;
    this.#onAnswer = onAnswer;
  }

  get durableUpTo(): number {
    return this.#durableUpTo;
  }

  /** Takes in what was just submitted. Resolves in order once the journal has answered. */
  add(item: QueuedAppend<Work>): Promise<Range> {
    return new Promise<Range>((resolve, reject) => {
      item.resolve = resolve;
      item.reject = reject;
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
