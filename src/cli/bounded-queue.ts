/**
 * Between a reader and a writer that work side by side: the reader waits while the queue is full,
 * the writer takes all that is there at once. One item is always let in, however large it is.
 */

/** What one item weighs, and how much the queue holds. */
export interface QueueBounds {
  readonly itemsMax: number;
  readonly bytesMax: number;
}

/** A queue for one reader and one writer. */
export class BoundedQueue<T extends { readonly bytes: number }> {
  readonly #bounds: QueueBounds;
  #items: T[] = [];
  #bytes = 0;
  #ended = false;
  #wake: (() => void)[] = [];

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds;
  }

  /** Resolves when the item is in, or dropped because the queue was ended meanwhile. */
  async push(item: T): Promise<void> {
    const { itemsMax, bytesMax } = this.#bounds;
    while (!this.#ended && this.#items.length > 0) {
      if (this.#items.length < itemsMax && this.#bytes + item.bytes <= bytesMax) break;
      await this.#changed();
    }
    if (this.#ended) return;
    this.#items.push(item);
    this.#bytes += item.bytes;
    this.#notify();
  }

  /** Waits for an item and takes all; empty once the queue is ended and drained. */
  async takeAll(): Promise<readonly T[]> {
    while (!this.#ended && this.#items.length === 0) await this.#changed();
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    this.#notify();
    return items;
  }

  /** Nothing more comes in. Either side may end it. */
  end(): void {
    this.#ended = true;
    this.#notify();
  }

  get ended(): boolean {
    return this.#ended;
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }
}
