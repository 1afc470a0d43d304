/** A place in a JSON text that is too long to hold: what stands there is held only as needed. */
import type { ByteCode } from '../integrity/finding.ts';
import type { ByteSource } from './byte-source.ts';
import { byte, isBlank, scanValue, skipBlanks, trimBlanks } from './json-scan.ts';
import type { Scan } from './json-scan.ts';
import type { RecordOptions } from './records.ts';
import { recordBytesMax } from './records.ts';
import { Window } from './window.ts';
import { zerosStand } from './zero-runs.ts';

/** A value that is held, by places in `bytes`. */
export interface Held {
  readonly from: number;
  readonly to: number;
}

/** Told of what the cursor itself passes over and what can be taken out. */
export type Told = (code: ByteCode, meaning: string, offset: number, length: number) => void;

/**
 * How much is scanned in search of one element, many times what damage makes necessary: at most so
 * much, and in a smaller file no more than so many times its size, as values that are nested very
 * deep are scanned again from each of their braces.
 */
const seekBytesMax = 1024 * 1024 * 1024;
const seekBytesMin = 64 * 1024 * 1024;
const seekTimesMax = 16;

/** So much in front of an element is kept, to see what separates elements. */
const frontBytes = 256;
/** So much behind a value is looked at in one read. */
const lookBytes = 256;

/** How an element is known among other objects. */
interface Looks {
  /** By the bytes in front of `at`, where a brace stands. */
  mayBegin(bytes: Buffer, at: number): boolean;
  like(bytes: Buffer, from: number, to: number): boolean;
}

/** How a look at a value ended; `long`: it is longer than the bound. */
type Stop = Scan['kind'] | 'long';

/** Moves forward only. */
export class JsonCursor {
  readonly size: number;
  /** Runs of zero bytes that were passed over, inside of values and between them. */
  readonly nulRuns = { inside: 0, between: 0 };
  readonly #source: ByteSource;
  readonly #window: Window;
  readonly #told: Told;
  readonly #bytesMax: number;
  #line = 1;
  #passed = '';
  #nulsTold = 0;
  #nulsEnd = 0;
  #isFilledUp = false;
  #stop: Stop = 'value';
  #stopAt = 0;

  constructor(source: ByteSource, options: RecordOptions, told: Told) {
    this.size = source.size;
    this.#source = source;
    this.#window = new Window(source, options.chunkBytes ?? 1024 * 1024);
    this.#bytesMax = Math.min(options.recordBytesMax ?? recordBytesMax, recordBytesMax);
    this.#told = told;
  }

  /** The bytes that are held. */
  get bytes(): Buffer {
    return this.#window.bytes;
  }

  get offset(): number {
    return this.#window.offset(this.#window.from);
  }

  /** 1-based. */
  get line(): number {
    return this.#line;
  }

  /** How the last `hold` ended. */
  get stop(): Stop {
    return this.#stop;
  }

  /** True when the last `hold` met zeros with nothing but zeros and blanks behind them. */
  get isFilledUp(): boolean {
    return this.#isFilledUp;
  }

  /**
   * Offset of the byte at which the last `hold` broke; of the last zero byte in a value that does
   * not end, null when it has none.
   */
  get stopAt(): number | null {
    if (this.#stop !== 'unfinished') return this.#stopAt;
    const { bytes, from } = this.#window;
    const at = bytes.lastIndexOf(0);
    return at < from ? null : this.#window.offset(at);
  }

  /** Offset of the byte behind the last zero bytes that were passed over. */
  get nulsEnd(): number {
    return this.#nulsEnd;
  }

  /** Passes over byte order marks and blanks; the first byte of the value, -1 at the end. */
  start(): number {
    for (;;) {
      while (this.bytes.length - this.#window.from < 3 && this.#window.more());
      const { from } = this.#window;
      const [a, b, c] = this.bytes.subarray(from, from + 3);
      if (a !== 0xef || b !== 0xbb || c !== 0xbf) return this.blanks();
      this.#told('BYTE_ORDER_MARK', 'the file begins with a byte order mark', this.offset, 3);
      this.moveTo(from + 3);
    }
  }

  /** The byte at the cursor, -1 at the end. */
  peek(): number {
    const { from } = this.#window;
    if (from < this.bytes.length) return this.bytes[from] ?? -1;
    return this.#window.more() ? (this.bytes[this.#window.from] ?? -1) : -1;
  }

  /** The byte behind a held value, blanks and zero bytes left out; -1 at the end. */
  behind(held: Held): number {
    for (let at = this.offset + held.to - held.from; at < this.size; at += lookBytes) {
      const bytes = this.#source.read(at, Math.min(lookBytes, this.size - at));
      const next = skipBlanks(bytes, 0, bytes.length, 'pass');
      if (next < bytes.length) return bytes[next] ?? -1;
    }
    return -1;
  }

  /** Over blanks and zero bytes, which are told; the byte behind them, -1 at the end. */
  blanks(): number {
    this.#passed = '';
    for (;;) {
      const next = this.peek();
      if (next === 0) this.#nuls();
      else if (next < 0 || !isBlank(next)) return next;
      else {
        if (this.#passed.length < frontBytes) this.#passed += String.fromCharCode(next);
        this.step();
      }
    }
  }

  /** The blanks that were passed over last, the first few of them. */
  get passed(): string {
    return this.#passed;
  }

  step(): void {
    this.moveTo(this.#window.from + 1);
  }

  /** Moves to a place in `bytes`. */
  moveTo(at: number): void {
    const passed = this.#window.bytes.subarray(this.#window.from, at);
    for (let lf = passed.indexOf(byte.lf); lf >= 0; lf = passed.indexOf(byte.lf, lf + 1)) {
      this.#line += 1;
    }
    this.#window.consume(at);
  }

  /** Moves to an offset in front of it. */
  moveToOffset(offset: number): void {
    while (this.#window.offset(this.bytes.length) < offset) {
      this.moveTo(this.bytes.length);
      if (!this.#window.more()) return;
    }
    this.moveTo(offset - this.#window.offset(0));
  }

  /** Holds the value at the cursor; null when it does not end well, or not within the bound. */
  hold(bytesMax: number): Held | null {
    const bound = Math.min(bytesMax, this.#bytesMax);
    for (;;) {
      const { bytes, from } = this.#window;
      const scan = scanValue(bytes, from, bytes.length, 'pass');
      this.#stop = scan.kind;
      // As an offset: what is held moves when more is read.
      this.#stopAt = this.#window.offset(scan.at);
      this.#isFilledUp = false;
      if (scan.kind === 'broken') {
        // Zeros that a file was filled up with end it, whatever they stand in.
        this.#isFilledUp = this.#nothingBehind(scan.at);
        if (this.#isFilledUp) this.#stop = 'unfinished';
        return null;
      }
      const held = bytes.length - from;
      const whole = scan.kind === 'value' && !this.#mayGoOn(scan.at);
      if (whole || (held <= bound && !this.#grow(held))) {
        if (scan.kind !== 'value') {
          this.#isFilledUp = this.#nothingBehind(scan.at);
          return null;
        }
        this.#tellNuls(from, scan.at);
        return { from, to: scan.at };
      }
      if (held > bound) {
        this.#stop = 'long';
        return null;
      }
    }
  }

  /** True when zeros stand at this place, and nothing but zeros and blanks up to the end. */
  #nothingBehind(place: number): boolean {
    let at = place;
    const { from } = this.#window;
    let hasZeros = this.bytes[trimBlanks(this.bytes, from, at) - 1] === 0;
    for (;;) {
      for (; at < this.bytes.length; at += 1) {
        const value = this.bytes[at];
        if (value === 0) hasZeros = true;
        else if (!isBlank(value)) return false;
      }
      const held = this.bytes.length - this.#window.from;
      const ahead = at - this.#window.from;
      if (held > this.#bytesMax || !this.#window.more()) return hasZeros;
      at = this.#window.from + ahead;
    }
  }

  /** A number that ends with the window may go on behind it. */
  #mayGoOn(end: number): boolean {
    return end === this.bytes.length && (this.bytes[end - 1] ?? 0) >= 0x30;
  }

  /** Doubles what is held, so that to look again costs in proportion; false at the end. */
  #grow(held: number): boolean {
    let grown = false;
    const from = this.offset;
    while (this.#window.offset(this.bytes.length) - from < 2 * held + 1) {
      if (!this.#window.more()) break;
      grown = true;
    }
    return grown;
  }

  /** Passes over a value without holding it; only its brackets and strings are looked at. */
  pass(): boolean {
    let depth = 0;
    let state: 'plain' | 'string' | 'escaped' = 'plain';
    for (let next = this.peek(); next >= 0; next = this.peek()) {
      const { bytes, from } = this.#window;
      let at = from;
      for (; at < bytes.length; at += 1) {
        const value = bytes[at] ?? 0;
        if (state === 'escaped') state = 'string';
        else if (state === 'string') {
          if (value === byte.backslash) state = 'escaped';
          else if (value === byte.quote) state = 'plain';
        } else if (value === byte.quote) state = 'string';
        else if (value === byte.open || value === byte.openArray) depth += 1;
        else if (value === byte.close || value === byte.closeArray) depth -= 1;
        const between = value === byte.comma || depth < 0;
        const closes = value === byte.close || value === byte.closeArray;
        if (state === 'plain' && depth <= 0 && (between || closes)) {
          this.moveTo(between ? at : at + 1);
          return true;
        }
      }
      this.moveTo(at);
    }
    return false;
  }

  /**
   * Moves to the next object behind the cursor that ends and is wanted, by what stands in front of
   * it and by itself; to the end when there is none. Bytes that are made to cost much looking are
   * not looked at for ever.
   */
  seek(looks: Looks): boolean {
    let budget = Math.min(seekBytesMax, seekBytesMin + seekTimesMax * this.size);
    let at = this.#window.from + 1;
    while (budget > 0) {
      at = this.#ahead(at);
      const { bytes } = this.#window;
      const next = bytes.indexOf(byte.open, at);
      if (next < 0) {
        at = bytes.length;
        this.moveTo(Math.max(this.#window.from, at - frontBytes));
        const kept = at - this.#window.from;
        if (!this.#window.more()) break;
        at = this.#window.from + kept;
      } else if (looks.mayBegin(bytes, next)) {
        this.moveTo(next);
        this.#ahead(next);
        const { from } = this.#window;
        const scan = scanValue(this.bytes, from, this.bytes.length, 'pass');
        if (scan.kind === 'value' && looks.like(this.bytes, from, scan.at)) return true;
        budget -= scan.at - from;
        at = from + 1;
      } else {
        at = next + 1;
      }
    }
    do this.moveTo(this.bytes.length);
    while (this.#window.more());
    return false;
  }

  /**
   * Moves to the name of a member whose value is a list. `isMeant` is told the offset of its
   * bracket, and the blanks in front of the name; -1 where no member goes on there. False when
   * there is none.
   */
  seekName(name: string, isMeant: (offset: number, gap: number) => boolean): boolean {
    const text = JSON.stringify(name);
    for (let at = this.#window.from; ; ) {
      const { bytes } = this.#window;
      const next = bytes.indexOf(text, at);
      if (next < 0) {
        at = Math.max(at, bytes.length - text.length);
        this.moveTo(Math.max(this.#window.from, at - frontBytes));
        const kept = at - this.#window.from;
        if (!this.#window.more()) break;
        at = this.#window.from + kept;
        continue;
      }
      at = this.#ahead(next);
      const list = this.#listBehind(at + text.length);
      if (list !== null && isMeant(this.#window.offset(list), this.#gapBefore(at))) {
        this.moveTo(at);
        return true;
      }
      at += text.length;
    }
    this.moveTo(this.bytes.length);
    return false;
  }

  /** Where the list opens whose name ends at `at`; null when there is none. */
  #listBehind(at: number): number | null {
    const { bytes } = this.#window;
    const colon = skipBlanks(bytes, at, bytes.length);
    const list = skipBlanks(bytes, colon + 1, bytes.length);
    return bytes[colon] === byte.colon && bytes[list] === byte.openArray ? list : null;
  }

  #gapBefore(at: number): number {
    const { bytes } = this.#window;
    const before = trimBlanks(bytes, 0, at);
    const follows = bytes[before - 1] === byte.comma || bytes[before - 1] === byte.open;
    return follows ? at - before : -1;
  }

  /** What begins near the end of the window may end behind it; `at` where it stands now. */
  #ahead(at: number): number {
    const aheadBytes = Math.min(16 * 1024 * 1024, this.#bytesMax);
    if (this.bytes.length - at >= aheadBytes / 2) return at;
    this.moveTo(Math.max(this.#window.from, Math.min(at, this.bytes.length) - frontBytes));
    const kept = at - this.#window.from;
    while (this.bytes.length - this.#window.from < aheadBytes && this.#window.more());
    return this.#window.from + kept;
  }

  #nuls(): void {
    const { offset } = this;
    while (this.peek() === 0) {
      let at = this.#window.from;
      while (this.bytes[at] === 0) at += 1;
      this.moveTo(at);
    }
    this.#nulsEnd = this.offset;
    const length = this.offset - offset;
    const from = Math.max(offset, this.#nulsTold);
    if (from >= this.offset) return;
    this.#told('NUL_RUN', `${zerosStand(length)} in the text`, from, this.offset - from);
    this.#nulsTold = this.offset;
    this.nulRuns.between += 1;
  }

  #tellNuls(from: number, to: number): void {
    const held = this.bytes.subarray(0, to);
    for (let at = held.indexOf(0, from); at >= 0; ) {
      let end = at;
      while (end < to && held[end] === 0) end += 1;
      const offset = this.#window.offset(at);
      this.#nulsEnd = this.#window.offset(end);
      if (offset >= this.#nulsTold) {
        this.#told('NUL_RUN', `${zerosStand(end - at)} in the text`, offset, end - at);
        this.#nulsTold = this.#window.offset(end);
        this.nulRuns.inside += 1;
      }
      at = end < to ? held.indexOf(0, end) : -1;
    }
  }
}
