/**
 * A ring of records in memory that two threads share: one of them puts, the other takes. Nothing is
 * cloned and nothing is allocated, so handing a small record over costs little more than copying
 * its bytes.
 *
 *   positions   i32 written, i32 read: bytes since the beginning, wrapping at 2^32
 *   data        records, each at a multiple of 8: u32 number, u32 bytes of the body, the body
 *
 * A record does not wrap around the end: in front of one that would, a header whose size is `skip`
 * says that the rest of the ring is unused. The number names a record among messages of which only
 * some travel in the ring.
 */
import { assert } from '../base/assert.ts';

const headerBytes = 8;
/** Stands for the body's size: go on at the beginning. No body is as large. */
const skip = 0xffff_ffff;

const at = { written: 0, read: 1 } as const;

/** What the two threads share; plain, so that it can be handed to a thread. */
export interface RingMemory {
  readonly positions: SharedArrayBuffer;
  readonly data: SharedArrayBuffer;
}

/** Where the body of a record is written or read, from `at` up to `end`. */
export interface RecordPlace {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly at: number;
  readonly end: number;
}

/** Memory for a ring of so many bytes, a power of two of at least 64. */
export function ringMemory(capacityBytes: number): RingMemory {
  assert(capacityBytes >= 64 && Number.isInteger(Math.log2(capacityBytes)), 'a power of two');
  return {
    positions: new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT),
    data: new SharedArrayBuffer(capacityBytes),
  };
}

/** One thread's side of a ring. One thread only puts, the other only takes. */
export class SharedRing {
  readonly #positions: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #capacity: number;

  constructor(memory: RingMemory) {
    this.#positions = new Int32Array(memory.positions);
    this.#bytes = new Uint8Array(memory.data);
    this.#view = new DataView(memory.data);
    this.#capacity = memory.data.byteLength;
  }

  /**
   * Puts a record whose body has so many bytes; `fill` writes it. False, and nothing is put, when
   * the ring has no room for it now.
   */
  put(number: number, bodyBytes: number, fill: (place: RecordPlace) => void): boolean {
    const needed = headerBytes + alignedBytes(bodyBytes);
    const written = Atomics.load(this.#positions, at.written);
    const used = (written - Atomics.load(this.#positions, at.read)) >>> 0;
    let place = (written >>> 0) % this.#capacity;
    const untilEnd = this.#capacity - place;
    const skipped = needed > untilEnd ? untilEnd : 0;
    if (needed + skipped > this.#capacity - used) return false;
    if (skipped > 0) {
      this.#view.setUint32(place + 4, skip, true);
      place = 0;
    }
    this.#view.setUint32(place, number >>> 0, true);
    this.#view.setUint32(place + 4, bodyBytes, true);
    const body = place + headerBytes;
    fill({ bytes: this.#bytes, view: this.#view, at: body, end: body + bodyBytes });
    // Whoever sees the new position sees all that was written before it.
    Atomics.store(this.#positions, at.written, (written + skipped + needed) | 0);
    return true;
  }

  /**
   * Takes the next record if it has this number; `read` copies what it needs, because its bytes
   * are written over afterwards. Undefined when the next one has another number, or there is none.
   */
  take<T>(number: number, read: (place: RecordPlace) => T): T | undefined {
    let position = Atomics.load(this.#positions, at.read);
    if (position === Atomics.load(this.#positions, at.written)) return undefined;
    let place = (position >>> 0) % this.#capacity;
    if (this.#view.getUint32(place + 4, true) === skip) {
      position += this.#capacity - place;
      place = 0;
    }
    if (this.#view.getUint32(place, true) !== number >>> 0) return undefined;
    const bodyBytes = this.#view.getUint32(place + 4, true);
    const body = place + headerBytes;
    const record = { bytes: this.#bytes, view: this.#view, at: body, end: body + bodyBytes };
    const result = read(record);
    const taken = position + headerBytes + alignedBytes(bodyBytes);
    Atomics.store(this.#positions, at.read, taken | 0);
    return result;
  }
}

/** Bodies take a multiple of 8 bytes, so that numbers in them may be aligned. */
function alignedBytes(bytes: number): number {
  return (bytes + 7) & ~7;
}
