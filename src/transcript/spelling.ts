/**
 * How values were spelled whose text says more than they do: numbers that no double holds, names
 * that come twice. Wherever such a value goes in a file that is written, its text goes with it. A
 * value is known by what it is, so its members must never be changed; a copy is another value.
 */
import type { ByteSource } from './byte-source.ts';
import { parseText, unparsed } from './decode.ts';
import { InexactLook } from './inexact.ts';
import { skipBlanks } from './json-scan.ts';
import { elementSpans, memberSpans } from './json-span.ts';
import type { Span } from './json-span.ts';

/** Where records with such values begin, by their source; reading a file finds them. */
const places = new WeakMap<ByteSource, Set<number>>();
const texts = new WeakMap<object, string>();

/** Deeper values are not looked into. */
const depthMax = 100;
/** Each level of a value is read once more: so many of a long value, and all of a short one. */
const levelsMax = 16;
const lookBytesMin = 16 * 1024 * 1024;

/** Notes that the record that begins here says more than its value. */
export function noteInexact(source: ByteSource, offset: number): void {
  placesOf(source).add(offset);
}

/** Says that two sources have the same bytes, so that what is noted for one is known of both. */
export function haveSameBytes(source: ByteSource, other: ByteSource): void {
  places.set(other, placesOf(source));
}

/** True when the record that begins here was read and says more than its value. */
export function isInexactAt(source: ByteSource, offset: number): boolean {
  return places.get(source)?.has(offset) === true;
}

/** The value of a record, which stands at this place and is read once more. */
export function spelledAt(
  source: ByteSource,
  offset: number,
  bytes: Uint8Array,
  value: unknown,
): unknown {
  if (isInexactAt(source, offset)) remember(bytes, value);
  return value;
}

/** The value of a text that is a whole cell of a database; null when it is no object or list. */
export function spelledText(text: string): object | null {
  const value = parseText(text);
  if (value === unparsed || typeof value !== 'object' || value === null) return null;
  const bytes = Buffer.from(text);
  new Remembering(bytes).value(
    { start: skipBlanks(bytes, 0, bytes.length), end: bytes.length },
    value,
    0,
  );
  return value;
}

/** The text of an object or a list that says more than it; undefined for all others. */
export function spellingOf(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? texts.get(value) : undefined;
}

function placesOf(source: ByteSource): Set<number> {
  const known = places.get(source);
  if (known !== undefined) return known;
  const fresh = new Set<number>();
  places.set(source, fresh);
  return fresh;
}

function remember(bytes: Uint8Array, value: unknown): void {
  const text = Buffer.from(bytes.includes(0) ? bytes.filter((each) => each !== 0) : bytes);
  new Remembering(text).value({ start: 0, end: text.length }, value, 0);
}

class Remembering {
  readonly #bytes: Buffer;
  readonly #look = new InexactLook();
  /** Bytes that may still be looked at. */
  #left: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#left = Math.max(lookBytesMin, levelsMax * bytes.length);
  }

  value({ start, end }: Span, value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null || depth > depthMax) return;
    this.#left -= end - start;
    if (this.#left < 0) return;
    if (this.#look.at(this.#bytes, start, end).length === 0) return;
    texts.set(value, this.#bytes.toString('utf8', start, end));
    if (Array.isArray(value)) {
      for (const [index, span] of elementSpans(this.#bytes, start).entries()) {
        this.value(span, value[index], depth + 1);
      }
      return;
    }
    const object = value as Readonly<Record<string, unknown>>;
    // Of members of one name the last is the value, and so the last text stays.
    for (const { name, value: span } of memberSpans(this.#bytes, start)) {
      this.value(span, object[name], depth + 1);
    }
  }
}
