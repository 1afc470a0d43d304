/**
 * What a run may still take: time, bytes, and the user's patience. Every loop asks here before it
 * goes on, so that no measurement outlives its bounds or an interrupt.
 */
import { inNextTurn } from '../platform/real-timers.ts';
import type { Clock } from '../platform/clock.ts';

/** The bounds of a run. */
export interface Bounds {
  readonly seconds: number;
  readonly bytes: number;
  readonly signal: AbortSignal;
}

/** A part of a run: when it is over, and how many bytes it may take. */
export interface Part {
  readonly untilMs: number;
  readonly bytes: number;
}

/** Time and bytes, as they run out. */
export class Pace {
  readonly signal: AbortSignal;
  readonly bytesAllowed: number;
  readonly totalMs: number;
  readonly #clock: Clock;
  readonly #startMs: number;
  #written = 0;
  #refused = false;

  constructor(clock: Clock, { seconds, bytes, signal }: Bounds) {
    this.#clock = clock;
    this.#startMs = clock.monotonicMs();
    this.totalMs = seconds * 1000;
    this.bytesAllowed = bytes;
    this.signal = signal;
  }

  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** Milliseconds since the run began. */
  get takenMs(): number {
    return this.nowMs() - this.#startMs;
  }

  /** A part that is over at this share of the whole time, with this share of all bytes. */
  part(endShare: number, bytesShare: number): Part {
    const untilMs = this.#startMs + this.totalMs * endShare;
    return { untilMs, bytes: this.bytesAllowed * bytesShare };
  }

  get written(): number {
    return this.#written;
  }

  /** True once something was left out because the bytes had run out. */
  get isOutOfBytes(): boolean {
    return this.#refused;
  }

  /** Takes bytes before they are written; false, and nothing taken, when there are not so many. */
  take(bytes: number): boolean {
    if (this.#written + bytes > this.bytesAllowed) {
      this.#refused = true;
      return false;
    }
    this.#written += bytes;
    return true;
  }

  /** Lets timers and signals in, and throws the reason of an abort. */
  async breathe(): Promise<void> {
    await new Promise<void>((resolve) => {
      inNextTurn(resolve);
    });
    this.signal.throwIfAborted();
  }
}
