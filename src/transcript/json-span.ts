/**
 * Where the pieces of a JSON text stand in its bytes, so that one of them can be replaced while all
 * others stay as they are, down to the spelling of a number. The text is one that was parsed
 * before.
 */
import { byte, scanValue, skipBlanks } from './json-scan.ts';

/** A range of bytes; `end` is behind the last one. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

function ends(bytes: Uint8Array, from: number): number {
  return scanValue(bytes, from, bytes.length).at;
}

/** Where one member of an object stands. */
export interface MemberSpan {
  readonly name: string;
  /** From its name on to the end of its value. */
  readonly whole: Span;
  readonly value: Span;
}

/** Where the members of the object at `from` stand; a repeated name comes as often as it does. */
export function memberSpans(bytes: Uint8Array, from: number): MemberSpan[] {
  const { length } = bytes;
  const spans: MemberSpan[] = [];
  let at = skipBlanks(bytes, from, length) + 1;
  for (;;) {
    at = skipBlanks(bytes, at, length);
    if (bytes[at] !== byte.quote) return spans;
    const start = at;
    const keyEnd = ends(bytes, at);
    const key = JSON.parse(Buffer.from(bytes.subarray(at, keyEnd)).toString('utf8')) as string;
    at = skipBlanks(bytes, skipBlanks(bytes, keyEnd, length) + 1, length);
    const end = ends(bytes, at);
    spans.push({ name: key, whole: { start, end }, value: { start: at, end } });
    at = skipBlanks(bytes, end, length);
    if (bytes[at] !== byte.comma) return spans;
    at += 1;
  }
}

/** Where the value of a member stands in the object at `from`; of a repeated name, the last. */
function memberSpan(bytes: Uint8Array, from: number, name: string): Span | null {
  return memberSpans(bytes, from).findLast((member) => member.name === name)?.value ?? null;
}

/** Where a member of a member (and so on) stands in the object that begins the bytes. */
export function pathSpan(bytes: Uint8Array, path: readonly string[]): Span | null {
  let span: Span | null = { start: 0, end: bytes.length };
  for (const name of path) {
    const inside: boolean = bytes[skipBlanks(bytes, span.start, bytes.length)] === byte.open;
    span = inside ? memberSpan(bytes, span.start, name) : null;
    if (span === null) return null;
  }
  return span;
}

/**
 * Takes a member out of the object at `from`, with one comma; null where it is not, or comes twice.
 */
export function withoutMember(bytes: Uint8Array, from: number, name: string): Span | null {
  const { length } = bytes;
  const begin = skipBlanks(bytes, from, length) + 1;
  let found: Span | null = null;
  let before = begin;
  for (let at = begin; ; ) {
    at = skipBlanks(bytes, at, length);
    if (bytes[at] !== byte.quote) return found;
    const keyEnd = ends(bytes, at);
    const key: unknown = JSON.parse(Buffer.from(bytes.subarray(at, keyEnd)).toString('utf8'));
    const value = skipBlanks(bytes, skipBlanks(bytes, keyEnd, length) + 1, length);
    const end = ends(bytes, value);
    const comma = skipBlanks(bytes, end, length);
    const isLast = bytes[comma] !== byte.comma;
    if (key === name) {
      if (found !== null) return null;
      // The first member takes the comma behind it along, every other one that in front.
      const first = before === begin;
      const next = isLast ? end : skipBlanks(bytes, comma + 1, length);
      found = first ? { start: at, end: next } : { start: before, end };
    }
    if (isLast) return found;
    before = end;
    at = comma + 1;
  }
}

/** Where the elements of the array at `from` stand. */
export function elementSpans(bytes: Uint8Array, from: number): Span[] {
  const spans: Span[] = [];
  let at = skipBlanks(bytes, skipBlanks(bytes, from, bytes.length) + 1, bytes.length);
  while (at < bytes.length && bytes[at] !== byte.closeArray) {
    const end = ends(bytes, at);
    spans.push({ start: at, end });
    at = skipBlanks(bytes, end, bytes.length);
    if (bytes[at] !== byte.comma) break;
    at = skipBlanks(bytes, at + 1, bytes.length);
  }
  return spans;
}
