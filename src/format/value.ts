/**
 * What can be kept: the values of JSON, and bytes. Everything is looked at before anything is
 * encoded, because the encoder would change or leak what it does not know (a Float64Array is
 * written as uninitialised memory, a class instance as its fields).
 *
 * Rules:
 * - null, booleans, finite numbers, strings, Uint8Array, arrays and plain objects (prototype
 *   `Object.prototype` or null) are kept. -0 becomes 0. A Buffer, or any other subclass, becomes a
 *   Uint8Array. Members that are undefined are dropped.
 * - Everything else is refused with its path: undefined in an array, NaN, Infinity, bigint, symbol,
 *   function, Date, Map, other typed arrays, class instances, and what is nested too deep. A cycle
 *   is nested too deep. So are members that would be lost in silence, under a symbol or beside the
 *   elements of an array, and those that throw when they are read.
 *
 * A value that needs no change comes back itself; only changed containers, and those around them,
 * are copied. Most messages are therefore read once and copied never.
 */
import { HoldfastError } from '../base/errors.ts';
import { payloadBytesMax, valueDepthMax } from '../base/quantities.ts';
import { shown } from '../base/shown.ts';
import { isWellFormed, toWellFormed } from './well-formed.ts';

/** A step into a value: a member's name or an element's index. */
export type Step = string | number;

/** A value that follows the rules, and whether MessagePack alone can carry it. */
export interface CheckedValue {
  readonly value: unknown;
  /** True when a string or key is not well-formed, or a key is `__proto__`. */
  readonly needsFixups: boolean;
}

/** A place longer than this is told by its beginning and its end. */
const placeCharsMax = 200;

/** The same in a message, which should be read at a glance; `details.path` has more of it. */
const toldCharsMax = 80;

/**
 * A place for people: `message.content[2].input["odd key"]`. In a long one, such as that of a value
 * which contains itself, an ellipsis stands for the middle.
 */
export function placeOf(
  where: string,
  path: readonly Step[],
  charsMax: number = placeCharsMax,
): string {
  let place = where;
  for (const step of path) {
    if (typeof step === 'number') place += `[${step}]`;
    else if (!/^[A-Za-z_$][\w$]*$/.test(step)) place += `[${JSON.stringify(step.slice(0, 100))}]`;
    else place += place === '' ? step : `.${step}`;
  }
  if (place.length <= charsMax) return place;
  const half = (charsMax - 1) / 2;
  return toWellFormed(`${place.slice(0, Math.ceil(half))}…${place.slice(-Math.floor(half))}`);
}

/**
 * Sets an own member also when it is called `__proto__`, where assignment would set the prototype.
 */
export function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

/**
 * Checks a value against the rules. Throws INVALID with the place of the first member that breaks
 * them, and TOO_LARGE as soon as the value cannot fit into `payloadBytesMax` whatever its encoding.
 */
export function checkValue(value: unknown, where: string): CheckedValue {
  const walk = new Walk(where);
  const checked = walk.visitAll(value);
  return { value: checked, needsFixups: walk.needsFixups };
}

/**
 * True for a value that follows the rules as it is, of those that a decoder has just made from so
 * many bytes: nobody else holds them, so they have no getters, symbols, or members beside elements.
 * Most values are such, and this look costs a third of the check, which has to say of the others
 * what is wrong.
 */
export function isKeptAsDecoded(value: unknown, bytes: number): boolean {
  valuesLeft = bytes;
  return isKept(value, 0);
}

/** Every value took a byte; when there are more, some are shared, and could be without end. */
let valuesLeft = 0;

function isKept(value: unknown, depth: number): boolean {
  valuesLeft -= 1;
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && (value !== 0 || Object.is(value, 0));
    case 'object': {
      if (value === null) return true;
      if (depth >= valueDepthMax || valuesLeft < 0) return false;
      if (Array.isArray(value)) {
        for (const element of value) if (!isKept(element, depth + 1)) return false;
        return true;
      }
      const prototype: unknown = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype) return prototype === Uint8Array.prototype;
      const members = value as Readonly<Record<string, unknown>>;
      for (const key in members) if (!isKept(members[key], depth + 1)) return false;
      return true;
    }
    case 'undefined':
    case 'bigint':
    case 'symbol':
    case 'function':
      return false;
  }
}

/** INVALID for a value that threw when it was read: a getter, or a proxy, of the caller. */
export function unreadable(path: string, cause: unknown): HoldfastError<'INVALID'> {
  const message = `${path === '' ? 'The value' : path} cannot be read: it throws`;
  return new HoldfastError('INVALID', message, { path }, { cause });
}

class Walk {
  needsFixups = false;
  readonly #where: string;
  /** The steps to the value being visited; entries at its depth and beyond are left over. */
  readonly #path: Step[] = [];
  /** How many of the steps lead to what is being read just now. */
  #depth = 0;
  /**
   * A lower bound of the encoded size. It also stops values that share parts to grow without end.
   */
  #bytesMin = 0;

  constructor(where: string) {
    this.#where = where;
  }

  visitAll(value: unknown): unknown {
    try {
      return this.visit(value, 0);
    } catch (error) {
      if (HoldfastError.is(error)) throw error;
      throw unreadable(placeOf(this.#where, this.#path.slice(0, this.#depth)), error);
    }
  }

  visit(value: unknown, depth: number): unknown {
    this.#depth = depth;
    switch (typeof value) {
      case 'string':
        this.#text(value);
        return value;
      case 'number':
        if (!Number.isFinite(value)) this.#refuse(depth, `is ${value}, which JSON cannot express`);
        this.#count(1);
        return value === 0 ? 0 : value;
      case 'boolean':
        this.#count(1);
        return value;
      case 'object':
        if (value !== null) return this.#container(value, depth);
        this.#count(1);
        return value;
      case 'undefined':
        return this.#refuse(
          depth,
          'is undefined, which is allowed only for the member of an object',
        );
      case 'bigint':
      case 'symbol':
      case 'function':
        return this.#refuse(depth, `is a ${typeof value}, which cannot be kept`);
    }
  }

  #container(value: object, depth: number): unknown {
    if (value instanceof Uint8Array) {
      if (isDetached(value)) this.#refuse(depth, 'is bytes whose buffer was transferred away');
      this.#count(1 + value.length);
      const plain = Object.getPrototypeOf(value) === Uint8Array.prototype;
      return plain ? value : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    }
    if (depth >= valueDepthMax) {
      this.#refuse(depth, `is nested deeper than ${valueDepthMax} levels, or contains itself`);
    }
    this.#count(1);
    if (Array.isArray(value)) return this.#array(value, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) return this.#object(value, depth);
    return this.#refuse(depth, `is a ${classNameOf(prototype)}; turn it into plain values first`);
  }

  #array(source: readonly unknown[], depth: number): readonly unknown[] {
    let copy: unknown[] | null = null;
    for (let index = 0; index < source.length; index++) {
      this.#path[depth] = index;
      this.#depth = depth + 1;
      const before = source[index];
      const after = this.visit(before, depth + 1);
      if (copy === null && !Object.is(before, after)) copy = source.slice(0, index);
      copy?.push(after);
    }
    // No element is missing, so that what is more is none.
    const extra = Object.keys(source).at(source.length);
    if (extra !== undefined) {
      this.#refuse(depth, `has a member ${shown(extra)} beside its elements, which would be lost`);
    }
    return copy ?? source;
  }

  #object(source: object, depth: number): object {
    let copy: Record<string, unknown> | null = null;
    const members = source as Readonly<Record<string, unknown>>;
    const keys = Object.keys(source);
    for (const symbol of Object.getOwnPropertySymbols(source)) {
      if (!Object.prototype.propertyIsEnumerable.call(source, symbol)) continue;
      this.#refuse(depth, 'has a member under a symbol, which would be lost');
    }
    let index = -1;
    for (const key of keys) {
      index += 1;
      this.#path[depth] = key;
      this.#depth = depth + 1;
      const before = members[key];
      if (before === undefined) {
        copy ??= firstMembers(members, keys, index);
        continue;
      }
      this.#text(key);
      if (key === '__proto__') this.needsFixups = true;
      const after = this.visit(before, depth + 1);
      if (copy === null && !Object.is(before, after)) copy = firstMembers(members, keys, index);
      if (copy !== null) setMember(copy, key, after);
    }
    return copy ?? source;
  }

  #text(text: string): void {
    this.#count(1 + text.length);
    if (!isWellFormed(text)) this.needsFixups = true;
  }

  #count(bytes: number): void {
    this.#bytesMin += bytes;
    if (this.#bytesMin > payloadBytesMax) throw tooLarge(this.#where, this.#bytesMin);
  }

  #refuse(depth: number, fault: string): never {
    const steps = this.#path.slice(0, depth);
    const path = placeOf(this.#where, steps);
    const told = path === '' ? 'The value' : placeOf(this.#where, steps, toldCharsMax);
    throw new HoldfastError('INVALID', `${told} ${fault}`, { path });
  }
}

/** The error for a value over `payloadBytesMax`; `bytes` is what is known of its size. */
export function tooLarge(where: string, bytes: number): HoldfastError<'TOO_LARGE'> {
  return new HoldfastError(
    'TOO_LARGE',
    `${where === '' ? 'The value' : where} needs ${bytes} bytes or more when encoded; ` +
      `the bound is ${payloadBytesMax}: split it or keep the large part elsewhere`,
    { bytes, bytesMax: payloadBytesMax },
  );
}

function firstMembers(
  source: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  count: number,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of keys.slice(0, count)) setMember(copy, key, source[key]);
  return copy;
}

function classNameOf(prototype: unknown): string {
  const made = (prototype as { readonly constructor?: unknown }).constructor;
  return typeof made === 'function' && made.name !== '' ? made.name : 'class instance';
}

/** Nothing can be read of such bytes, which say that they are empty. */
function isDetached({ byteLength, buffer }: Uint8Array): boolean {
  if (byteLength > 0) return false;
  try {
    return new Uint8Array(buffer).byteLength > buffer.byteLength;
  } catch {
    // What else a view of a buffer fails for is its offset and its length, and there is none.
    return true;
  }
}
