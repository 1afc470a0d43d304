/**
 * The clock of a thread that sleeps by itself instead of in an event loop: its timers are fired by
 * whoever runs the loop.
 */
import type { Clock, Timer } from './clock.ts';
import { sleepOn } from './sleep.ts';

/** Few timers at a time: they stand in a list. */
export class LoopClock implements Clock {
  readonly #timers = new Set<{ readonly dueMs: number; readonly call: () => void }>();

  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(delayMs: number, call: () => void): Timer {
    const timer = { dueMs: this.monotonicMs() + delayMs, call };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** The same: its thread ends when it is told to. */
  idle(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.sleep(delayMs, signal);
  }

  /** How long nothing is due; Infinity when there is no timer. */
  get untilNextMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const timer of this.#timers) dueMs = Math.min(dueMs, timer.dueMs);
    return Math.max(0, dueMs - this.monotonicMs());
  }

  /** Fires what is due. */
  fire(): void {
    if (this.#timers.size === 0) return;
    const nowMs = this.monotonicMs();
    for (const timer of Array.from(this.#timers)) {
      // One that was cancelled by a call before it is gone from the set.
      if (timer.dueMs <= nowMs && this.#timers.delete(timer)) timer.call();
    }
  }
}
