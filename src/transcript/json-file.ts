/**
 * A file that is one JSON value: an array, or an object that has the array somewhere. The elements
 * come one by one with their places, so that memory follows the longest element and not the file.
 *
 * Damage inside an element costs that element: the next one is found again by what separates the
 * elements of this file, or by the members that they have. Where the file ends too early, what
 * stood in front of the tear comes back.
 *
 * Limits: which bytes were a bracket before damage is told by indents and members, so in about one
 * of a thousand hostile files a part of a damaged element passes for an element, or the element
 * behind it is lost with it.
 */
import type { ByteCode } from '../integrity/finding.ts';
import type { ByteSource } from './byte-source.ts';
import { firstBadUtf8, parseWithoutNuls, unparsed } from './decode.ts';
import type { ByteFault, FileRecord } from './file-record.ts';
import { ElementLooks } from './element-looks.ts';
import { byte } from './json-scan.ts';
import { JsonCursor } from './json-cursor.ts';
import type { Held } from './json-cursor.ts';
import type { RecordOptions } from './records.ts';
import { recordBytesMax } from './records.ts';

/** A member of an object on the way to the array. */
export interface JsonMember {
  /** The parsed value; undefined when it is longer than a mebibyte. */
  readonly value: unknown;
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

/** What stands around the elements. */
export interface JsonFrame {
  /** Members of the objects on the path, but for the path itself; the outermost object first. */
  readonly heads: readonly Readonly<Record<string, JsonMember>>[];
  /**
   * The array: offsets of its bracket, of the place behind its last whole element (behind the
   * bracket when there is none), and of the closing bracket, null when it was not found.
   */
  readonly array: {
    readonly from: number;
    readonly lastEnd: number;
    readonly close: number | null;
  } | null;
}

/** Members up to this length are parsed. */
const memberBytesMax = 1024 * 1024;
/** Longer ones are passed over without a look at their grammar. */
const heldBytesMax = 64 * 1024 * 1024;

/** The elements of the array at `path`; the whole value is the array when the path is empty. */
export function* jsonFile(
  source: ByteSource,
  path: readonly string[],
  onFault: (fault: ByteFault) => void,
  options: RecordOptions = {},
): Generator<FileRecord, JsonFrame> {
  return yield* new FileReader(source, path, onFault, options).read();
}

class FileReader {
  readonly #path: readonly string[];
  readonly #cursor: JsonCursor;
  readonly #onFault: (fault: ByteFault) => void;
  /** Zero bytes, not told yet: they need no mend of their own when all around them is cut off. */
  #pending: ByteFault[] = [];
  readonly #heads: Record<string, JsonMember>[] = [];
  readonly #looks = new ElementLooks();
  #array: { from: number; lastEnd: number; close: number | null } | null = null;
  #index = 0;
  /** Runs of zero bytes in front of the last element that was known as one. */
  #nulRuns = { inside: 0, between: 0 };
  /** The blanks in front of the first member of the innermost object on the path. */
  #memberGap = '';
  /** Behind the last member that ended. */
  #wholeEnd = 0;
  /** Set once something was told from which there is no way on. */
  #stopped = false;

  constructor(
    source: ByteSource,
    path: readonly string[],
    onFault: (fault: ByteFault) => void,
    options: RecordOptions,
  ) {
    this.#path = path;
    this.#onFault = onFault;
    const told = (code: ByteCode, meaning: string, from: number, length: number): void => {
      const mend = { offset: from, length, bytes: noBytes };
      const { line } = this.#cursor;
      this.#pending.push({ code, offset: from, length, line, meaning, mend });
    };
    this.#cursor = new JsonCursor(source, options, told);
  }

  *read(): Generator<FileRecord, JsonFrame> {
    const cursor = this.#cursor;
    const first = cursor.start();
    if (first === byte.openArray && this.#path.length === 0) yield* this.#elements();
    else if (first === byte.open && this.#path.length > 0) yield* this.#members(0);
    else if (first >= 0)
      this.#lost('MALFORMED_RECORD', 'the file is not the JSON value it should be');
    if (!this.#stopped && first >= 0 && cursor.blanks() >= 0) {
      this.#lost('MALFORMED_RECORD', 'bytes stand behind the end of the value');
    }
    this.#tell();
    return { heads: this.#heads, array: this.#array };
  }

  /** The members of the object at the cursor, which is the one at `depth` of the path. */
  *#members(depth: number): Generator<FileRecord, void> {
    const cursor = this.#cursor;
    this.#heads[depth] = Object.create(null) as Record<string, JsonMember>;
    cursor.step();
    let next = cursor.blanks();
    const gap = cursor.passed.length;
    this.#memberGap = cursor.passed;
    if (next === byte.close) return cursor.step();
    for (;;) {
      const whole = yield* this.#nameAndValue(depth, next);
      if (this.#stopped) return;
      if (!whole && !this.#resumeAt(depth, gap)) return;
      if (whole) this.#wholeEnd = cursor.offset;
      next = cursor.blanks();
      if (next === byte.close) return cursor.step();
      if (next === byte.comma) {
        cursor.step();
        next = cursor.blanks();
      } else if (whole && !this.#resumeAt(depth, gap)) return;
      else next = cursor.peek();
    }
  }

  /** One member; false when it does not go on as a member does. */
  *#nameAndValue(depth: number, next: number): Generator<FileRecord, boolean> {
    const cursor = this.#cursor;
    const key = next === byte.quote ? cursor.hold(memberBytesMax) : null;
    if (key === null) return false;
    const name = parseWithoutNuls(cursor.bytes, key.from, key.to);
    cursor.moveTo(key.to);
    if (cursor.blanks() !== byte.colon) return false;
    cursor.step();
    const begins = cursor.blanks();
    const isPath = name === this.#path[depth] && this.#array === null;
    const last = depth === this.#path.length - 1;
    if (isPath && last && begins === byte.openArray) yield* this.#elements();
    else if (isPath && !last && begins === byte.open) yield* this.#members(depth + 1);
    else return this.#member(this.#heads[depth] ?? {}, String(name));
    return true;
  }

  /** Behind damage in front of the list: finds the name of the list. False when it is not there. */
  #resumeAt(depth: number, gap: number): boolean {
    const cursor = this.#cursor;
    const name = this.#path[depth];
    const last = depth === this.#path.length - 1;
    if (this.#array !== null || !last || name === undefined) {
      this.#broken(cursor.peek());
      return false;
    }
    const { line, offset } = cursor;
    if (!cursor.seekName(name, gap)) {
      this.#tell();
      this.#stopped = true;
    }
    const length = cursor.offset - offset;
    const torn = this.#stopped && cursor.stop === 'unfinished';
    const code = torn ? 'TORN_RECORD' : 'MALFORMED_RECORD';
    const meaning = torn ? 'the file ends inside its value' : `${length} bytes are no JSON`;
    this.#onFault({ code, offset, length, line, meaning, mend: null });
    return !this.#stopped;
  }

  /** Reads or passes over a member beside the path; false when it does not end. */
  #member(head: Record<string, JsonMember>, name: string): boolean {
    const cursor = this.#cursor;
    const offset = cursor.offset;
    const span = cursor.hold(heldBytesMax);
    let value: unknown;
    if (span !== null) {
      const short = span.to - span.from <= memberBytesMax;
      const parsed = short ? parseWithoutNuls(cursor.bytes, span.from, span.to) : unparsed;
      value = parsed === unparsed ? undefined : parsed;
      cursor.moveTo(span.to);
    } else if (cursor.stop !== 'long' || !cursor.pass()) return false;
    head[name] = { value, offset, length: cursor.offset - offset };
    return true;
  }

  *#elements(): Generator<FileRecord, void> {
    const cursor = this.#cursor;
    const array = { from: cursor.offset, lastEnd: cursor.offset + 1, close: null as number | null };
    this.#array = array;
    cursor.step();
    const { between } = cursor.nulRuns;
    let next = cursor.blanks();
    this.#looks.gap = cursor.nulRuns.between === between ? cursor.passed : this.#likelyGap();
    while (next !== byte.closeArray) {
      const record = next < 0 ? null : this.#element();
      if (record === null) {
        if (!this.#resume(next)) return;
        next = cursor.blanks();
        continue;
      }
      array.lastEnd = record.offset + record.length;
      this.#tell();
      yield record;
      next = cursor.blanks();
      if (next === byte.closeArray) break;
      if (next !== byte.comma) {
        if (!this.#resume(next)) return;
      } else {
        cursor.step();
      }
      next = cursor.blanks();
    }
    array.close = cursor.offset;
    cursor.step();
  }

  /**
   * What stood in front of the first element before zeros took it: one indent more than a member.
   */
  #likelyGap(): string {
    const [lineEnd = '', indent = ''] = this.#memberGap.match(/^\r?\n|[ \t]+$/g) ?? [];
    const unit = indent.slice(0, indent.length / Math.max(1, this.#path.length));
    return lineEnd + indent + unit;
  }

  #element(): FileRecord | null {
    const cursor = this.#cursor;
    const span = cursor.hold(recordBytesMax);
    if (span === null) return null;
    const { bytes } = cursor;
    const value = parseWithoutNuls(bytes, span.from, span.to);
    if (value === unparsed) return null;
    if (!this.#credible(span, value)) return null;
    const record = {
      index: this.#index,
      offset: cursor.offset,
      length: span.to - span.from,
      line: cursor.line,
      value,
    };
    this.#index += 1;
    this.#looks.saw(value);
    const bad = firstBadUtf8(bytes, span.from, span.to);
    if (bad >= 0) {
      this.#tell();
      const offset = cursor.offset + bad - span.from;
      const meaning =
        'bytes of this element are no UTF-8; they are read as the replacement character';
      const { line } = cursor;
      this.#onFault({ code: 'BAD_UTF8', offset, length: 1, line, meaning, mend: null });
    }
    cursor.moveTo(span.to);
    return record;
  }

  /**
   * Zero bytes may have been written over brackets: then what stands behind them may be a part of
   * an element, and counts as one only when it looks like one. Zeros between elements took nothing.
   */
  #credible({ from, to }: Held, value: unknown): boolean {
    const { bytes, nulRuns } = this.#cursor;
    const { inside, between } = this.#nulRuns;
    if (inside === nulRuns.inside && between === nulRuns.between) return true;
    if (typeof value !== 'object') return false;
    if (this.#index === 0 && inside !== nulRuns.inside) {
      this.#nulRuns = { ...nulRuns };
      return true;
    }
    const looks = this.#looks;
    const stands = looks.mayBegin(bytes, from) && looks.endsAsOne(bytes, to);
    const alike = stands && (inside === nulRuns.inside || looks.like(bytes, from, to));
    if (alike) this.#nulRuns = { ...nulRuns };
    return alike;
  }

  /** Finds the next element behind damage; false when there is none. */
  #resume(next: number): boolean {
    const cursor = this.#cursor;
    if (next < 0 || cursor.stop === 'unfinished') {
      this.#broken(-1);
      return false;
    }
    const { line, offset } = cursor;
    const found = cursor.seek(this.#looks);
    this.#tell();
    const length = cursor.offset - offset;
    const meaning = `${length} bytes are no element of the list`;
    this.#onFault({ code: 'MALFORMED_RECORD', offset, length, line, meaning, mend: null });
    if (!found) this.#stopped = true;
    return found;
  }

  /** Tells what is held back; what stands behind `cut` goes with it. */
  #tell(cut = Number.POSITIVE_INFINITY): void {
    for (const fault of this.#pending) {
      const gone = fault.offset >= cut;
      this.#onFault(gone ? { ...fault, mend: null } : fault);
    }
    this.#pending = [];
  }

  /** The grammar does not go on at the cursor. */
  #broken(next: number): void {
    const torn = next < 0 || this.#cursor.stop === 'unfinished';
    if (!torn) return this.#lost('MALFORMED_RECORD', 'bytes that are no JSON');
    const array = this.#array;
    const open = array !== null && array.close === null;
    const closers = (open ? ']' : '') + '}'.repeat(this.#path.length);
    const cut = open ? array.lastEnd : array === null ? null : this.#wholeEnd;
    this.#lost('TORN_RECORD', 'the file ends inside its value', cut, Buffer.from(closers));
  }

  /** Everything from the cursor (or `cut`) to the end of the file is lost. */
  #lost(code: ByteCode, meaning: string, cut: number | null = null, closers = noBytes): void {
    this.#stopped = true;
    this.#tell(cut ?? Number.POSITIVE_INFINITY);
    const { offset, line, size } = this.#cursor;
    const length = size - offset;
    const mend = cut === null ? null : { offset: cut, length: size - cut, bytes: closers };
    this.#onFault({ code, offset, length, line, meaning, mend });
  }
}

const noBytes = Buffer.alloc(0);
