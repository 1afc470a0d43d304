/**
 * Finds where a JSON value ends in bytes that may be damaged, and where the grammar breaks. The
 * values themselves are made by `JSON.parse`; this only tells which bytes to give to it. One pass,
 * no recursion, so that neither length nor depth can do harm.
 */

/** The bytes of the grammar. */
export const byte = {
  tab: 0x09,
  lf: 0x0a,
  cr: 0x0d,
  space: 0x20,
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  open: 0x7b,
  close: 0x7d,
} as const;

/** Deeper values break the grammar here, so that the stack of a scan stays small. */
const depthMax = 4_000_000;

/** What one scan found. */
export interface Scan {
  /**
   * `value`: a whole value ends in front of `at`. `broken`: the byte at `at` cannot follow.
   * `unfinished`: the bytes end while the value may still go on.
   */
  readonly kind: 'value' | 'broken' | 'unfinished';
  readonly at: number;
  /** The object inside that was closed last, when nothing but blanks stands behind it. */
  readonly lastObject: { readonly from: number; readonly to: number } | null;
}

/** Whether zero bytes break the grammar, or are passed over as if they were not there. */
export type Nuls = 'break' | 'pass';

/** The first place from `from` on that is no blank of JSON; `to` when there is none. */
export function skipBlanks(
  bytes: Uint8Array,
  from: number,
  to: number,
  nuls: Nuls = 'break',
): number {
  let at = from;
  while (at < to && (isBlank(bytes[at]) || (nuls === 'pass' && bytes[at] === 0))) at += 1;
  return at;
}

/** The place behind the last byte before `to` that is no blank. */
export function trimBlanks(bytes: Uint8Array, from: number, to: number): number {
  let at = to;
  while (at > from && isBlank(bytes[at - 1])) at -= 1;
  return at;
}

/** A space, a tab or a part of a line end. */
export function isBlank(value: number | undefined): boolean {
  return value === byte.space || value === byte.lf || value === byte.cr || value === byte.tab;
}

/** Scans the value that begins at `from`, and no further than `to`. */
export function scanValue(bytes: Uint8Array, from: number, to: number, nuls: Nuls = 'break'): Scan {
  return new Scanner(bytes, to, nuls).scan(from);
}

/**
 * The beginning of a longer JSON text, made whole: cut behind the last value that ends in it, and
 * closed. Null when no value ends in it.
 */
export function closedPrefix(bytes: Buffer): string | null {
  const scanner = new Scanner(bytes, bytes.length, 'break');
  const scan = scanner.scan(0);
  if (scan.kind === 'value') return bytes.toString('utf8', 0, scan.at);
  const { at, closers } = scanner.lastWhole;
  return at < 0 ? null : bytes.toString('utf8', 0, at) + closers;
}

/** What may come next. */
type Expected = 'value' | 'first-element' | 'first-key' | 'key' | 'colon' | 'comma';

class Scanner {
  readonly #bytes: Uint8Array;
  readonly #to: number;
  /** Where the open containers began. */
  readonly #stack: number[] = [];
  #expected: Expected = 'value';
  #objectFrom = -1;
  #objectTo = -1;
  #broken = false;
  readonly #nuls: Nuls;
  #wholeAt = -1;
  #wholeDepth = 0;

  constructor(bytes: Uint8Array, to: number, nuls: Nuls) {
    this.#bytes = bytes;
    this.#to = to;
    this.#nuls = nuls;
  }

  /** Where the last member or element ended, and what closes the containers that are open there. */
  get lastWhole(): { readonly at: number; readonly closers: string } {
    const open = this.#stack.slice(0, this.#wholeDepth).toReversed();
    const closers = open.map((at) => (this.#bytes[at] === byte.open ? '}' : ']')).join('');
    return { at: this.#wholeAt, closers };
  }

  scan(from: number): Scan {
    let at = skipBlanks(this.#bytes, from, this.#to, this.#nuls);
    while (at < this.#to) {
      const next = this.#token(at);
      if (this.#broken) return this.#found('broken', next);
      if (next < 0) break;
      if (this.#stack.length === 0) {
        // A number at the top may go on in bytes that are not here.
        return this.#found('value', next);
      }
      if (this.#expected === 'comma')
        [this.#wholeAt, this.#wholeDepth] = [next, this.#stack.length];
      at = skipBlanks(this.#bytes, next, this.#to, this.#nuls);
    }
    return this.#found('unfinished', this.#to);
  }

  #found(kind: Scan['kind'], at: number): Scan {
    const [from, to] = [this.#objectFrom, this.#objectTo];
    const last = from >= 0 && kind !== 'value' && skipBlanks(this.#bytes, to, at) === at;
    return { kind, at, lastObject: last ? { from, to } : null };
  }

  /** One token at `at`: where it ends, -1 when it does not, where it breaks when it is broken. */
  #token(at: number): number {
    const value = this.#bytes[at];
    const expected = this.#expected;
    if (expected === 'colon') {
      if (value !== byte.colon) return this.#breaks(at);
      this.#expected = 'value';
      return at + 1;
    }
    if (value === byte.close || value === byte.closeArray) return this.#close(at);
    if (expected === 'comma') {
      if (value !== byte.comma) return this.#breaks(at);
      this.#expected = this.#inObject() ? 'key' : 'value';
      return at + 1;
    }
    if (expected === 'first-key' || expected === 'key') {
      if (value !== byte.quote) return this.#breaks(at);
      this.#expected = 'colon';
      return this.#string(at);
    }
    return this.#value(at);
  }

  #value(at: number): number {
    const value = this.#bytes[at];
    if (value === byte.open || value === byte.openArray) {
      if (this.#stack.length >= depthMax) return this.#breaks(at);
      this.#stack.push(at);
      this.#expected = value === byte.open ? 'first-key' : 'first-element';
      return at + 1;
    }
    this.#expected = 'comma';
    return value === byte.quote ? this.#string(at) : this.#word(at);
  }

  #close(at: number): number {
    const open = this.#bytes[at] === byte.close ? byte.open : byte.openArray;
    const began = this.#stack.at(-1);
    const first = open === byte.open ? 'first-key' : 'first-element';
    const may = this.#expected === 'comma' || this.#expected === first;
    if (!may || began === undefined || this.#bytes[began] !== open) return this.#breaks(at);
    this.#stack.pop();
    this.#expected = 'comma';
    if (open === byte.open) [this.#objectFrom, this.#objectTo] = [began, at + 1];
    return at + 1;
  }

  #inObject(): boolean {
    return this.#bytes[this.#stack.at(-1) ?? -1] === byte.open;
  }

  #breaks(at: number): number {
    this.#broken = true;
    return at;
  }

  #string(from: number): number {
    const bytes = this.#bytes;
    for (let at = from + 1; at < this.#to; at += 1) {
      const value = bytes[at] ?? 0;
      if (value === byte.quote) return at + 1;
      if (value < 0x20 && (value !== 0 || this.#nuls === 'break')) return this.#breaks(at);
      if (value !== byte.backslash) continue;
      at += 1;
      if (at >= this.#to) return -1;
      const escaped = String.fromCharCode(bytes[at] ?? 0);
      if (!'"\\/bfnrtu'.includes(escaped)) return this.#breaks(at);
      if (escaped !== 'u') continue;
      for (const end = at + 4; at < end; ) {
        at += 1;
        if (at >= this.#to) return -1;
        if (!isHexDigit(bytes[at] ?? 0)) return this.#breaks(at);
      }
    }
    return -1;
  }

  /** A number, `true`, `false` or `null`. */
  #word(from: number): number {
    let to = from;
    while (to < this.#to && isPartOfWord(this.#bytes[to] ?? 0)) to += 1;
    if (to === from) return this.#breaks(from);
    const text = String.fromCharCode(...this.#bytes.subarray(from, Math.min(to, from + 400)));
    if (isWord(text)) return to;
    if (to < this.#to) return this.#breaks(to);
    const part =
      /^(?:t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d*)?)?)$/;
    return part.test(text) ? -1 : this.#breaks(from);
  }
}

/** A number, `true`, `false` or `null`, in full. */
export function isWord(text: string): boolean {
  return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(text);
}

/** A digit of `\\u0041`. */
export function isHexDigit(value: number): boolean {
  return (
    (value >= 0x30 && value <= 0x39) ||
    (value >= 0x41 && value <= 0x46) ||
    (value >= 0x61 && value <= 0x66)
  );
}

/** What words and numbers are made of. */
export function isPartOfWord(value: number): boolean {
  return (
    (value >= 0x30 && value <= 0x39) ||
    (value >= 0x61 && value <= 0x7a) ||
    value === 0x2b ||
    value === 0x2d ||
    value === 0x2e ||
    value === 0x45
  );
}
