/**
 * The end of a JSON text, read from a place in its middle on, where nobody knows which containers
 * are open. Each bracket that closes more than was opened since tells one of them, so that at the
 * end of the file their number and kinds are known: what the damage in front of the place took away
 * is counted from the other side.
 *
 * One pass over the bytes, in pieces; what is kept are the containers that are closed, and in each
 * the places of a few values.
 */
import type { ByteSource } from './byte-source.ts';
import { byte, isBlank, isHexDigit, isPartOfWord, isWord } from './json-scan.ts';

/** What may stand at the place: a token, more of a string, or what a backslash changes. */
export type TailStart = 'plain' | 'string' | 'escaped';

/** A container that is open at the place; the innermost comes first. */
export interface TailLevel {
  /** The bracket that closes it, and where that stands. */
  readonly closer: number;
  readonly at: number;
  /** Where its next values begin, those of members excepted; the first few of them. */
  readonly values: readonly number[];
}

/** The containers that are open at `from`; null when this is no end of a JSON text. */
export function jsonTail(
  source: ByteSource,
  from: number,
  start: TailStart,
): readonly TailLevel[] | null {
  const tail = new TailReader(from, start);
  for (let at = from; at < source.size; ) {
    const bytes = source.read(at, Math.min(chunkBytes, source.size - at));
    if (bytes.length === 0 || !tail.read(bytes, at)) return null;
    at += bytes.length;
  }
  return tail.levels();
}

const chunkBytes = 64 * 1024;
/** More values of one container are not kept. */
const valuesMax = 64;
/** Deeper texts are no JSON here. */
const depthMax = 4_000_000;
/** A longer number is no number. */
const wordMax = 400;

/** What may come next in a container that was opened behind the place. */
type Expected = 'value' | 'first-element' | 'first-key' | 'key' | 'colon' | 'comma';

class TailReader {
  readonly #from: number;
  /** The brackets that were opened and are not closed. */
  readonly #opened: number[] = [];
  #expected: Expected = 'comma';
  readonly #ground: Ground;
  #state: 'plain' | 'string' | 'escaped' | 'word';
  #hexLeft = 0;
  #word = '';
  #wordAt = 0;
  /** True until a string has ended of which only the end is here. */
  #isPart: boolean;

  constructor(from: number, start: TailStart) {
    this.#from = from;
    this.#state = start;
    this.#isPart = start !== 'plain';
    this.#ground = new Ground();
  }

  /** Reads on; false when what was read is no JSON. */
  read(bytes: Uint8Array, offset: number): boolean {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#state === 'string' && this.#hexLeft === 0) at = plainText(bytes, at);
      if (at === bytes.length) break;
      const value = bytes[at] ?? 0;
      if (this.#state === 'word') {
        if (isPartOfWord(value)) {
          if (this.#word.length >= wordMax) return false;
          this.#word += String.fromCharCode(value);
          continue;
        }
        if (!this.#endWord()) return false;
      }
      if (this.#state === 'plain') {
        if (!isBlank(value) && !this.#token(value, offset + at)) return false;
      } else if (!this.#inString(value)) return false;
    }
    return true;
  }

  levels(): readonly TailLevel[] | null {
    if (this.#state === 'word' && !this.#endWord()) return null;
    return this.#state === 'plain' && this.#opened.length === 0 ? this.#ground.end() : null;
  }

  #inString(value: number): boolean {
    if (this.#hexLeft > 0) {
      this.#hexLeft -= 1;
      return isHexDigit(value);
    }
    if (this.#state === 'escaped') {
      if (!'"\\/bfnrtu'.includes(String.fromCharCode(value))) return false;
      if (value === 0x75) this.#hexLeft = 4;
      this.#state = 'string';
      return true;
    }
    if (value === byte.backslash) this.#state = 'escaped';
    if (value !== byte.quote) return value >= byte.space;
    this.#state = 'plain';
    const isPart = this.#isPart;
    this.#isPart = false;
    return !isPart || this.#ground.value(byte.quote, null);
  }

  #token(value: number, at: number): boolean {
    switch (value) {
      case byte.open:
      case byte.openArray:
        if (this.#opened.length >= depthMax || !this.#value(value, at)) return false;
        this.#opened.push(value);
        this.#expected = value === byte.open ? 'first-key' : 'first-element';
        return true;
      case byte.close:
      case byte.closeArray:
        return this.#close(value, at);
      case byte.colon:
      case byte.comma:
        return this.#between(value);
      case byte.quote:
        this.#state = 'string';
        return this.#value(value, at);
      default:
        if (!isPartOfWord(value)) return false;
        this.#state = 'word';
        this.#word = String.fromCharCode(value);
        this.#wordAt = at;
        return this.#value(value, at);
    }
  }

  #value(value: number, at: number): boolean {
    if (this.#opened.length === 0) return this.#ground.value(value, at);
    const expected = this.#expected;
    if (expected === 'colon' || expected === 'comma') return false;
    if (expected === 'key' || expected === 'first-key') {
      this.#expected = 'colon';
      return value === byte.quote;
    }
    this.#expected = 'comma';
    return true;
  }

  #between(value: number): boolean {
    if (this.#opened.length === 0) {
      return value === byte.colon ? this.#ground.colon() : this.#ground.comma();
    }
    if (this.#expected !== (value === byte.colon ? 'colon' : 'comma')) return false;
    const inObject = this.#opened.at(-1) === byte.open;
    this.#expected = value === byte.comma && inObject ? 'key' : 'value';
    return true;
  }

  #close(value: number, at: number): boolean {
    const opened = this.#opened.pop();
    if (opened === undefined) return this.#ground.close(value, at);
    const first = opened === byte.open ? 'first-key' : 'first-element';
    if (this.#expected !== 'comma' && this.#expected !== first) return false;
    this.#expected = 'comma';
    return value === (opened === byte.open ? byte.close : byte.closeArray);
  }

  #endWord(): boolean {
    this.#state = 'plain';
    // Of the first word only the end may be here.
    return this.#wordAt === this.#from || isWord(this.#word);
  }
}

/** The innermost container that was open at the place and is not closed yet; of unknown kind. */
class Ground {
  readonly #levels: TailLevel[] = [];
  #values: number[] = [];
  /** What was read last in it. */
  #last: 'nothing' | 'value' | 'colon' | 'comma' = 'nothing';
  /** What stands in front of the last value. */
  #before: 'nothing' | 'colon' | 'comma' = 'nothing';
  #isText = false;
  #kind: 'unknown' | 'object' | 'list' = 'unknown';
  #isUntouched = true;

  /** A value that begins at `at`; null for a string of which only the end is here. */
  value(value: number, at: number | null): boolean {
    if (this.#last === 'value') return false;
    this.#before = this.#last;
    this.#last = 'value';
    this.#isText = value === byte.quote;
    this.#isUntouched = false;
    // Of a word that stands first, only the end may be here.
    const isWhole = this.#before === 'comma' || value === byte.open || value === byte.openArray;
    const isKept = isWhole && this.#before !== 'colon' && this.#values.length < valuesMax;
    if (isKept && at !== null) this.#values.push(at);
    return this.#before !== 'comma' || this.#isText || this.#is('list');
  }

  colon(): boolean {
    const isKey = this.#last === 'value' && this.#isText && this.#before !== 'colon';
    if (!isKey && this.#last !== 'nothing') return false;
    this.#last = 'colon';
    this.#isUntouched = false;
    // What was taken for values were names.
    this.#values = [];
    return this.#is('object');
  }

  comma(): boolean {
    if (this.#last === 'comma' || this.#last === 'colon' || !this.#endValue()) return false;
    this.#last = 'comma';
    this.#isUntouched = false;
    return true;
  }

  close(closer: number, at: number): boolean {
    if (this.#last === 'comma' || this.#last === 'colon' || !this.#endValue()) return false;
    if (!this.#is(closer === byte.close ? 'object' : 'list')) return false;
    if (this.#levels.length >= depthMax) return false;
    this.#levels.push({ closer, at, values: this.#values });
    // What was closed is a value in the next one.
    this.#values = [];
    [this.#last, this.#before, this.#isText] = ['value', 'nothing', false];
    [this.#kind, this.#isUntouched] = ['unknown', true];
    return true;
  }

  /** Null when a container goes on where the bytes end. */
  end(): readonly TailLevel[] | null {
    return this.#isUntouched ? this.#levels : null;
  }

  /** A string behind a comma that no colon follows is no name. */
  #endValue(): boolean {
    const isElement = this.#last === 'value' && this.#before === 'comma';
    return !isElement || this.#is('list');
  }

  #is(kind: 'object' | 'list'): boolean {
    const was = this.#kind;
    this.#kind = kind;
    return was === 'unknown' || was === kind;
  }
}

/** The first place from `from` on that is no plain character of a string. */
function plainText(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.length; at += 1) {
    const value = bytes[at] ?? 0;
    if (value === byte.quote || value === byte.backslash || value < byte.space) break;
  }
  return at;
}
