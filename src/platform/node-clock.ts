/** The clock and the randomness of the machine. */
import { randomBytes } from 'node:crypto';
import type { Clock, Random, Timer } from './clock.ts';
import * as realTimers from './real-timers.ts';
import { sleepOn } from './sleep.ts';

/** setTimeout takes a longer delay for 1 ms. */
const delayMsMax = 2 ** 31 - 1;

/** What the clock is made of. */
type Timers = Pick<typeof realTimers, 'setTimer' | 'clearTimer' | 'monotonicMs'>;

/** Timers keep the process alive until they fire or are cancelled, but for those of `idle`. */
export function nodeClock(timers: Timers = realTimers): Clock {
  return new NodeClock(timers);
}

/** Random bytes from the operating system, good enough for ids and salts that nobody may guess. */
export function nodeRandom(): Random {
  return { bytes: (count) => new Uint8Array(randomBytes(count)) };
}

class NodeClock implements Clock {
  readonly #timers: Timers;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  nowMs(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return this.#timers.monotonicMs();
  }

  /**
   * A timer of Node may fire a fraction of a millisecond early; it is then set again for the rest.
   */
  after(delayMs: number, call: () => void): Timer {
    return this.#set(delayMs, call, 'alive');
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  idle(delayMs: number, signal?: AbortSignal): Promise<void> {
    const after = (ms: number, call: () => void): Timer => this.#set(ms, call, 'may end');
    return sleepOn({ after }, delayMs, signal);
  }

  #set(delayMs: number, call: () => void, meanwhile: 'alive' | 'may end'): Timer {
    const { setTimer, clearTimer, monotonicMs } = this.#timers;
    const due = monotonicMs() + delayMs;
    const arm = (restMs: number): NodeJS.Timeout => {
      const armed = setTimer(fire, Math.min(Math.ceil(restMs), delayMsMax));
      return meanwhile === 'alive' ? armed : armed.unref();
    };
    const fire = (): void => {
      const restMs = due - monotonicMs();
      if (restMs > 0) handle = arm(restMs);
      else call();
    };
    let handle = arm(delayMs);
    return { cancel: () => clearTimer(handle) };
  }
}
