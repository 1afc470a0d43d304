/** Time and randomness as parameters, so that tests move them by hand and a seed repeats a run. */

/** Handle of a timer that was set. */
export interface Timer {
  cancel(): void;
}

/** The only source of time and of timers. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump; only ever shown to people and stored. */
  nowMs(): number;
  /** Never goes back. The only clock that decides anything. */
  monotonicMs(): number;
  /** Calls once, after at least the given time. */
  after(delayMs: number, call: () => void): Timer;
  /** Resolves after at least the given time; rejects with the signal's reason when it aborts. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
  /**
   * The same for work in the background: the process may end meanwhile. So nobody may wait for it,
   * but by its signal.
   */
  idle(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The only source of chance: names, salts and jitter are drawn from it. */
export interface Random {
  bytes(count: number): Uint8Array;
}
