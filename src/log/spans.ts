/**
 * Where the entries of a log stand: for every segment the first and the last sequence in it.
 * Bounded by the number of segments, not of entries.
 */

/** The entries of one segment. Both ends are included. */
export interface Span {
  readonly segment: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Where the entries of a log stand. */
export class Spans {
  #all: Span[] = [];

  /** Spans in the order of their segments. */
  get all(): readonly Span[] {
    return this.#all;
  }

  /** Adds entries. Segments come in order; within one, in any order. */
  note(segment: number, firstSeq: number, lastSeq: number): void {
    const last = this.#all.at(-1);
    if (last?.segment !== segment) {
      this.#all.push({ segment, firstSeq, lastSeq });
      return;
    }
    const first = Math.min(last.firstSeq, firstSeq);
    const end = Math.max(last.lastSeq, lastSeq);
    this.#all[this.#all.length - 1] = { segment, firstSeq: first, lastSeq: end };
  }

  /**
   * The first segment that has to stay when entries below `seq` may go. The newest segment with an
   * entry always stays: it alone tells where the sequence goes on.
   */
  keepFrom(seq: number): number {
    const needed = this.#all.find((span) => span.lastSeq >= seq) ?? this.#all.at(-1);
    return needed?.segment ?? 0;
  }

  /** Forgets segments below this number. */
  dropBelow(segment: number): void {
    this.#all = this.#all.filter((span) => span.segment >= segment);
  }
}
