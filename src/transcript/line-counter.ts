/** On which line a byte of a value stands that goes over several lines. */
import type { ByteSource } from './byte-source.ts';
import type { ByteFault } from './file-record.ts';
import { byte } from './json-scan.ts';

const chunkBytes = 64 * 1024;

/** A place of which the line is known. */
interface Known {
  readonly offset: number;
  /** 1-based. */
  readonly line: number;
}

/** Counts on from the last answer, so that many faults of one value cost one pass over it. */
export class LineCounter {
  readonly #source: ByteSource;
  #last: Known = { offset: 0, line: 1 };

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** The fault with its own line, if it stands in the value that begins at this place. */
  placed(fault: ByteFault, begins: Known): ByteFault {
    return fault.offset < begins.offset
      ? fault
      : { ...fault, line: this.#lineOf(fault.offset, begins) };
  }

  #lineOf(offset: number, { offset: from, line: first }: Known): number {
    const { offset: last } = this.#last;
    let [at, line] = [from, first];
    if (last >= from && last <= offset) [at, line] = [last, this.#last.line];
    while (at < offset) {
      const bytes = this.#source.read(at, Math.min(chunkBytes, offset - at));
      if (bytes.length === 0) break;
      for (let lf = bytes.indexOf(byte.lf); lf >= 0; lf = bytes.indexOf(byte.lf, lf + 1)) line += 1;
      at += bytes.length;
    }
    this.#last = { offset, line };
    return line;
  }
}
