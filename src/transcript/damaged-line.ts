/**
 * Reads a line that `JSON.parse` does not take as one value. Zero bytes in it are told apart by
 * what they took; what stands between them is read piece by piece.
 */
import { addAll } from '../base/lists.ts';
import type { DamagedLine, Found, Span } from './damaged-piece.ts';
import { readPiece } from './damaged-piece.ts';
import { parseBytes, parseMarked, unparsed, withoutNuls } from './decode.ts';
import { byte, skipBlanks, trimBlanks } from './json-scan.ts';
import { signatureMeaning, signatureWhy, zeroRuns, zerosStand } from './zero-runs.ts';

const lostText = '\uFFFD';

/** What a line holds. */
export interface LineReading {
  readonly found: readonly Found[];
  /** True when the zero bytes in front of the line must stay: see `needsZeros`. */
  readonly keepsFront: boolean;
}

/** Everything in the line; its first byte is no NUL. */
export function readDamagedLine(line: DamagedLine): LineReading {
  const runs = nulRuns(line);
  const pieces = piecesBetween(line, runs);
  const lastFrom = pieces.at(-1)?.from ?? line.from;
  const inner = runs.filter((run) => run.to <= lastFrom);
  if (inner.length > 0) {
    const joined = joinPieces(line, pieces, runs);
    if (joined !== null) return { found: joined, keepsFront: false };
  }
  const found: Found[] = [];
  /** Behind and in front of these places the zeros stay. */
  const keptBehind = new Set<number>();
  const keptInFront = new Set<number>();
  for (const [index, place] of pieces.entries()) {
    const begin = index === 0 ? line.begin : 'inside';
    const isCut = index < pieces.length - 1 || (line.end === 'closed' && endsInNuls(line));
    const piece = { ...line, ...place, begin, end: isCut ? 'nuls' : line.end } as const;
    const parts = readPiece(piece);
    addAll(found, parts);
    const needs = needsZeros(piece, parts);
    if (needs.behind) keptBehind.add(index);
    if (needs.inFront) keptInFront.add(index);
  }
  let next = 0;
  for (const run of runs) {
    while (next < pieces.length && (pieces[next]?.from ?? 0) < run.to) next += 1;
    const isKept = keptBehind.has(next - 1) || keptInFront.has(next);
    found.push(zerosFault(run, isKept ? null : next === pieces.length ? '' : '\n'));
  }
  return { found: inPlace(found), keepsFront: keptInFront.has(0) };
}

/**
 * Which zero bytes beside a piece must stay. They tell that a record may have lost its begin or its
 * end there; with a line end in their place the piece would begin or end a line as records do. If
 * more is read of it then, that is a part of a record, which nobody wrote as one.
 */
function needsZeros(
  piece: DamagedLine,
  parts: readonly Found[],
): { readonly behind: boolean; readonly inFront: boolean } {
  const [first] = parts;
  // Of a piece that is one torn record, a mend leaves nothing.
  const goes = first?.kind === 'fault' && first.code === 'TORN_RECORD';
  const isSound = parts.every(({ kind }) => kind === 'record');
  if (goes || isSound) return { behind: false, inFront: false };
  const differs = (as: Partial<DamagedLine>): boolean =>
    recordsOf(readPiece({ ...piece, ...as })) !== recordsOf(parts);
  const behind = piece.end === 'nuls' && differs({ end: 'closed' });
  const inFront = piece.begin === 'inside' && differs({ begin: 'line' });
  if (behind || inFront) return { behind, inFront };
  const both =
    piece.end === 'nuls' && piece.begin === 'inside' && differs({ begin: 'line', end: 'closed' });
  return { behind: both, inFront: both };
}

/** The places of the records that were found. */
function recordsOf(parts: readonly Found[]): string {
  return parts.flatMap(({ kind, from, to }) => (kind === 'record' ? `${from}-${to}` : [])).join();
}

function zerosFault({ from, to }: Span, text: '' | '\n' | '\uFFFD' | null): Found {
  const what = `${zerosStand(to - from)} where text should be`;
  const meaning = text === lostText ? `${what}, in a string of a record` : what;
  const mend = text === null ? null : { from, to, text };
  return { kind: 'fault', code: 'NUL_RUN', from, to, meaning, mend };
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
  const zeros = zeroRuns(bytes, from, to);
  const took = new Map(zeros.runs.map((run) => [run.from, run.took]));
  const faults = runs.map((run) => {
    const inside = took.get(run.from);
    if (inside === undefined) return zerosFault(run, '');
    return zerosFault(run, value === unparsed ? null : inside === 'text' ? lostText : '');
  });
  if (value !== unparsed) {
    const unsigned = zeros.signatures.map(signatureFault);
    return inPlace([{ kind: 'record', from, to, value }, ...faults, ...unsigned]);
  }
  const where = `of one string of these ${to - from} bytes`;
  const meaning = `zero bytes may have taken more than a part ${where}`;
  const lost = { kind: 'fault', code: 'MALFORMED_RECORD', from, to, meaning, mend: null } as const;
  return inPlace([lost, ...faults]);
}

/** The signature of a thought in which zeros stood goes with them. */
function signatureFault({ from, to }: Span): Found {
  const mend = { from, to, text: '' } as const;
  const told = { meaning: signatureMeaning, why: signatureWhy };
  return { kind: 'fault', code: 'NUL_RUN', from, to, mend, ...told };
}

function inPlace(found: readonly Found[]): Found[] {
  return found.toSorted((a, b) => a.from - b.from);
}
