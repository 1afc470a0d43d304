/**
 * What the records of a file look like: the names of their members, in order. Asked only where the
 * bytes leave in doubt whether an object is a record or was a part of one, so it is read only then,
 * once, from the first few megabytes.
 */
import type { ByteSource } from './byte-source.ts';
import { asBuffer, parseBytes } from './decode.ts';
import { byte } from './json-scan.ts';

const lookBytes = 4 * 1024 * 1024;

/** The kinds of records at the beginning of one file. */
export class RecordKeys {
  readonly #source: ByteSource;
  #known: Set<string> | null = null;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** True when a whole line of the file is an object with these members. */
  has(value: object): boolean {
    this.#known ??= this.#read();
    return !Array.isArray(value) && this.#known.has(keysOf(value));
  }

  #read(): Set<string> {
    const known = new Set<string>();
    const length = Math.min(lookBytes, this.#source.size);
    const bytes = Buffer.from(asBuffer(this.#source.read(0, length)));
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(byte.lf, from);
      const to = end < 0 ? bytes.length : end;
      const value = parseBytes(bytes, from, to);
      if (typeof value === 'object' && value !== null) known.add(keysOf(value));
      from = to + 1;
    }
    return known;
  }
}

function keysOf(value: object): string {
  return JSON.stringify(Object.keys(value));
}
