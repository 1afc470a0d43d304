/**
 * A sliding look at a source: the bytes that are not consumed yet, in one array that grows only
 * when a single record needs it. Whoever reads the source meanwhile disturbs nothing here.
 */
import { assert } from '../base/assert.ts';
import type { ByteSource } from './byte-source.ts';
import { readInto } from './byte-source.ts';

/** Consumed from the front, filled at the back. */
export class Window {
  readonly #source: ByteSource;
  readonly #chunkBytes: number;
  #room: Buffer;
  /** Offset in the source of the first byte of `#room`. */
  #base = 0;
  #from = 0;
  #to = 0;
  #view: Buffer;

  constructor(source: ByteSource, chunkBytes: number) {
    assert(chunkBytes > 0, 'a chunk has bytes');
    this.#source = source;
    this.#chunkBytes = chunkBytes;
    this.#room = Buffer.allocUnsafe(Math.min(source.size, 2 * chunkBytes));
    this.#view = this.#room.subarray(0, 0);
  }

  /** The array; its bytes from `from` to its end are not consumed. Changes with every `more`. */
  get bytes(): Buffer {
    return this.#view;
  }

  /** Where in `bytes` the first byte stands that is not consumed. */
  get from(): number {
    return this.#from;
  }

  /** Offset in the source of a place in `bytes`. */
  offset(at: number): number {
    return this.#base + at;
  }

  /** Everything in front of `at` is done with. */
  consume(at: number): void {
    assert(at >= this.#from && at <= this.#to, 'what is consumed is there');
    this.#from = at;
  }

  /** Adds a chunk; false at the end. Places in `bytes` from before are then no longer good. */
  more(): boolean {
    const at = this.#base + this.#to;
    const wanted = Math.min(this.#chunkBytes, this.#source.size - at);
    if (wanted <= 0) return false;
    this.#makeRoom(wanted);
    const count = readInto(this.#source, at, this.#room.subarray(this.#to, this.#to + wanted));
    if (count === 0) return false;
    this.#to += count;
    this.#view = this.#room.subarray(0, this.#to);
    return true;
  }

  #makeRoom(wanted: number): void {
    const held = this.#to - this.#from;
    if (this.#to + wanted <= this.#room.length) return;
    const needed = held + wanted;
    const small = needed <= this.#room.length;
    // Doubling keeps the copying of a long record in proportion to its length; a long one that is
    // done with gives its room back.
    const normal = 2 * this.#chunkBytes;
    const shrink = this.#room.length > 4 * normal && needed <= normal;
    const room =
      small && !shrink
        ? this.#room
        : Buffer.allocUnsafe(shrink ? normal : Math.max(needed, 2 * held));
    this.#room.copy(room, 0, this.#from, this.#to);
    this.#room = room;
    this.#base += this.#from;
    this.#from = 0;
    this.#to = held;
  }
}
