/**
 * Memory that is read into again and again, for whoever looks at bytes once and keeps no view of
 * them. Fresh memory for every read costs its page faults and sets the collector to work.
 */
import type { File } from './file-system.ts';

/** The memory of one reader, who asks for one piece after the other. */
export class ReadRoom {
  readonly #keptBytesMax: number;
  #memory: Uint8Array = new Uint8Array(0);

  /** What is longer than this gets memory of its own, which goes with it. */
  constructor(keptBytesMax: number) {
    this.#keptBytesMax = keptBytesMax;
  }

  /** As `readUpTo`; the bytes are good until the next reading. */
  async read(file: Pick<File, 'read'>, at: number, length: number): Promise<Uint8Array> {
    const into = this.#of(length);
    return into.subarray(0, await file.read(into, at));
  }

  #of(length: number): Uint8Array {
    if (length > this.#keptBytesMax) return new Uint8Array(length);
    if (this.#memory.length < length) this.#memory = new Uint8Array(length);
    return this.#memory.subarray(0, length);
  }
}
