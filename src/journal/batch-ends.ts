/** Where batches end, in columns: 24 bytes each, for journals in which every entry has a batch. */
import type { BatchEnd } from './segment-walk.ts';

/** Ends in order. Arrays are such lists too. */
export interface BatchEnds extends Iterable<BatchEnd> {
  readonly length: number;
  /** Counted from the end when negative, as for arrays. */
  at(index: number): BatchEnd | undefined;
}

/** The last one for which it holds, looking from the end. */
export function lastEnd(ends: BatchEnds, holds: (end: BatchEnd) => boolean): BatchEnd | undefined {
  for (let index = ends.length - 1; index >= 0; index -= 1) {
    const end = ends.at(index);
    if (end !== undefined && holds(end)) return end;
  }
  return undefined;
}

/** A list that grows at its end. */
export class BatchEndTable implements BatchEnds {
  #numbers = new Float64Array(16);
  #checksums = new BigUint64Array(8);
  length = 0;

  push({ endOffset, lastSeq, checksum }: BatchEnd): void {
    if (this.length === this.#checksums.length) this.#grow();
    this.#numbers[this.length * 2] = endOffset;
    this.#numbers[this.length * 2 + 1] = lastSeq;
    this.#checksums[this.length] = checksum;
    this.length += 1;
  }

  at(index: number): BatchEnd | undefined {
    const place = index < 0 ? this.length + index : index;
    const checksum = place < this.length ? this.#checksums[place] : undefined;
    if (checksum === undefined) return undefined;
    const [endOffset = 0, lastSeq = 0] = this.#numbers.subarray(place * 2, place * 2 + 2);
    return { endOffset, lastSeq, checksum };
  }

  *[Symbol.iterator](): Generator<BatchEnd> {
    for (let index = 0; index < this.length; index += 1) {
      const end = this.at(index);
      if (end !== undefined) yield end;
    }
  }

  #grow(): void {
    const numbers = new Float64Array(this.length * 4);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const checksums = new BigUint64Array(this.length * 2);
    checksums.set(this.#checksums);
    this.#checksums = checksums;
  }
}
