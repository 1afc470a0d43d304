/**
 * The records of a file of JSON lines, whatever happened to it. Streaming: memory follows the
 * longest record, not the file. Every record that stands whole in the bytes comes back, with its
 * place; nothing is made up; everything that is wrong is told, in the order of the file.
 *
 * A line that `JSON.parse` takes at once costs little more than that. Only other lines are looked
 * at byte by byte.
 */
import { isAscii } from 'node:buffer';
import type { ByteCode } from '../integrity/finding.ts';
import type { ByteSource } from './byte-source.ts';
import { readDamagedLine } from './damaged-line.ts';
import { firstBadUtf8, unparsed } from './decode.ts';
import type { ByteFault, FileRecord } from './file-record.ts';
import { inexactFaults, InexactLook } from './inexact.ts';
import { byte, isBlank, scanValue, skipBlanks, trimBlanks } from './json-scan.ts';
import { RecordKeys } from './record-keys.ts';
import { unsign } from './signed-thoughts.ts';
import { noteInexact } from './spelling.ts';
import type { Splice } from './splice.ts';
import { Window } from './window.ts';
import { zerosStand } from './zero-runs.ts';

/** Bounds of reading. */
export interface RecordOptions {
  /** A longer record is told and skipped, and never held; at most the default. */
  readonly recordBytesMax?: number;
  /** How much is read at a time. */
  readonly chunkBytes?: number;
}

/** The longest record that is read by default; V8 holds no string of twice the length. */
export const recordBytesMax: number = 256 * 1024 * 1024;
const defaultChunkBytes = 1024 * 1024;
/** From here on a line without an end is looked at: it may be many records on one line. */
const longLineBytes = 16 * 1024 * 1024;

/** The records of the source; everything wrong goes to `onFault` as it is met. */
export function jsonLines(
  source: ByteSource,
  onFault: (fault: ByteFault) => void,
  options: RecordOptions = {},
): Generator<FileRecord, void> {
  return new RecordReader(source, onFault, options).records();
}

/** A place in the window. */
interface Span {
  readonly from: number;
  readonly to: number;
}

class RecordReader {
  readonly #window: Window;
  readonly #onFault: (fault: ByteFault) => void;
  readonly #keys: RecordKeys;
  readonly #bytesMax: number;
  readonly #source: ByteSource;
  readonly #look = new InexactLook();
  #index = 0;
  #line = 1;
  /** True behind a record of a line that goes on. */
  #midLine = false;
  /** Zero bytes in front of this line that are not told yet; they may have taken its beginning. */
  #nuls: ByteFault | null = null;
  /** From here in the window on no line end was looked for. */
  #searchFrom = 0;
  #ended = false;
  /** With so many bytes and no line end, the line is looked at. */
  #lookAt: number;

  constructor(source: ByteSource, onFault: (fault: ByteFault) => void, options: RecordOptions) {
    this.#window = new Window(source, options.chunkBytes ?? defaultChunkBytes);
    this.#onFault = onFault;
    this.#source = source;
    this.#keys = new RecordKeys(source);
    this.#bytesMax = Math.min(options.recordBytesMax ?? recordBytesMax, recordBytesMax);
    this.#lookAt = this.#firstLook();
  }

  *records(): Generator<FileRecord, void> {
    const window = this.#window;
    this.#byteOrderMark();
    for (;;) {
      const end = this.#lineEnd();
      const { bytes, from } = window;
      const to = end < 0 ? bytes.length : end;
      if (from === to && end < 0) return this.#tellNuls('mend');
      if (bytes[from] === 0) {
        this.#leadingNuls();
      } else if (to - from > this.#bytesMax || (end < 0 && !this.#ended)) {
        yield* this.#longLine(to);
      } else {
        const value = this.#parse(from, to);
        if (value === unparsed) yield* this.#damaged({ from, to }, this.#isOpen(to, end));
        else yield this.#whole({ from, to }, value);
        // Also of zeros that only blanks follow.
        if (end < 0) return this.#tellNuls('mend');
        this.#endLine(end + 1);
      }
    }
  }

  /** The next line end in the window, or -1 when the file ends before, or the line is long. */
  #lineEnd(): number {
    const window = this.#window;
    for (;;) {
      const end = window.bytes.indexOf(byte.lf, this.#searchFrom);
      if (end >= 0) return end;
      const held = window.bytes.length - window.from;
      this.#searchFrom = window.bytes.length;
      if (window.bytes[window.from] === 0 || held >= this.#lookAt || !this.#more()) return -1;
    }
  }

  /** Whether the file may have been cut in this line: it has no end, or zeros to the last one. */
  #isOpen(to: number, end: number): 'open' | 'closed' {
    if (end < 0) return 'open';
    const { bytes } = this.#window;
    const isLast = this.#window.offset(end + 1) === this.#source.size;
    return isLast && bytes[trimBlanks(bytes, 0, to) - 1] === 0 ? 'open' : 'closed';
  }

  #more(): boolean {
    const held = this.#window.bytes.length - this.#window.from;
    const ahead = this.#searchFrom - this.#window.from;
    if (!this.#window.more()) {
      this.#ended = true;
      return false;
    }
    this.#searchFrom = this.#window.from + Math.min(held, ahead);
    return true;
  }

  #firstLook(): number {
    return Math.min(longLineBytes, this.#bytesMax + 1);
  }

  #consume(at: number): void {
    this.#window.consume(at);
    this.#searchFrom = Math.max(this.#searchFrom, at);
    this.#lookAt = this.#firstLook();
  }

  #endLine(at: number): void {
    this.#consume(at);
    this.#line += 1;
    this.#midLine = false;
  }

  /** Whoever puts a mark in front of every file puts a second one in front of the first. */
  #byteOrderMark(): void {
    const window = this.#window;
    for (;;) {
      while (window.bytes.length - window.from < 3 && this.#more());
      const mark = { from: window.from, to: window.from + 3 };
      if (!window.bytes.subarray(mark.from, mark.to).equals(byteOrderMark)) return;
      const meaning = 'the file begins with a byte order mark, which is no JSON';
      this.#fault('BYTE_ORDER_MARK', mark, meaning, mark);
      this.#consume(mark.to);
    }
  }

  #parse(from: number, to: number): unknown {
    try {
      const line = this.#window.bytes.subarray(from, to);
      // Most lines are ASCII, which is decoded many times faster when it is known.
      const isPlain = isAscii(line);
      const text = line.toString(isPlain ? 'latin1' : 'utf8');
      const value = JSON.parse(text) as unknown;
      this.#tellNuls('mend');
      if (!isPlain && text.includes('\uFFFD') && this.#badUtf8({ from, to })) unsign(value);
      this.#inexact({ from, to });
      return value;
    } catch {
      // No JSON, or too deep for this machine: the line is looked at byte by byte.
      return unparsed;
    }
  }

  /** Tells of bytes that are no UTF-8; false when there are none. */
  #badUtf8({ from, to }: Span): boolean {
    const at = firstBadUtf8(this.#window.bytes, from, to);
    if (at < 0) return false;
    const meaning = 'bytes of this record are no UTF-8; they are read as the replacement character';
    this.#fault('BAD_UTF8', { from: at, to: at + 1 }, meaning, null);
    return true;
  }

  #inexact({ from, to }: Span): void {
    const found = this.#look.at(this.#window.bytes, from, to);
    if (found.length === 0) return;
    noteInexact(this.#source, this.#window.offset(skipBlanks(this.#window.bytes, from, to)));
    const at = { offset: this.#window.offset(from), from, line: this.#line };
    for (const fault of inexactFaults(found, at)) this.#onFault(fault);
  }

  #whole(span: Span, value: unknown): FileRecord {
    const { bytes } = this.#window;
    const from = isBlank(bytes[span.from]) ? skipBlanks(bytes, span.from, span.to) : span.from;
    const to = isBlank(bytes[span.to - 1]) ? trimBlanks(bytes, from, span.to) : span.to;
    const record: FileRecord = {
      index: this.#index,
      offset: this.#window.offset(from),
      length: to - from,
      line: this.#line,
      value,
    };
    this.#index += 1;
    return record;
  }

  *#damaged({ from, to }: Span, end: 'open' | 'closed'): Generator<FileRecord, void> {
    const { bytes } = this.#window;
    if (skipBlanks(bytes, from, to) === to) return;
    const familiar = (value: object): boolean => this.#keys.has(value);
    const begin = this.#nuls === null ? 'line' : 'inside';
    const line = readDamagedLine({ bytes, from, to, begin, end, familiar });
    this.#tellNuls(line.keepsFront ? 'keep' : 'mend');
    for (const found of line.found) {
      if (found.kind === 'fault') {
        const { code, meaning, mend, why } = found;
        this.#fault(code, found, meaning, mend, mend?.text, why);
      } else {
        this.#badUtf8(found);
        this.#inexact(found);
        yield this.#whole(found, found.value);
      }
    }
  }

  /** NULs in front of a line, however many: they are counted and not held. */
  #leadingNuls(): void {
    const window = this.#window;
    const offset = window.offset(window.from);
    do {
      let at = window.from;
      while (window.bytes[at] === 0) at += 1;
      this.#consume(at);
    } while (window.from === window.bytes.length && this.#more());
    while (window.bytes.length - window.from < 2 && this.#more());
    const length = window.offset(window.from) - offset;
    const { bytes, from } = window;
    const lineEnd = bytes[from] === byte.lf ? 1 : bytes[from] === byte.cr ? 2 : 0;
    const alone = from === bytes.length || (lineEnd > 0 && bytes[from + lineEnd - 1] === byte.lf);
    const splice: Splice = {
      offset,
      length: alone && !this.#midLine ? length + lineEnd : length,
      bytes: Buffer.from(this.#midLine && !alone ? '\n' : ''),
    };
    const meaning = `${zerosStand(length)} where text should be`;
    this.#tellNuls('mend');
    this.#nuls = { code: 'NUL_RUN', offset, length, line: this.#line, meaning, mend: splice };
    if (!alone) return;
    this.#tellNuls('mend');
    if (lineEnd > 0) this.#endLine(from + lineEnd);
  }

  /** Tells of the zero bytes in front of the line, if any. */
  #tellNuls(what: 'keep' | 'mend'): void {
    const nuls = this.#nuls;
    this.#nuls = null;
    if (nuls !== null) this.#onFault(what === 'mend' ? nuls : { ...nuls, mend: null });
  }

  /** A line whose end is far: a record of many on this line, or one that is too long. */
  *#longLine(to: number): Generator<FileRecord, void> {
    this.#tellNuls('mend');
    const { bytes, from } = this.#window;
    const scan = scanValue(bytes, from, to);
    const next = scan.kind === 'value' ? skipBlanks(bytes, scan.at, to) : to;
    const goesOn = bytes[next] === byte.open || bytes[next] === byte.openArray || bytes[next] === 0;
    const value = next < to && goesOn ? this.#parse(from, scan.at) : unparsed;
    if (value !== unparsed) {
      yield this.#whole({ from, to: scan.at }, value);
      this.#consume(next);
      this.#midLine = true;
      const meaning = 'this stands on the line of another record, without a line end between them';
      const at = { from: next, to: next };
      if (bytes[next] !== 0) this.#fault('FUSED_RECORDS', at, meaning, at, '\n');
    } else if (to - from > this.#bytesMax) {
      this.#skipLine();
    } else {
      this.#lookAt = Math.min(2 * (to - from), this.#bytesMax + 1);
    }
  }

  #skipLine(): void {
    const window = this.#window;
    const offset = window.offset(window.from);
    let end = -1;
    do {
      end = window.bytes.indexOf(byte.lf, window.from);
      this.#consume(end < 0 ? window.bytes.length : end);
    } while (end < 0 && this.#more());
    const length = window.offset(window.from) - offset;
    const meaning = `${length} bytes without a line end are over the bound of ${this.#bytesMax}`;
    const line = this.#line;
    this.#onFault({ code: 'OVERSIZED_RECORD', offset, length, line, meaning, mend: null });
    if (end >= 0) this.#endLine(end + 1);
  }

  #fault(
    code: ByteCode,
    span: Span,
    meaning: string,
    mend: Span | null,
    text = '',
    why?: Splice['why'],
  ): void {
    const { from, to } = span;
    const offset = this.#window.offset(from);
    const splice: Splice | null =
      mend === null
        ? null
        : {
            offset: this.#window.offset(mend.from),
            length: mend.to - mend.from,
            bytes: Buffer.from(text),
            ...(why === undefined ? {} : { why }),
          };
    const line = this.#line;
    this.#onFault({ code, offset, length: to - from, line, meaning, mend: splice });
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
