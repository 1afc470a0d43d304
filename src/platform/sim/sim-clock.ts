/**
 * A clock that moves only when it is told to. Timers that are due fire in the order of their times,
 * and those of one time in the order in which they were set.
 */
import { assert } from '../../base/assert.ts';
import type { Clock, Timer } from '../clock.ts';
import { inNextTurn } from '../real-timers.ts';
import { sleepOn } from '../sleep.ts';

interface PendingTimer {
  readonly dueMs: number;
  readonly call: () => void;
}

/** 2026-01-01T00:00:00Z: any fixed time serves, and a real-looking one reads well in output. */
const wallStartMs = 1_767_225_600_000;

/** Starts at 0 of monotonic time. */
export class SimClock implements Clock {
  #monotonicMs = 0;
  #wallMs: number;
  #timers: PendingTimer[] = [];

  constructor(wallMs: number) {
    this.#wallMs = wallMs;
  }

  nowMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** How many timers wait to fire. */
  get timers(): number {
    return this.#timers.length;
  }

  after(delayMs: number, call: () => void): Timer {
    const timer = { dueMs: this.#monotonicMs + Math.max(0, delayMs), call };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** A simulated process does not end by itself, so it is the same. */
  idle(delayMs: number, signal?: AbortSignal): Promise<void> {
    return this.sleep(delayMs, signal);
  }

  /** Moves both clocks, firing what becomes due on the way, also timers that these calls set. */
  advance(ms: number): void {
    const endMs = this.#monotonicMs + ms;
    while (this.#fireNext(endMs));
    this.#moveTo(endMs);
  }

  /**
   * As `advance`, but after each timer everything that waits for a promise runs before the next one
   * fires, so that code that sleeps in a loop makes its way through the whole time.
   */
  async advanceThrough(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms;
    await turn();
    while (this.#fireNext(endMs)) await turn();
    this.#moveTo(endMs);
  }

  /** Moves the wall clock alone, back or forth, as an administrator or a time server does. */
  jumpWall(ms: number): void {
    this.#wallMs += ms;
  }

  #fireNext(endMs: number): boolean {
    let next: PendingTimer | null = null;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (next === null || timer.dueMs < next.dueMs)) next = timer;
    }
    if (next === null) return false;
    const fired = next;
    this.#timers = this.#timers.filter((other) => other !== fired);
    this.#moveTo(fired.dueMs);
    fired.call();
    return true;
  }

  #moveTo(ms: number): void {
    assert(ms >= this.#monotonicMs, 'time does not go back');
    this.#wallMs += ms - this.#monotonicMs;
    this.#monotonicMs = ms;
  }
}

/** A clock at a fixed date, or at the given wall-clock time. */
export function simClock(wallMs: number = wallStartMs): SimClock {
  return new SimClock(wallMs);
}

/** One turn of the event loop: all promise reactions that are ready have run after it. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    inNextTurn(resolve);
  });
}
