/**
 * How much reading may be spent on payloads that do not hold. A sound header behind damage is worth
 * a look wherever it stands; but headers that each claim the 64 MiB behind them would make a walk
 * through one file read it a million times. Honest damage is far below this.
 */
import { payloadBytesMax } from '../base/quantities.ts';

/** What is always allowed, and how many times what the walk has come forward. */
const freeBytes = 4 * payloadBytesMax;
const timesMax = 4;

/** The account of one walk. */
export class Waste {
  #allowedBytes: number = freeBytes;
  #bytes = 0;

  /** The walk came forward by so many bytes. */
  earn(bytes: number): void {
    this.#allowedBytes += timesMax * bytes;
  }

  spend(bytes: number): void {
    this.#bytes += bytes;
  }

  /** From here on a header is believed when it says where the next frame begins. */
  get isSpent(): boolean {
    return this.#bytes > this.#allowedBytes;
  }
}
