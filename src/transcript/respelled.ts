/**
 * A value that changes inside a file: what stays keeps its bytes. Digits that no number here can
 * hold, the order of members, names that come twice, escapes and blanks are those of the tool, and
 * only what an edit is about is written anew.
 */
import { addAll } from '../base/lists.ts';
import { parseRecord } from './decode.ts';
import { byte, skipBlanks } from './json-scan.ts';
import type { MemberSpan, Span } from './json-span.ts';
import { elementSpans, memberSpans, pathSpan } from './json-span.ts';
import type { JsonStyle } from './json-style.ts';
import { compactStyle, styledJson } from './json-style.ts';
import type { JsonObject } from './json-value.ts';
import { asObject, sameJson, writtenJson } from './json-value.ts';
import type { ListItem } from './list-splices.ts';
import { listSplices } from './list-splices.ts';
import type { Splice } from './splice.ts';

/** Deeper changes are written as a whole, so that the stack of a comparison stays small. */
const depthMax = 200;

/** So many elements are compared to find one again that moved in its list. */
const lookAhead = 4;

/** So many are looked at to find the one that an element was before its change. */
const akinAhead = 128;

/**
 * The bytes of a value that was `before`, which is what they say, and becomes `after`. What has to
 * be written is laid out in the style of the value.
 */
export function respelled(
  bytes: Uint8Array,
  before: unknown,
  after: unknown,
  style: JsonStyle = compactStyle,
): Buffer {
  // Zero bytes inside are passed over by who reads the value, and are not written again.
  const text = bytes.includes(0) ? bytes.filter((each) => each !== 0) : bytes;
  const respelling = new Respelling(text, style);
  const start = skipBlanks(text, 0, text.length);
  respelling.value({ start, end: text.length }, before, after, 0);
  return respelling.result();
}

/** What may stand beside a member or an element. */
interface Old {
  readonly span: Span;
  readonly value: unknown;
}

class Respelling {
  readonly #bytes: Buffer;
  readonly #style: JsonStyle;
  readonly #splices: Splice[] = [];

  constructor(bytes: Uint8Array, style: JsonStyle) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#style = style;
  }

  result(): Buffer {
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const { offset, length, bytes } of this.#splices.toSorted((a, b) => a.offset - b.offset)) {
      parts.push(this.#bytes.subarray(at, offset), bytes);
      at = offset + length;
    }
    return Buffer.concat([...parts, this.#bytes.subarray(at)]);
  }

  value(span: Span, before: unknown, after: unknown, depth: number): void {
    if (Object.is(before, after)) return;
    const [old, fresh] = [asObject(before), asObject(after)];
    const isList = Array.isArray(before) && Array.isArray(after);
    if (depth < depthMax && old !== null && fresh !== null) {
      this.#members(span, old, fresh, depth);
    } else if (depth < depthMax && isList) {
      this.#elements(span, before as readonly unknown[], after as readonly unknown[], depth);
    } else if (!sameJson(before, after)) {
      const { start, end } = span;
      const bytes = Buffer.from(this.#text(after, depth));
      this.#splices.push({ offset: start, length: end - start, bytes });
    }
  }

  #members(span: Span, before: JsonObject, after: JsonObject, depth: number): void {
    const members = memberSpans(this.#bytes, span.start);
    const last = new Map(members.map(({ name }, index) => [name, index]));
    const fresh = this.#newMembers(members, last, after, depth);
    const items: ListItem[] = (fresh.get(-1) ?? []).map((text) => ({ text }));
    for (const [index, { name, value }] of members.entries()) {
      if (after[name] === undefined || !Object.hasOwn(after, name)) continue;
      items.push({ kept: index });
      // Only the last of a repeated name is what was read.
      if (last.get(name) !== index) continue;
      this.value(value, before[name], after[name], depth + 1);
      for (const text of fresh.get(index) ?? []) items.push({ text });
    }
    this.#list(
      span.start,
      members.map(({ whole }) => whole),
      items,
    );
  }

  /** The texts of new members, by the member behind which they come; -1 is the beginning. */
  #newMembers(
    members: readonly MemberSpan[],
    last: ReadonlyMap<string, number>,
    after: JsonObject,
    depth: number,
  ): ReadonlyMap<number, readonly string[]> {
    const fresh = new Map<number, string[]>();
    const colon = this.#colon(members[0]);
    let at = -1;
    for (const [name, value] of Object.entries(after)) {
      if (value === undefined) continue;
      const known = last.get(name);
      if (known !== undefined) {
        at = known;
        continue;
      }
      const text = `${JSON.stringify(name)}${colon}${this.#text(value, depth + 1)}`;
      const here = fresh.get(at);
      if (here === undefined) fresh.set(at, [text]);
      else here.push(text);
    }
    return fresh;
  }

  /** What stands between the name and the value of a member. */
  #colon(member: MemberSpan | undefined): string {
    if (member === undefined) return this.#style.colon;
    const between = this.#bytes.toString('latin1', member.whole.start, member.value.start);
    return /\s*:\s*$/.exec(between)?.[0] ?? this.#style.colon;
  }

  #elements(
    span: Span,
    before: readonly unknown[],
    after: readonly unknown[],
    depth: number,
  ): void {
    const spans = elementSpans(this.#bytes, span.start);
    const old = spans.map((each, index): Old => ({ span: each, value: before[index] }));
    const found = goesOnAs(before, after);
    const items = after.map((value, index): ListItem => {
      const kept = found[index] ?? -1;
      const element = old[kept];
      if (element === undefined) return { text: this.#text(value, depth + 1) };
      this.value(element.span, element.value, value, depth + 1);
      return { kept };
    });
    this.#list(span.start, spans, items);
  }

  #list(from: number, spans: readonly Span[], items: readonly ListItem[]): void {
    const elements = spans.map(({ start, end }) => ({ offset: start, length: end - start }));
    const text = (start: number, end: number): string => this.#bytes.toString('latin1', start, end);
    addAll(this.#splices, listSplices({ from, elements, text }, items));
  }

  #text(value: unknown, depth: number): string {
    const { indent, base } = this.#style;
    const inner =
      indent === null ? this.#style : { ...this.#style, base: base + indent.repeat(depth) };
    return styledJson(value ?? null, inner);
  }
}

/**
 * Gives a member of an object a value: the splice for the file, in which the object begins at
 * `offset`. A member that is not there comes first. Null when the bytes are no object.
 */
export function memberSplice(
  bytes: Uint8Array,
  offset: number,
  path: readonly string[],
  value: unknown,
): Splice | null {
  const span = pathSpan(bytes, path);
  if (span !== null) {
    const { start, end } = span;
    const old = bytes.subarray(start, end);
    const fresh = respelled(old, parseRecord(old), value);
    return { offset: offset + start, length: end - start, bytes: fresh };
  }
  const name = path.at(-1);
  const inside = pathSpan(bytes, path.slice(0, -1));
  const open = inside === null ? -1 : skipBlanks(bytes, inside.start, bytes.length);
  if (name === undefined || bytes[open] !== byte.open) return null;
  const isEmpty = bytes[skipBlanks(bytes, open + 1, bytes.length)] === byte.close;
  const member = `${JSON.stringify(name)}:${writtenJson(value)}${isEmpty ? '' : ','}`;
  return { offset: offset + open + 1, length: 0, bytes: Buffer.from(member) };
}

/** For each element after the change, the number of the one that it goes on as; -1 for none. */
function goesOnAs(before: readonly unknown[], after: readonly unknown[]): readonly number[] {
  const same = new SameElements(before);
  const found = after.map((value) => same.next(value));
  // What stands between two that stay is the same element, changed, where both are of one kind.
  const ends = endsOf(found, before.length);
  let next = 0;
  return found.map((kept, index) => {
    if (kept >= 0) {
      next = kept + 1;
      return kept;
    }
    const end = Math.min(ends[index] ?? 0, next + akinAhead);
    for (let at = next; at < end; at += 1) {
      if (!isAkin(before[at], after[index])) continue;
      next = at + 1;
      return at;
    }
    return -1;
  });
}

/** Where the next one that stays was, for each element after the change. */
function endsOf(found: readonly number[], length: number): readonly number[] {
  const ends: number[] = [];
  let end = length;
  for (let index = found.length - 1; index >= 0; index -= 1) {
    if ((found[index] ?? -1) >= 0) end = found[index] ?? end;
    ends[index] = end;
  }
  return ends;
}

/** Finds the elements of a list again, in their order. Each question is a look and not a search. */
class SameElements {
  readonly #before: readonly unknown[];
  /** By element the places where it stands that are still ahead, the last one first. */
  readonly #places = new Map<unknown, number[]>();
  #from = 0;

  constructor(before: readonly unknown[]) {
    this.#before = before;
    for (let at = before.length - 1; at >= 0; at -= 1) {
      const places = this.#places.get(before[at]);
      if (places === undefined) this.#places.set(before[at], [at]);
      else places.push(at);
    }
  }

  /** The number of the next element that is or says the same, behind the one found last; or -1. */
  next(value: unknown): number {
    const at = this.#itself(value);
    const found = at >= 0 ? at : this.#alike(value);
    if (found >= 0) this.#from = found + 1;
    return found;
  }

  #itself(value: unknown): number {
    const places = this.#places.get(value) ?? [];
    while ((places.at(-1) ?? this.#from) < this.#from) places.pop();
    return places.pop() ?? -1;
  }

  #alike(value: unknown): number {
    const end = Math.min(this.#before.length, this.#from + lookAhead);
    for (let at = this.#from; at < end; at += 1) {
      if (sameJson(this.#before[at], value)) return at;
    }
    return -1;
  }
}

function isAkin(before: unknown, after: unknown): boolean {
  const [old, fresh] = [asObject(before), asObject(after)];
  if (old === null || fresh === null) return Array.isArray(before) && Array.isArray(after);
  const names = Object.keys(old);
  const isAlike = names.join() === Object.keys(fresh).join();
  return (
    old['type'] === fresh['type'] && (isAlike || names.some((name) => old[name] === fresh[name]))
  );
}
