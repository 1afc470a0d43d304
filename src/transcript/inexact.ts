/**
 * What a JSON text says and the value that is read from it does not: digits that no double holds,
 * and the first of two members of one name. Nothing is lost in the file, as its bytes stay; but
 * whoever carries the value elsewhere has to be told. Every record is looked at, so the look costs
 * a fraction of parsing it: strings are passed over, names are compared by a hash first.
 */
import type { ByteCode } from '../integrity/finding.ts';
import { parseText } from './decode.ts';
import { isExactNumber } from './exact-number.ts';
import type { ByteFault } from './file-record.ts';
import { byte } from './json-scan.ts';

/** One place in a text of which the value says less. */
export interface Inexact {
  readonly code: Extract<ByteCode, 'NUMBER_ROUNDED' | 'DUPLICATE_KEY'>;
  /** Among the bytes that were looked at. */
  readonly from: number;
  readonly to: number;
  /** What it means, in words that begin a sentence. */
  readonly meaning: string;
}

/** So many bytes of a string are looked at one by one before its end is searched for. */
const shortString = 48;
/** With more members than this, the names of an object are kept in a set. */
const manyNames = 64;
/** As many digits any double holds. */
const safeDigits = 15;
const shownChars = 60;

/** The first of each code in a JSON text that was parsed. */
export function inexactIn(text: string): readonly Inexact[] {
  const bytes = Buffer.from(text);
  return new InexactLook().at(bytes, 0, bytes.length);
}

/** As faults of the bytes of a file, in which the first byte looked at stands at `offset`. */
export function inexactFaults(
  found: readonly Inexact[],
  { offset, from, line }: { readonly offset: number; readonly from: number; readonly line: number },
): readonly ByteFault[] {
  return found.map(({ code, meaning, ...at }) => {
    const place = { offset: offset + at.from - from, length: at.to - at.from, line };
    return { code, ...place, meaning, mend: null };
  });
}

/** Looks at one value after the other; what it needs for that is made once. */
export class InexactLook {
  #bytes: Buffer = Buffer.alloc(0);
  /** Names of the objects that are open, the outermost first: hash, and where they stand. */
  #hashes = new Int32Array(256);
  #starts = new Int32Array(256);
  #ends = new Int32Array(256);
  #names = 0;
  /** For each container that is open, the number of its first name; of a list, its complement. */
  #frames = new Int32Array(64);
  #depth = 0;
  readonly #sets = new Map<number, Set<string>>();
  /** How many there are behind the first of each code. */
  readonly #more = { rounded: 0, doubled: 0 };
  #rounded: Inexact | null = null;
  #doubled: Inexact | null = null;

  /** The first of each code in the value between two places; the bytes are one that was parsed. */
  at(bytes: Buffer, from: number, to: number): readonly Inexact[] {
    this.#bytes = bytes;
    this.#names = 0;
    this.#depth = 0;
    this.#sets.clear();
    this.#more.rounded = 0;
    this.#more.doubled = 0;
    this.#rounded = null;
    this.#doubled = null;
    this.#walk(from, to);
    if (this.#rounded === null && this.#doubled === null) return nothing;
    return [
      counted(this.#rounded, this.#more.rounded),
      counted(this.#doubled, this.#more.doubled),
    ].filter((each) => each !== null);
  }

  #walk(from: number, to: number): void {
    const bytes = this.#bytes;
    let isName = false;
    for (let at = from; at < to; ) {
      const value = bytes[at] ?? 0;
      if (value === byte.quote) {
        at = isName ? this.#name(at, to) : stringEnd(bytes, at, to);
        isName = false;
      } else if (value === minus || (value >= zero && value <= nine)) {
        const end = numberEnd(bytes, at, to);
        if (end < 0 || end - at > safeDigits) this.#number(at, Math.abs(end));
        at = Math.abs(end);
      } else {
        if (value === byte.comma) isName = (this.#frames[this.#depth] ?? -1) >= 0;
        else if (value === byte.open || value === byte.openArray) {
          isName = value === byte.open;
          this.#open(isName ? this.#names : -1 - this.#names);
        } else if (value === byte.close) {
          if (this.#sets.size > 0) this.#sets.delete(this.#depth);
          this.#names = this.#frames[this.#depth] ?? 0;
          this.#depth -= 1;
          isName = false;
        } else if (value === byte.closeArray) this.#depth -= 1;
        at += 1;
      }
    }
  }

  #open(frame: number): void {
    this.#depth += 1;
    if (this.#depth >= this.#frames.length) this.#frames = grown(this.#frames);
    this.#frames[this.#depth] = frame;
  }

  /** Behind the name that begins here. */
  #name(from: number, to: number): number {
    const bytes = this.#bytes;
    let hash = 0;
    let isPlain = true;
    let at = from + 1;
    for (; at < to; at += 1) {
      const value = bytes[at] ?? 0;
      if (value === byte.quote) break;
      if (value === byte.backslash) {
        isPlain = false;
        at += 1;
      }
      hash = (Math.imul(hash, 31) + value) | 0;
    }
    const end = at + 1;
    // Escapes spell a name in many ways, so it is told by what it says.
    if (!isPlain) hash = hashOf(this.#said(from, end));
    const index = this.#names;
    if (index === this.#hashes.length) {
      this.#hashes = grown(this.#hashes);
      this.#starts = grown(this.#starts);
      this.#ends = grown(this.#ends);
    }
    const isKnown = this.#isKnown(hash, from, end);
    this.#hashes[index] = hash;
    this.#starts[index] = from;
    this.#ends[index] = end;
    this.#names = index + 1;
    if (isKnown) this.#tellDoubled(from, end);
    return end;
  }

  /** True when the innermost object has a member of this name already. */
  #isKnown(hash: number, from: number, end: number): boolean {
    const first = this.#frames[this.#depth] ?? 0;
    const hashes = this.#hashes;
    const count = this.#names;
    if (count - first >= manyNames) return this.#isInSet(first, this.#said(from, end));
    for (let index = first; index < count; index += 1) {
      if (hashes[index] === hash && this.#isSame(index, from, end)) return true;
    }
    return false;
  }

  /** Most names that are the same are spelled the same, which is cheaper to see. */
  #isSame(index: number, from: number, end: number): boolean {
    const [start, stop] = [this.#starts[index] ?? 0, this.#ends[index] ?? 0];
    const isSpelledSame = this.#bytes.compare(this.#bytes, start, stop, from, end) === 0;
    return isSpelledSame || this.#nameAt(index) === this.#said(from, end);
  }

  #isInSet(first: number, name: string): boolean {
    let names = this.#sets.get(this.#depth);
    if (names === undefined) {
      names = new Set();
      for (let index = first; index < this.#names; index += 1) names.add(this.#nameAt(index));
      this.#sets.set(this.#depth, names);
    }
    if (names.has(name)) return true;
    names.add(name);
    return false;
  }

  #tellDoubled(from: number, to: number): void {
    if (this.#doubled !== null) {
      this.#more.doubled += 1;
      return;
    }
    const name = JSON.stringify(this.#said(from, to).slice(0, shownChars));
    // At the top the path is the name itself.
    const where = this.#depth === 1 ? '' : ` at ${this.#path()}`;
    const meaning =
      `two members of one object are named ${name}${where}; ` + 'only the last of them is read';
    this.#doubled = { code: 'DUPLICATE_KEY', from, to, meaning };
  }

  #number(from: number, to: number): void {
    const text = this.#bytes.toString('latin1', from, to);
    if (isExactNumber(text)) return;
    if (this.#rounded !== null) {
      this.#more.rounded += 1;
      return;
    }
    const shown = text.length > shownChars ? `${text.slice(0, shownChars)}…` : text;
    const where = this.#path();
    const place = where === '' ? '' : ` at ${where}`;
    const meaning = `the number ${shown}${place} is read as ${String(Number(text))}`;
    this.#rounded = { code: 'NUMBER_ROUNDED', from, to, meaning };
  }

  /**
   * The names that lead to where the look is, `[]` for each list on the way; from the inside, and
   * no further than is shown, as values may be nested a million deep.
   */
  #path(): string {
    let path = '';
    let depth = this.#depth;
    for (; depth > 0 && path.length <= pathChars; depth -= 1) {
      if ((this.#frames[depth] ?? 0) < 0) {
        path = `[]${path}`;
        continue;
      }
      const next = depth === this.#depth ? this.#names : (this.#frames[depth + 1] ?? 0);
      const name = this.#nameAt((next < 0 ? -1 - next : next) - 1);
      path = `${depth === 1 ? '' : '.'}${name}${path}`;
    }
    return path.length <= pathChars && depth === 0 ? path : `…${path.slice(-pathChars)}`;
  }

  #nameAt(index: number): string {
    return this.#said(this.#starts[index] ?? 0, this.#ends[index] ?? 0);
  }

  #said(from: number, end: number): string {
    return String(parseText(this.#bytes.toString('utf8', from, end)));
  }
}

/** The first with the number of those behind it. */
function counted(first: Inexact | null, more: number): Inexact | null {
  if (first === null || more === 0) return first;
  const others = more === 1 ? 'another one' : `${more} others`;
  return { ...first, meaning: `${first.meaning}, and so for ${others} in this record` };
}

const nothing: readonly Inexact[] = [];
const pathChars = 200;

/** Behind the string that begins here. */
function stringEnd(bytes: Buffer, from: number, to: number): number {
  let end = from + 1 + shortString;
  for (let at = from + 1; at < to; ) {
    if (at >= end) {
      at = bytes.indexOf(byte.quote, at);
      if (at < 0) return to;
      let before = at;
      while (bytes[before - 1] === byte.backslash) before -= 1;
      if ((at - before) % 2 === 0) return at + 1;
      at += 1;
      end = at + shortString;
      continue;
    }
    const value = bytes[at];
    if (value === byte.quote) return at + 1;
    at += value === byte.backslash ? 2 : 1;
  }
  return to;
}

/** Behind the number that begins here; negative when it has a sign or an exponent. */
function numberEnd(bytes: Buffer, from: number, to: number): number {
  let isPlain = bytes[from] !== minus;
  let at = from + 1;
  for (; at < to; at += 1) {
    const value = bytes[at] ?? 0;
    if ((value >= zero && value <= nine) || value === dot) continue;
    if (value !== minus && value !== plus && (value | 0x20) !== exponent) break;
    isPlain = false;
  }
  return isPlain ? at : -at;
}

function grown(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}

function hashOf(name: string): number {
  let hash = 0;
  for (const value of Buffer.from(name)) hash = (Math.imul(hash, 31) + value) | 0;
  return hash;
}

const minus = 0x2d;
const plus = 0x2b;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const exponent = 0x65;
