/**
 * What the records of a file look like: the names of their members, in order. Asked only where the
 * bytes leave in doubt whether an object is a record or was a part of one, so it is read only then,
 * once, from the first few megabytes.
 */
import type { ByteSource } from './byte-source.ts';
import { readDamagedLine } from './damaged-line.ts';
import type { DamagedLine } from './damaged-piece.ts';
import { asBuffer, parseBytes, unparsed } from './decode.ts';
import { byte } from './json-scan.ts';

const lookBytes = 4 * 1024 * 1024;
/** Of lines that are damaged so many are looked into. */
const damagedMax = 64;
const passesMax = 8;

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
    const damaged: DamagedLine[] = [];
    const familiar = (value: object): boolean => known.has(keysOf(value));
    for (let from = 0; from < bytes.length; ) {
      const end = bytes.indexOf(byte.lf, from);
      const to = end < 0 ? bytes.length : end;
      const value = parseBytes(bytes, from, to);
      if (typeof value === 'object' && value !== null) known.add(keysOf(value));
      else if (value === unparsed && damaged.length < damagedMax) {
        const isCut = end < 0 || (end + 1 === this.#source.size && bytes[to - 1] === 0);
        const begin = bytes[from] === 0 ? 'inside' : 'line';
        damaged.push({ bytes, from, to, begin, end: isCut ? 'open' : 'closed', familiar });
      }
      from = to + 1;
    }
    // What is found in damaged lines lets more be found, as it would be after mending.
    let before = -1;
    for (let pass = 0; pass < passesMax && before < known.size; pass += 1) {
      before = known.size;
      for (const line of damaged) {
        for (const found of readDamagedLine(line).found) {
          if (found.kind === 'record') known.add(keysOf(found.value as object));
        }
      }
    }
    return known;
  }
}

function keysOf(value: object): string {
  return JSON.stringify(Object.keys(value));
}
