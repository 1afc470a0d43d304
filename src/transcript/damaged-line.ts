/**
 * Reads a line that `JSON.parse` does not take as one value: zero bytes, several records, a torn
 * record with the next one glued to it, or no record at all.
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
import { parseBytes, parseMarked, unparsed, withoutNuls } from './decode.ts';
import { byte, isBlank, scanValue, skipBlanks, trimBlanks } from './json-scan.ts';
import { zeroRuns } from './zero-runs.ts';

/** A place among the bytes of the line. */
interface Span {
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

const lostText = '\uFFFD';

/** Everything in the line; its first byte is no NUL. */
export function readDamagedLine(line: DamagedLine): Found[] {
  const runs = nulRuns(line);
  const pieces = piecesBetween(line, runs);
  const inner = runs.filter((run) => pieces.some((piece) => piece.from >= run.to));
  if (inner.length > 0) {
    const joined = joinPieces(line, pieces, runs);
    if (joined !== null) return joined;
  }
  const found: Found[] = [];
  const kept = new Set<Span>();
  for (const [index, piece] of pieces.entries()) {
    const begin = index === 0 ? line.begin : 'inside';
    const isCut = index < pieces.length - 1 || (line.end === 'closed' && endsInNuls(line));
    const end = isCut ? 'nuls' : line.end;
    const parts = new Piece({ ...line, ...piece, begin, end }).read();
    found.push(...parts);
    const run = inner[index - 1];
    if (run !== undefined && losesBegin(line.bytes, parts)) kept.add(run);
  }
  for (const run of runs) {
    const text = inner.includes(run) ? '\n' : '';
    found.push(zerosFault(run, kept.has(run) ? null : text));
  }
  return inPlace(found);
}

function zerosFault({ from, to }: Span, text: '' | '\n' | '\uFFFD' | null): Found {
  const what = `${to - from} zero bytes stand where text should be`;
  const meaning = text === lostText ? `${what}, in a string of a record` : what;
  const mend = text === null ? null : { from, to, text };
  return { kind: 'fault', code: 'NUL_RUN', from, to, meaning, mend };
}

/**
 * True when what was found behind zero bytes begins with a value that may be a part of a record.
 * The zeros tell that, so they stay: without them it would begin a line as records do.
 */
export function losesBegin(bytes: Uint8Array, [first]: readonly Found[]): boolean {
  if (first?.kind !== 'fault' || first.code !== 'MALFORMED_RECORD') return false;
  return bytes[first.from] === byte.open || bytes[first.from] === byte.openArray;
}

function endsInNuls({ bytes, from, to }: DamagedLine): boolean {
  return bytes[trimBlanks(bytes, from, to) - 1] === 0;
}

function nulRuns({ bytes, from, to }: DamagedLine): Span[] {
  const runs: Span[] = [];
  const line = bytes.subarray(0, to);
  for (let at = line.indexOf(0, from); at >= 0; ) {
    let end = at;
    while (end < to && line[end] === 0) end += 1;
    runs.push({ from: at, to: end });
    at = end < to ? line.indexOf(0, end) : -1;
  }
  return runs;
}

function piecesBetween({ bytes, from, to }: DamagedLine, runs: readonly Span[]): Span[] {
  const pieces: Span[] = [];
  let at = from;
  for (const run of [...runs, { from: to, to }]) {
    const piece = {
      from: skipBlanks(bytes, at, run.from),
      to: trimBlanks(bytes, at, run.from),
    };
    if (piece.from < piece.to) pieces.push(piece);
    at = run.to;
  }
  return pieces;
}

/**
 * One record with zero bytes inside, when it would be one without them. Where they took more than a
 * part of a string, nobody can tell what it said: it is told as unreadable, and the zeros stay.
 */
function joinPieces(
  { bytes }: DamagedLine,
  pieces: readonly Span[],
  runs: readonly Span[],
): Found[] | null {
  const from = pieces[0]?.from ?? 0;
  const to = pieces.at(-1)?.to ?? from;
  if (bytes[from] !== byte.open && bytes[from] !== byte.openArray) return null;
  const closed = withoutNuls(bytes, from, to);
  if (parseBytes(closed, 0, closed.length) === unparsed) return null;
  const value = parseMarked(bytes, from, to);
  const took = new Map(zeroRuns(bytes, from, to).map((run) => [run.from, run.took]));
  const faults = runs.map((run) => {
    const inside = took.get(run.from);
    if (inside === undefined) return zerosFault(run, '');
    return zerosFault(run, value === unparsed ? null : inside === 'text' ? lostText : '');
  });
  if (value !== unparsed) return inPlace([{ kind: 'record', from, to, value }, ...faults]);
  const meaning = `zero bytes took more than a part of one string of these ${to - from} bytes`;
  const lost = { kind: 'fault', code: 'MALFORMED_RECORD', from, to, meaning, mend: null } as const;
  return inPlace([lost, ...faults]);
}

function inPlace(found: readonly Found[]): Found[] {
  return found.toSorted((a, b) => a.from - b.from);
}

/** A part of a line without zero bytes, without blanks around it. */
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
