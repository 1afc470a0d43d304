/**
 * A file that is one JSON value: an array, or an object that has the array somewhere. The elements
 * come one by one with their places, so that memory follows the longest element and not the file.
 *
 * Damage inside an element costs that element: where the next one begins is counted from the end of
 * the file (`list-border.ts`), so that no part of a damaged element passes for one. Where the file
 * ends too early, what stood in front of the tear comes back.
 *
 * Limits: behind damage in one place all that is read is certain. Where the rest of the file is
 * damaged as well, the end cannot be counted from; then the next element is known by what separates
 * the elements of this file, or by the members that they have.
 */
import type { ByteCode } from '../integrity/finding.ts';
import type { ByteSource } from './byte-source.ts';
import { firstBadUtf8, parseMarked, unparsed } from './decode.ts';
import type { ByteFault, FileRecord } from './file-record.ts';
import { inexactFaults, InexactLook } from './inexact.ts';
import { byte } from './json-scan.ts';
import { JsonCursor } from './json-cursor.ts';
import type { Held } from './json-cursor.ts';
import { LineCounter } from './line-counter.ts';
import { ListGuard } from './list-guard.ts';
import { wordsBehind } from './one-value.ts';
import type { RecordOptions } from './records.ts';
import { recordBytesMax } from './records.ts';
import { noteInexact } from './spelling.ts';
import { lostMark, signatureMeaning, signatureWhy, zeroRuns, zerosStand } from './zero-runs.ts';

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
  readonly #guard: ListGuard;
  #array: { from: number; lastEnd: number; close: number | null } | null = null;
  readonly #source: ByteSource;
  readonly #look = new InexactLook();
  readonly #lines: LineCounter;
  #index = 0;
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
    this.#source = source;
    this.#path = path;
    this.#onFault = (fault) => onFault(this.#lines.placed(fault, this.#cursor));
    const told = (code: ByteCode, meaning: string, offset: number, length: number): void => {
      const mend = { offset, length, bytes: noBytes };
      const fault = { code, offset, length, line: this.#cursor.line, meaning, mend };
      this.#pending.push(this.#lines.placed(fault, this.#cursor));
    };
    this.#lines = new LineCounter(source);
    this.#cursor = new JsonCursor(source, options, told);
    this.#guard = new ListGuard(source, this.#cursor, path.length);
  }

  *read(): Generator<FileRecord, JsonFrame> {
    const cursor = this.#cursor;
    const first = cursor.start();
    if (first === byte.openArray && this.#path.length === 0) yield* this.#elements();
    else if (first === byte.open && this.#path.length > 0) yield* this.#members(0);
    else if (first >= 0)
      this.#lost('MALFORMED_RECORD', 'the file is not the JSON value it should be');
    if (!this.#stopped && this.#array === null && this.#path.length > 0 && first >= 0) {
      this.#noList();
    } else if (!this.#stopped && first >= 0 && cursor.blanks() >= 0) {
      this.#lost('MALFORMED_RECORD', wordsBehind(this.#source, cursor.offset), cursor.offset);
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
    const isEnd = (): boolean =>
      next === byte.close && this.#guard.isBetweenMembers(cursor.offset, depth);
    if (isEnd()) return cursor.step();
    for (;;) {
      const whole = yield* this.#nameAndValue(depth, next);
      if (this.#stopped) return;
      if (!whole && !this.#resumeAt(depth, gap)) return;
      if (whole) this.#wholeEnd = cursor.offset;
      next = cursor.blanks();
      if (isEnd()) return cursor.step();
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
    // A name that was opened too early ends where the next one opens: nothing of it is passed over.
    if (key === null || cursor.behind(key) !== byte.colon) return false;
    const name = parseMarked(cursor.bytes, key.from, key.to);
    this.#mark(key);
    cursor.moveTo(key.to);
    cursor.blanks();
    cursor.step();
    const begins = cursor.blanks();
    const isPath = name === this.#path[depth] && this.#array === null;
    const last = depth === this.#path.length - 1;
    if (isPath && last && begins === byte.openArray && this.#guard.opensList())
      yield* this.#elements();
    else if (isPath && !last && begins === byte.open) yield* this.#members(depth + 1);
    else return this.#member(depth, String(name));
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
    const isMeant = (list: number, before: number): boolean =>
      this.#guard.standsThere(list) ?? before === gap;
    const isFound = cursor.seekName(name, isMeant);
    const length = cursor.offset - offset;
    const told = { offset, length, line, mend: null };
    if (isFound) {
      const meaning = `${length} bytes are no JSON`;
      this.#onFault({ code: 'MALFORMED_RECORD', meaning, ...told });
      return true;
    }
    this.#tell();
    this.#stopped = true;
    if (cursor.stop !== 'unfinished') this.#noList();
    else {
      this.#onFault({ code: 'TORN_RECORD', meaning: 'the file ends inside its value', ...told });
    }
    return false;
  }

  /** Nothing of the list can be told from what stands around it. */
  #noList(): void {
    const meaning = `the list ${this.#path.join('.')} is not in the file`;
    const whole = { offset: 0, length: this.#cursor.size, line: 1, mend: null };
    this.#onFault({ code: 'MALFORMED_RECORD', meaning, ...whole });
  }

  /** Reads or passes over a member beside the path; false when it does not end. */
  #member(depth: number, name: string): boolean {
    const head = this.#heads[depth] ?? {};
    const cursor = this.#cursor;
    const offset = cursor.offset;
    const span = cursor.hold(heldBytesMax);
    let value: unknown;
    const end = span === null ? offset : offset + span.to - span.from;
    if (span !== null && !this.#guard.isBetweenMembers(end, depth)) {
      // The list may stand in what looks like the rest of it.
      this.#pending = this.#pending.map((fault) =>
        fault.offset < offset ? fault : { ...fault, mend: null },
      );
      return false;
    }
    if (span !== null) {
      const short = span.to - span.from <= memberBytesMax;
      const parsed = short ? parseMarked(cursor.bytes, span.from, span.to) : unparsed;
      value = parsed === unparsed ? undefined : parsed;
      this.#mark(span);
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
    this.#guard.looks.gap = cursor.nulRuns.between === between ? cursor.passed : this.#likelyGap();
    while (next !== byte.closeArray || !this.#guard.closesList()) {
      const record = next < 0 || next === byte.closeArray ? null : this.#element();
      if (record === null) {
        if (!this.#resume('element')) return;
      } else {
        if (record !== 'other') {
          array.lastEnd = record.offset + record.length;
          this.#tell();
          yield record;
        }
        next = cursor.blanks();
        if (next === byte.comma) cursor.step();
        else if (next !== byte.closeArray && !this.#resume('comma')) return;
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

  #element(): FileRecord | 'other' | null {
    const cursor = this.#cursor;
    const span = cursor.hold(recordBytesMax);
    const { bytes } = cursor;
    const value = span === null ? unparsed : parseMarked(bytes, span.from, span.to);
    if (span === null || value === unparsed) {
      this.#guard.noValue(span);
      return null;
    }
    const judged = this.#guard.judge(span, value);
    if (judged === 'none') return null;
    if (judged === 'other') return this.#passOver(span);
    this.#mark(span);
    const { offset, line } = cursor;
    const record = { index: this.#index, offset, length: span.to - span.from, line, value };
    this.#index += 1;
    const bad = firstBadUtf8(bytes, span.from, span.to);
    if (bad >= 0) {
      this.#tell();
      const at = { offset: offset + bad - span.from, length: 1, line };
      const meaning =
        'bytes of this element are no UTF-8; they are read as the replacement character';
      this.#onFault({ code: 'BAD_UTF8', ...at, meaning, mend: null });
    }
    this.#inexact(bytes, span);
    cursor.moveTo(span.to);
    return record;
  }

  /**
   * Of the zero bytes inside of what is held at the cursor: a mark takes the place of those in a
   * string, and those that may have taken more stay where they are.
   */
  #mark({ from, to }: Held): void {
    const { bytes, offset } = this.#cursor;
    if (this.#pending.length === 0 || !bytes.subarray(from, to).includes(0)) return;
    const { runs, signatures } = zeroRuns(bytes, from, to);
    const took = new Map(runs.map((run) => [offset + run.from - from, run.took]));
    this.#pending = this.#pending.map((fault) => {
      const what = took.get(fault.offset) ?? 'blank';
      if (what === 'blank' || fault.mend === null) return fault;
      if (what === 'lost') return { ...fault, mend: null };
      const meaning = `${zerosStand(fault.length)} in a string`;
      return { ...fault, meaning, mend: { ...fault.mend, bytes: lostMark } };
    });
    if (runs.some((run) => run.took === 'lost')) return;
    for (const span of signatures) this.#pending.push(this.#unsigned(span, offset - from));
  }

  /** The signature of a thought in which zeros stood goes with them. */
  #unsigned(span: Held, shift: number): ByteFault {
    const at = { offset: span.from + shift, length: span.to - span.from };
    const mend = { ...at, bytes: noBytes, why: signatureWhy };
    const fault = { ...at, line: this.#cursor.line, meaning: signatureMeaning, mend };
    return this.#lines.placed({ code: 'NUL_RUN', ...fault }, this.#cursor);
  }

  /** The value that begins at the cursor says less than its text: that is told. */
  #inexact(bytes: Buffer, { from, to }: Held): void {
    const found = this.#look.at(bytes, from, to);
    if (found.length === 0) return;
    this.#tell();
    const { offset, line } = this.#cursor;
    noteInexact(this.#source, offset);
    for (const fault of inexactFaults(found, { offset, from, line })) this.#onFault(fault);
  }

  /** Behind zero bytes, what is like no element before is not given out as one. */
  #passOver(held: Held): 'other' {
    const { line, offset } = this.#cursor;
    const length = held.to - held.from;
    this.#cursor.moveTo(held.to);
    this.#tell();
    const meaning = `${length} bytes may be of another list, which begins in the zero bytes`;
    this.#onFault({ code: 'MALFORMED_RECORD', offset, length, line, meaning, mend: null });
    return 'other';
  }

  /** Finds the next element, or the end of the list, behind damage; false when there is none. */
  #resume(missing: 'comma' | 'element'): boolean {
    const cursor = this.#cursor;
    const { line, offset } = cursor;
    const isEnd = cursor.peek() < 0 || (missing === 'element' && cursor.isFilledUp);
    const resumed = isEnd ? 'torn' : this.#guard.resume(missing);
    if (resumed === 'torn') {
      this.#broken(-1);
      return false;
    }
    // Zeros tell where the damage is: without them what stands beside them may be read otherwise.
    this.#tell(0);
    const length = cursor.offset - offset;
    const meaning = `${length} bytes are no element of the list`;
    this.#onFault({ code: 'MALFORMED_RECORD', offset, length, line, meaning, mend: null });
    this.#stopped = resumed === 'none';
    return !this.#stopped;
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
    const open = array?.close === null;
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
