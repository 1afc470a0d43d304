/**
 * What zero bytes inside of one value took. They were written over something, so to close them up
 * would invent what nobody wrote: where they cut into a string, a mark stays there; where they may
 * have taken a name, a part of a number or whole members, the value cannot be told any more.
 *
 * Bytes do not say what they were. So a run counts as a part of one string only where it is too
 * short to hold the end of this string and the beginning of the next one, or where the string is
 * prose, more than one word of it stands behind the run, nothing follows it that is not known to
 * follow prose, and the run is too short to hold the end of one record and the beginning of
 * another. Two texts of one message may come out as one, with the mark between them.
 *
 * A thought that is signed is refused once it was changed. So where a mark stands in one, its
 * signature is taken off: what is read, and what a mend leaves, is a thought without one.
 */
import { addAll } from '../base/lists.ts';
import { byte, isBlank, isPartOfWord, skipBlanks } from './json-scan.ts';
import { signatureNames, thoughtTypes } from './signed-thoughts.ts';

/** `3 zero bytes stand`, the beginning of what is told of them. */
export function zerosStand(count: number): string {
  return count === 1 ? '1 zero byte stands' : `${count} zero bytes stand`;
}

/** Stands for zero bytes inside of a string: U+FFFD. */
export const lostMark: Buffer = Buffer.from('\uFFFD');

/** What mends zeros in a string, in one sentence. */
export const markFix: string = 'Put U+FFFD in their place; what they took of the text is lost.';

/** A run of zero bytes; `blank`: nothing was lost; `text`: a part of one string; `lost`: more. */
export interface ZeroRun {
  readonly from: number;
  readonly to: number;
  readonly took: 'blank' | 'text' | 'lost';
}

/** Members whose strings are long, and are written by people, models and programs. */
const prose: ReadonlySet<string> = new Set(['text', 'content', 'output']);
/** What stands behind prose in its object, but for the end of it. */
const behindProse: ReadonlySet<string> = new Set(['"is_error"', '"annotations"']);
/** The shortest bytes between two strings: `","a":"` in an object, `","` in a list. */
const [memberBytesMin, elementBytesMin] = [7, 3];
/** The shortest member with its comma, `"":1,`; shorter ones than `{},` are told by a digit. */
const [tokenMemberMin, tokenElementMin] = [5, 3];
/** The shortest beginning of a string in front of a quote of its words, `"\`. */
const quoteBytesMin = 2;
/**
 * Behind a border of two records stands what opens the second one, up to its string. Records
 * differ: so much of what stands in front of this string may be all.
 */
const borderShare = 0.75;
/** What stands in front of the words of a block of text, and how long that may be. */
const blockHead = /^\{\s*(?:"type"\s*:\s*"\w+"\s*,\s*)?"text"\s*:\s*$/;
const blockHeadMax = 200;
const nameLookBytes = 16;

/** What zero bytes inside of one value did to it. */
export interface ZeroReading {
  /** In their order. */
  readonly runs: readonly ZeroRun[];
  /** The signatures of thoughts that have a mark now, without their quotes; in their order. */
  readonly signatures: readonly Span[];
}

/** What zeros did to the value at `from` to `to`. */
export function zeroRuns(bytes: Uint8Array, from: number, to: number): ZeroReading {
  return new RunReader(bytes, from, to).read();
}

/** What is told of a signature that no longer vouches for its thought. */
export const signatureMeaning: string =
  'this signature vouches for a thought in which zero bytes stand; a provider refuses it now';

/** What mends it, in one sentence. */
export const signatureFix: string = 'Take the signature off.';

/** Why such a signature goes. */
export const signatureWhy = {
  code: 'NUL_RUN',
  told: 'What this signature vouches for was changed by zero bytes; it is taken off.',
} as const;

/**
 * The value's bytes with a mark for each run in a string and without the other zeros; null when
 * they took what cannot be told.
 */
export function withMarks(bytes: Uint8Array, from: number, to: number): Buffer | null {
  const parts: Uint8Array[] = [];
  let at = from;
  const { runs, signatures } = zeroRuns(bytes, from, to);
  if (runs.some(({ took }) => took === 'lost')) return null;
  const changes = [...runs, ...signatures].toSorted((one, other) => one.from - other.from);
  for (const change of changes) {
    parts.push(bytes.subarray(at, change.from));
    if ('took' in change && change.took === 'text') parts.push(lostMark);
    at = change.to;
  }
  return Buffer.concat([...parts, bytes.subarray(at, to)]);
}

/** A range of bytes; `to` is behind the last one. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An object or a list that is open; `name`: of its member, null in front of a name. */
interface Open {
  readonly kind: 'object' | 'list';
  readonly from: number;
  name: string | null;
  /** Whether it is a thought, and whether a mark stands in a string of its own. */
  isThought: boolean;
  isMarked: boolean;
  /** The text between the quotes of its signatures, also of those in objects inside. */
  signatures: Span[];
}

function opened(kind: Open['kind'], from: number): Open {
  return { kind, from, name: null, isThought: false, isMarked: false, signatures: [] };
}

class RunReader {
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #to: number;
  readonly #open: Open[] = [];
  readonly #runs: ZeroRun[] = [];
  readonly #signatures: Span[] = [];
  #longestGap: number | null = null;

  constructor(bytes: Uint8Array, from: number, to: number) {
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
  }

  read(): ZeroReading {
    for (let at = this.#from; at < this.#to; ) at = this.#token(at);
    const signatures = this.#signatures.toSorted((one, other) => one.from - other.from);
    return { runs: this.#runs, signatures };
  }

  /** Behind what begins at `at`. */
  #token(at: number): number {
    const value = this.#bytes[at];
    const inner = this.#open.at(-1);
    if (value === 0) {
      const to = this.#endOfRun(at);
      this.#runs.push({ from: at, to, took: this.#betweenTokens(at, to) });
      return to;
    }
    if (value === byte.quote) return this.#string(at);
    if (value === byte.open) this.#open.push(opened('object', at));
    else if (value === byte.openArray) this.#open.push(opened('list', at));
    else if (value === byte.close || value === byte.closeArray) this.#close();
    else if (value === byte.comma && inner !== undefined) inner.name = null;
    return at + 1;
  }

  #close(): void {
    const closed = this.#open.pop();
    if (closed?.kind !== 'object') return;
    const outer = this.#open.at(-1);
    if (closed.isThought && closed.isMarked) addAll(this.#signatures, closed.signatures);
    else if (outer?.kind === 'object') addAll(outer.signatures, closed.signatures);
  }

  #endOfRun(from: number): number {
    let at = from;
    while (at < this.#to && this.#bytes[at] === 0) at += 1;
    return at;
  }

  #betweenTokens(from: number, to: number): ZeroRun['took'] {
    const [before, behind] = [this.#bytes[from - 1] ?? 0, this.#bytes[to] ?? 0];
    // A digit beside zeros may have been followed by others.
    if (from > this.#from && isPartOfWord(before)) return 'lost';
    if (to < this.#to && isPartOfWord(behind)) return 'lost';
    const inner = this.#open.at(-1);
    const inList = inner?.kind === 'list';
    // A string may have begun in them, and this is a quote of its words.
    const isValue = inList || (inner !== undefined && inner.name !== null);
    if (isValue && behind === byte.quote && to - from >= quoteBytesMin) return 'lost';
    if (to - from < (inList ? tokenElementMin : tokenMemberMin)) return 'blank';
    // White space of a file that is indented: no more than stands between other tokens.
    const gap = skipBlanks(this.#bytes, to, this.#to, 'pass') - this.#endOfToken(from);
    this.#longestGap ??= this.#gapOfRecord();
    return gap <= this.#longestGap ? 'blank' : 'lost';
  }

  #endOfToken(from: number): number {
    let at = from;
    while (at > this.#from && (isBlank(this.#bytes[at - 1]) || this.#bytes[at - 1] === 0)) at -= 1;
    return at;
  }

  /** The longest white space without zeros between two tokens. */
  #gapOfRecord(): number {
    let longest = 0;
    for (let at = this.#from; at < this.#to; at += 1) {
      const next = skipBlanks(this.#bytes, at, this.#to);
      const isIntact = this.#bytes[next] !== 0 && this.#bytes[at - 1] !== 0;
      if (isIntact) longest = Math.max(longest, next - at);
      at = this.#bytes[next] === byte.quote ? this.#endOfString(next) : next;
    }
    return longest;
  }

  #endOfString(from: number): number {
    let at = from + 1;
    while (at < this.#to && this.#bytes[at] !== byte.quote) {
      at += this.#bytes[at] === byte.backslash ? 2 : 1;
    }
    return at;
  }

  #string(from: number): number {
    const runs: Span[] = [];
    let at = from + 1;
    while (at < this.#to && this.#bytes[at] !== byte.quote) {
      if (this.#bytes[at] === 0) {
        const to = this.#endOfRun(at);
        runs.push({ from: at, to });
        at = to;
      } else {
        // Zeros behind a backslash leave no escape: the mark there is no JSON, and none is guessed.
        const escapes = this.#bytes[at] === byte.backslash && this.#bytes[at + 1] !== 0;
        at += escapes ? 2 : 1;
      }
    }
    const inner = this.#open.at(-1);
    const isName = inner?.kind === 'object' && inner.name === null;
    if (isName) inner.name = Buffer.from(this.#bytes.subarray(from + 1, at)).toString();
    for (const run of runs) {
      const fits = !isName && this.#isWithin(run, { from, to: at + 1 });
      this.#runs.push({ ...run, took: fits ? 'text' : 'lost' });
    }
    if (inner !== undefined && !isName) this.#note(inner, { from: from + 1, to: at }, runs.length);
    return at + 1;
  }

  /** What a string says of the object that it is a member of. */
  #note(inner: Open, { from, to }: Span, runs: number): void {
    const name = inner.name ?? '';
    if (signatureNames.has(name)) {
      // One that has a mark itself is none any more, as everybody sees.
      if (runs === 0 && to > from) inner.signatures.push({ from, to });
    } else if (runs > 0) inner.isMarked = true;
    else if (name === 'type' && to - from <= nameLookBytes) {
      const type = Buffer.from(this.#bytes.subarray(from, to)).toString('latin1');
      inner.isThought = thoughtTypes.has(type);
    }
  }

  /** Whether so many zeros may be taken for a part of the string between two places. */
  #isWithin(run: Span, { from, to }: Span): boolean {
    const inner = this.#open.at(-1);
    if (inner === undefined) return true;
    const length = run.to - run.from;
    if (length < (inner.kind === 'list' ? elementBytesMin : memberBytesMin)) return true;
    if (!prose.has(inner.name ?? '') || !this.#endsProse(to)) return false;
    // One word may be the value of another member, such as the name of a model.
    if (!this.#bytes.subarray(run.to, to).includes(byte.space)) return false;
    return length < (from - this.#message(from, inner)) * borderShare;
  }

  #endsProse(at: number): boolean {
    const next = skipBlanks(this.#bytes, at, this.#to, 'pass');
    if (this.#bytes[next] === byte.close) return true;
    const name = skipBlanks(this.#bytes, next + 1, this.#to, 'pass');
    const text = Buffer.from(this.#bytes.subarray(name, name + nameLookBytes)).toString('latin1');
    return behindProse.has(/^"\w+"/.exec(text)?.[0] ?? '');
  }

  /**
   * Where the message begins whose words stand at `at`: the element of the innermost list, such as
   * one result of several, or the record. A block that holds nothing but a text is no message.
   */
  #message(at: number, holder: Open): number {
    const elements = this.#open.filter((_each, index) => this.#open[index - 1]?.kind === 'list');
    const inner = elements.at(-1);
    const head = this.#bytes.subarray(holder.from, Math.min(at, holder.from + blockHeadMax));
    const isBlock = inner === holder && blockHead.test(Buffer.from(head).toString('latin1'));
    return elements.at(isBlock ? -2 : -1)?.from ?? this.#from;
  }
}
