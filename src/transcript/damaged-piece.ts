/**
 * Reads a part of a line that has no zero bytes: one record or several, a torn record with the
 * next one glued to it, or no record at all.
 *
 * What is told apart is what a record is and what only looks like one. A record that broke inside
 * leaves objects behind that were parts of it; to call one of them a record would invent it. So a
 * value counts as a record when it begins the line and ends it, or another record follows it
 * directly; or when it begins where the grammar of what stands in front of it broke, and it ends
 * the line. Behind damage a comma or a bracket that follows shows that it stands inside of another.
 * Where the grammar leaves both readings open (`{"a":1,"b":{"c":2}` at the end of a line), the file
 * itself decides: a record has the keys that other records of this file have.
 *
 * One pass: no byte is scanned more than a few times, whatever stands in the line.
 */
import type { ByteCode } from '../integrity/finding.ts';
import { parseBytes } from './decode.ts';
import type { Splice } from './splice.ts';
import { byte, isBlank, scanValue, skipBlanks, trimBlanks } from './json-scan.ts';

/** A place among the bytes of the line. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What was found in a line, in the order of the bytes. */
export type Found =
  | (Span & { readonly kind: 'record'; readonly value: unknown })
  | (Span & {
      readonly kind: 'fault';
      readonly code: ByteCode;
      readonly meaning: string;
      /** What takes the place of which bytes. */
      readonly mend: (Span & { readonly text: '' | '\n' | '\uFFFD' }) | null;
      readonly why?: Splice['why'];
    });

/** A line, and what decides in doubt. */
export interface DamagedLine extends Span {
  readonly bytes: Buffer;
  /** `inside`: zero bytes stand in front, which may have taken the beginning of a record. */
  readonly begin: 'line' | 'inside';
  /**
   * `open`: no line end follows, so the file may have been cut here. `nuls`: zero bytes follow,
   * which may have taken the end of a record.
   */
  readonly end: 'closed' | 'open' | 'nuls';
  /** Whether the records of this file have the keys of this value. */
  readonly familiar: (value: object) => boolean;
}

/** What a part of a line holds that has no zero bytes, and no blanks around it. */
export function readPiece(line: DamagedLine): readonly Found[] {
  return new Piece(line).read();
}

class Piece {
  readonly #line: DamagedLine;
  readonly #found: Found[] = [];
  /** Where bytes began that are in no record, or -1. */
  #lostFrom = -1;
  /** Where a value began that the end cut short, or -1. */
  #tornFrom = -1;
  #records = 0;

  constructor(line: DamagedLine) {
    this.#line = line;
  }

  read(): readonly Found[] {
    const { bytes, to } = this.#line;
    let at = this.#line.from;
    while (at < to) {
      const next = this.#tryAt(at);
      if (next <= at) break;
      at = next;
    }
    this.#end(bytes);
    return this.#found;
  }

  /** Looks at what begins here; gives the next place to look at. */
  #tryAt(at: number): number {
    const { bytes, to } = this.#line;
    if (!this.#opens(at)) return this.#lose(at, at + 1);
    const scan = scanValue(bytes, at, to);
    if (scan.kind === 'value') {
      const next = skipBlanks(bytes, scan.at, to);
      const value = parseBytes(bytes, at, scan.at);
      if (!this.#isRecord(value, next)) return this.#lose(at, scan.at);
      this.#record({ from: at, to: scan.at }, value);
      return next;
    }
    const last = scan.lastObject;
    const cut = scan.kind === 'unfinished' && this.#line.end !== 'closed';
    if (last !== null && last.from > at && !cut && this.#familiar(last)) {
      if (this.#lostFrom < 0) this.#lostFrom = at;
      return last.from;
    }
    if (scan.kind === 'unfinished') {
      this.#tornFrom = at;
      this.#lose(at, to);
      return to;
    }
    // A string that was cut ends with the first quote of the record that is glued to it, and its
    // grammar breaks behind that quote: the record begins up to two bytes before.
    return this.#lose(at, Math.max(at + 1, scan.at - 2));
  }

  #isRecord(value: unknown, next: number): boolean {
    if (typeof value !== 'object' || value === null) return false;
    const isBegin = this.#lostFrom < 0 && (this.#records > 0 || this.#line.begin === 'line');
    if (isBegin) return this.#endsAt(next, value);
    // Behind damage it may be a part of a record, whatever its members are, or what a string says.
    if (next === this.#line.to) return true;
    return this.#opens(next) && (this.#line.familiar(value) || this.#goesOnAt(next));
  }

  /** Whether a record that began where one should ends in front of `next`. */
  #endsAt(next: number, value: object): boolean {
    const { bytes, to, familiar } = this.#line;
    if (next === to || this.#opens(next)) return true;
    // A line end that became another byte, behind a record that begins its line.
    const between = [byte.close, byte.closeArray, byte.comma, byte.colon];
    const junk = between.every((value) => value !== bytes[next]);
    const behind = skipBlanks(bytes, Math.min(next + 1, to), to);
    return (junk && (behind === to || this.#opens(behind))) || familiar(value);
  }

  #opens(at: number): boolean {
    const { bytes, to } = this.#line;
    return at < to && (bytes[at] === byte.open || bytes[at] === byte.openArray);
  }

  /** True when what opens here is a record, if it is none that the end of the file cut short. */
  #goesOnAt(at: number): boolean {
    const { bytes, end, to } = this.#line;
    const scan = scanValue(bytes, at, to);
    if (scan.kind !== 'value') return scan.kind === 'unfinished' && end !== 'closed';
    const value = parseBytes(bytes, at, scan.at);
    if (typeof value !== 'object' || value === null) return false;
    return this.#endsAt(skipBlanks(bytes, scan.at, to), value);
  }

  #familiar({ from, to }: Span): boolean {
    const value = parseBytes(this.#line.bytes, from, to);
    return typeof value === 'object' && value !== null && this.#line.familiar(value);
  }

  /** The bytes at `at` are in no record; where the next one may begin. */
  #lose(at: number, searchFrom: number): number {
    if (this.#lostFrom < 0) this.#lostFrom = at;
    const { bytes, to } = this.#line;
    const next = bytes.subarray(0, to).indexOf('{"', searchFrom, 'latin1');
    return next < 0 ? to : next;
  }

  #record(span: Span, value: unknown): void {
    const { bytes } = this.#line;
    if (this.#lostFrom >= 0) {
      const lost = { from: this.#lostFrom, to: trimBlanks(bytes, this.#lostFrom, span.from) };
      if (this.#records > 0) this.#fused(lost);
      this.#malformed(lost, null);
    }
    if (this.#lostFrom >= 0 || this.#records > 0) this.#fused(span);
    this.#found.push({ kind: 'record', ...span, value });
    this.#lostFrom = -1;
    this.#records += 1;
  }

  #end(bytes: Buffer): void {
    if (this.#lostFrom < 0) return;
    const { end, to } = this.#line;
    const lost = { from: this.#lostFrom, to };
    if (this.#records > 0) this.#fused(lost);
    if (end === 'open' && this.#tornFrom >= 0) {
      const meaning = 'the file ends inside this record';
      this.#found.push({
        kind: 'fault',
        code: 'TORN_RECORD',
        ...lost,
        meaning,
        mend: { ...lost, text: '' },
      });
      return;
    }
    // Without a line end the next record that is appended would be glued to these bytes.
    const behind = isBlank(bytes[to - 1]) ? null : { from: to, to };
    this.#malformed(lost, end === 'open' && behind !== null ? { ...behind, text: '\n' } : null);
  }

  #fused(span: Span): void {
    const at = { from: span.from, to: span.from };
    this.#found.push({
      kind: 'fault',
      code: 'FUSED_RECORDS',
      ...span,
      meaning: 'this stands on the line of another record, without a line end between them',
      mend: { ...at, text: '\n' },
    });
  }

  #malformed(span: Span, mend: (Span & { readonly text: '\n' }) | null): void {
    const meaning = `${span.to - span.from} bytes are no record`;
    this.#found.push({ kind: 'fault', code: 'MALFORMED_RECORD', ...span, meaning, mend });
  }
}
