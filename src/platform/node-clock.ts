/** The clock and the randomness of the machine. */
import { randomBytes } from 'node:crypto';
import type { Clock, Random, Timer } from './clock.ts';
import { sleepOn } from './sleep.ts';

/** setTimeout takes a longer delay for 1 ms. */
const delayMsMax = 2 ** 31 - 1;

/** Timers keep the process alive until they fire or are cancelled. */
export function nodeClock(): Clock {
  return new NodeClock();
}

/** Random bytes from the operating system, good enough for ids and salts that nobody may guess. */
export function nodeRandom(): Random {
  return { bytes: (count) => new Uint8Array(randomBytes(count)) };
}

class NodeClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now();
  }

  /**
   * A timer of Node may fire a fraction of a millisecond early; it is then set again for the rest.
   */
  after(delayMs: number, call: () => void): Timer {
    const due = performance.now() + delayMs;
    const arm = (restMs: number): NodeJS.Timeout =>
      setTimeout(fire, Math.min(Math.ceil(restMs), delayMsMax));
    const fire = (): void => {
      const restMs = due - performance.now();
      if (restMs > 0) handle = arm(restMs);
      else call();
    };
    let handle = arm(delayMs);
    return { cancel: () => clearTimeout(handle) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }
}
