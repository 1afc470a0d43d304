/**
 * Time of a simulated machine: it passes only while somebody waits for work on that machine, so the
 * same work takes the same time in every run, and no test waits in earnest.
 */
import { HoldfastError } from '../base/errors.ts';
import { SimCrash } from '../platform/sim/faults.ts';
import type { SimDisk } from '../platform/sim/sim-disk.ts';

/** Simulated time that passes between two looks at whether the work is done. */
const stepMs = 10;
/** Work that takes longer hangs: a simulated quarter of an hour. */
const workMsMax = 15 * 60 * 1000;
/** What is left to code that notices late that the power is gone. */
const afterlifeMs = 1000;

/** Lets the clock of one machine run while there is work. */
export class Time {
  readonly #disk: SimDisk;
  #works = 0;
  #driving: Promise<void> | null = null;

  constructor(disk: SimDisk) {
    this.#disk = disk;
  }

  /**
   * Waits for the work while time passes. Work inside of work is fine: one of them moves the clock.
   * Rejects as the work does; with SimCrash when the power is gone and the work does not notice;
   * INVALID when it has not ended after a quarter of an hour.
   */
  async run<T>(work: () => T | PromiseLike<T>): Promise<T> {
    const state = { ended: false };
    const end = (): void => {
      state.ended = true;
    };
    this.#works += 1;
    try {
      const working = Promise.resolve(work());
      working.then(end, end);
      await this.#waitFor(state);
      return await working;
    } finally {
      this.#works -= 1;
    }
  }

  async #waitFor(state: { readonly ended: boolean }): Promise<void> {
    const { clock } = this.#disk;
    let offMs: number | null = null;
    const startMs = clock.monotonicMs();
    while (!state.ended) {
      await this.#step();
      const nowMs = clock.monotonicMs();
      if (this.#disk.isOff) offMs ??= nowMs;
      if (state.ended) return;
      if (offMs !== null && nowMs - offMs > afterlifeMs) throw new SimCrash('The machine is off');
      if (nowMs - startMs > workMsMax) throw hanging();
    }
  }

  /** One step of the clock, which all who wait share. */
  #step(): Promise<void> {
    this.#driving ??= this.#advance();
    return this.#driving;
  }

  async #advance(): Promise<void> {
    const { clock } = this.#disk;
    try {
      // What needs no time is done before any passes.
      await clock.advanceThrough(0);
      if (this.#works > 0) await clock.advanceThrough(stepMs);
    } finally {
      this.#driving = null;
    }
  }
}

function hanging(): HoldfastError<'INVALID'> {
  const message =
    'Cannot go on: the work has not ended within a simulated quarter of an hour; ' +
    'it may wait only for what this machine does, and for nothing outside of it';
  return new HoldfastError('INVALID', message, { path: 'work' });
}
