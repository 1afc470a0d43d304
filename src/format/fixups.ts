/**
 * Fix-ups: how strings and keys that MessagePack cannot carry are kept exactly, within standard
 * MessagePack. The value is made harmless, and a table beside it says how to undo that. Each row is
 * `[path, change]`; a path is an array of member names and element indexes from the value's root.
 *
 * - `[path, [offset, unit, …]]`: the string at `path` has U+FFFD at these offsets (in UTF-16 code
 *   units, ascending) in place of the lone surrogates `unit` (0xd800 to 0xdfff).
 * - `[path, null]`: the array `[key, value, key, value, …]` at `path` is an object. Objects are
 *   written so when one of their keys is `__proto__` or holds a lone surrogate; such a key is then
 *   an ordinary string, with a row of its own if it needs one.
 *
 * Paths name places in the value as it is written, and rows are undone in their order: what is
 * inside comes before what is around it. No place has two rows.
 */
import { payloadBytesMax } from '../base/quantities.ts';
import { setMember, type Step, tooLarge } from './value.ts';
import { isWellFormed, toWellFormed } from './well-formed.ts';

/** One row of the table. */
export type Fixup = readonly [path: readonly Step[], change: readonly number[] | null];

/** A table that does not fit its value. The payload is then undecodable. */
export class FixupFault extends Error {}

const replacement = 0xfffd;

/** Splits a checked value into one that MessagePack carries and the rows that lead back to it. */
export function splitFixups(value: unknown, where: string): { value: unknown; fixups: Fixup[] } {
  const fixups: Fixup[] = [];
  let pathBytes = 0;
  const path: Step[] = [];

  const add = (change: readonly number[] | null): void => {
    for (const step of path) pathBytes += typeof step === 'number' ? 1 : 1 + step.length;
    if (pathBytes > payloadBytesMax) throw tooLarge(where, pathBytes);
    fixups.push([[...path], change]);
  };
  const inside = (step: Step, part: unknown): unknown => {
    path.push(step);
    const split = visit(part);
    path.pop();
    return split;
  };
  const visit = (part: unknown): unknown => {
    if (typeof part === 'string') {
      if (isWellFormed(part)) return part;
      add(halvesOf(part));
      return toWellFormed(part);
    }
    if (typeof part !== 'object' || part === null || part instanceof Uint8Array) return part;
    if (Array.isArray(part)) return part.map((element, index) => inside(index, element));
    const members = Object.entries(part);
    if (members.every(([key]) => key !== '__proto__' && isWellFormed(key))) {
      return Object.fromEntries(members.map(([key, member]) => [key, inside(key, member)]));
    }
    const flat = members.flat().map((element, index) => inside(index, element));
    add(null);
    return flat;
  };
  return { value: visit(value), fixups };
}

/**
 * Undoes the rows of a table. The value may be changed in place. Throws FixupFault when they do
 * not fit.
 */
export function applyFixups(value: unknown, fixups: unknown): unknown {
  if (!Array.isArray(fixups)) throw new FixupFault('the fix-ups are not a table');
  const root: unknown[] = [value];
  // A hostile table that changed one long string again and again would take quadratic time.
  const places = new Set<string>();
  for (const row of fixups as readonly unknown[]) {
    if (!Array.isArray(row) || row.length !== 2 || !Array.isArray(row[0])) {
      throw new FixupFault('a fix-up is not a pair of path and change');
    }
    const path: readonly unknown[] = [0, ...(row[0] as readonly unknown[])];
    const place = JSON.stringify(path);
    if (places.has(place)) throw new FixupFault('two fix-ups name one place');
    places.add(place);
    const holder = path.slice(0, -1).reduce(member, root);
    const last = path.at(-1);
    const before = member(holder, last);
    const after = row[1] === null ? objectFrom(before) : withHalves(before, row[1]);
    (holder as Record<Step, unknown>)[last as Step] = after;
  }
  return root[0];
}

/**
 * The member that a step leads to; only own members count, so that no prototype is ever reached.
 */
function member(holder: unknown, step: unknown): unknown {
  const fits = Array.isArray(holder) ? Number.isInteger(step) : typeof step === 'string';
  if (
    typeof holder !== 'object' ||
    holder === null ||
    !fits ||
    !Object.hasOwn(holder, step as Step)
  ) {
    throw new FixupFault('a fix-up names a place that is not there');
  }
  return (holder as Readonly<Record<Step, unknown>>)[step as Step];
}

function objectFrom(flat: unknown): Record<string, unknown> {
  if (!Array.isArray(flat) || flat.length % 2 !== 0) {
    throw new FixupFault('a fix-up makes an object of something else than keys and values');
  }
  const object: Record<string, unknown> = {};
  for (let index = 0; index < flat.length; index += 2) {
    const key: unknown = flat[index];
    if (typeof key !== 'string' || Object.hasOwn(object, key)) {
      throw new FixupFault('a fix-up makes an object with a bad key');
    }
    setMember(object, key, flat[index + 1]);
  }
  return object;
}

function halvesOf(text: string): number[] {
  const halves: number[] = [];
  const harmless = toWellFormed(text);
  for (let offset = 0; offset < text.length; offset++) {
    const unit = text.charCodeAt(offset);
    if (unit !== harmless.charCodeAt(offset)) halves.push(offset, unit);
  }
  return halves;
}

function withHalves(text: unknown, halves: unknown): string {
  if (typeof text !== 'string' || !Array.isArray(halves) || halves.length % 2 !== 0) {
    throw new FixupFault('a fix-up puts half characters into something else than a string');
  }
  const parts: string[] = [];
  let done = 0;
  for (let index = 0; index < halves.length; index += 2) {
    const offset: unknown = halves[index];
    const unit: unknown = halves[index + 1];
    const isPlace = typeof offset === 'number' && Number.isInteger(offset) && offset >= done;
    if (!isPlace || text.charCodeAt(offset) !== replacement) {
      throw new FixupFault('a fix-up puts a half character where none was');
    }
    if (typeof unit !== 'number' || unit < 0xd800 || unit > 0xdfff) {
      throw new FixupFault('a fix-up puts a half character where none was');
    }
    parts.push(text.slice(done, offset), String.fromCharCode(unit));
    done = offset + 1;
  }
  parts.push(text.slice(done));
  return parts.join('');
}
