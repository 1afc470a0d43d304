/**
 * A copy of what a test knows, for each machine that is left by one run: what one check does to it
 * must not be seen by the next. Only of plain data: a copy of an instance of a class would have
 * lost its methods, and one of a function cannot be made. Goes without recursion, so that no depth
 * is too deep.
 */
import { HoldfastError } from '../base/errors.ts';
import { unreadable } from '../base/known-options.ts';

const action = 'crash-test';

/** Kinds that are copied. A view is a typed array, a Buffer or a DataView. */
type Plain =
  | { readonly kind: 'list' | 'object'; readonly value: object }
  | { readonly kind: 'map'; readonly value: ReadonlyMap<unknown, unknown> }
  | { readonly kind: 'set'; readonly value: ReadonlySet<unknown> }
  | { readonly kind: 'date'; readonly value: Date }
  | { readonly kind: 'buffer'; readonly value: ArrayBuffer }
  | { readonly kind: 'view'; readonly value: ArrayBufferView };

/** Something that is looked at, or filled, in its turn; `path` is for whoever has to mend it. */
interface Turn {
  readonly plain: Plain;
  readonly path: string;
}

/**
 * A copy that shares nothing, or the value itself when it holds what is no plain data. INVALID for
 * data of which no copy can be made.
 */
export function copyOfKnown<T>(known: T): T {
  if (!isPlain(known)) return known;
  const copier = new Copier();
  return copier.whole(known) as T;
}

function isPlain(known: unknown): boolean {
  const seen = new Set<unknown>();
  const turns: (readonly [unknown, string])[] = [[known, 'known']];
  for (let next = turns.pop(); next !== undefined; next = turns.pop()) {
    const [value, path] = next;
    if (typeof value === 'function' || typeof value === 'symbol') return false;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const plain = plainOf(value, path);
    if (plain === null) return false;
    const { parts, pathOf } = partsOf({ plain, path });
    for (const [at, part] of parts.entries()) if (!isScalar(part)) turns.push([part, pathOf(at)]);
  }
  return true;
}

function isScalar(value: unknown): boolean {
  if (typeof value === 'object') return value === null;
  return typeof value !== 'function' && typeof value !== 'symbol';
}

/** Null for an instance of a class. */
function plainOf(value: object, path: string): Plain | null {
  switch (Object.getPrototypeOf(value)) {
    case Array.prototype:
      return { kind: 'list', value };
    case Object.prototype:
      requireNoArguments(value, path);
      return { kind: 'object', value };
    case null:
      return { kind: 'object', value };
    case Map.prototype:
      return { kind: 'map', value: value as ReadonlyMap<unknown, unknown> };
    case Set.prototype:
      return { kind: 'set', value: value as ReadonlySet<unknown> };
    case Date.prototype:
      return { kind: 'date', value: value as Date };
    case ArrayBuffer.prototype:
      return { kind: 'buffer', value: value as ArrayBuffer };
    default:
      return ArrayBuffer.isView(value) && isBuiltIn(value) ? { kind: 'view', value } : null;
  }
}

/** Neither a subclass, which may have members of its own, nor what has no bytes to copy. */
function isBuiltIn(view: ArrayBufferView): boolean {
  const prototype: unknown = Object.getPrototypeOf(view);
  if (prototype === Buffer.prototype || prototype === DataView.prototype) return true;
  return Object.getPrototypeOf(prototype) === Object.getPrototypeOf(Uint8Array.prototype);
}

function requireNoArguments(value: object, path: string): void {
  if (Object.prototype.toString.call(value) !== '[object Arguments]') return;
  throw uncopied(path, 'is an arguments object; keep a list of them, as in [...arguments]');
}

/** What is in a value, and where each of it stands. INVALID for what throws when it is read. */
function partsOf({ plain, path }: Turn): {
  readonly keys: readonly string[];
  readonly parts: readonly unknown[];
  readonly pathOf: (at: number) => string;
} {
  try {
    if (plain.kind === 'map') {
      const parts = [...plain.value].flat();
      return { keys: [], parts, pathOf: (at) => `${path}[${at >> 1}]` };
    }
    if (plain.kind === 'set') {
      return { keys: [], parts: [...plain.value], pathOf: (at) => `${path}[${at}]` };
    }
    const isHolder = plain.kind === 'list' || plain.kind === 'object';
    const keys = isHolder ? Object.keys(plain.value) : [];
    const parts = isHolder ? keys.map((key) => Reflect.get(plain.value, key) as unknown) : [];
    const pathOf = (at: number): string =>
      plain.kind === 'list' ? `${path}[${keys[at] ?? ''}]` : `${path}.${keys[at] ?? ''}`;
    return { keys, parts, pathOf };
  } catch (error) {
    throw unreadable(path, action, error);
  }
}

/** One copy: what stands at several places, or holds itself, does so in it as well. */
class Copier {
  readonly #copies = new Map<object, object>();
  readonly #unfilled: (() => void)[] = [];

  whole(known: unknown): unknown {
    const copy = this.#copyOf(known, () => 'known', 0);
    for (let fill = this.#unfilled.pop(); fill !== undefined; fill = this.#unfilled.pop()) fill();
    return copy;
  }

  #copyOf(value: unknown, pathOf: (at: number) => string, at: number): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    const path = pathOf(at);
    const plain = plainOf(value, path);
    if (plain === null) return value;
    const copy = this.#begun({ plain, path });
    this.#copies.set(value, copy);
    return copy;
  }

  /** Empty, and filled later, where it may hold more. */
  #begun(turn: Turn): object {
    const { plain, path } = turn;
    switch (plain.kind) {
      case 'list':
      case 'object':
        return this.#members(turn, plain.value);
      case 'map':
        return this.#later(turn, new Map<unknown, unknown>(), (copy, parts) => {
          for (let at = 0; at < parts.length; at += 2) copy.set(parts[at], parts[at + 1]);
        });
      case 'set':
        return this.#later(turn, new Set<unknown>(), (copy, parts) => {
          for (const part of parts) copy.add(part);
        });
      case 'date':
        return new Date(plain.value);
      case 'buffer':
        return bytesOf(plain.value, path);
      case 'view':
        return this.#view(plain.value, path);
    }
  }

  #members(turn: Turn, value: object): object {
    const prototype = Object.getPrototypeOf(value) as object | null;
    const copy = Array.isArray(value) ? [] : (Object.create(prototype) as object);
    // Holes at the end count as well.
    if (Array.isArray(value)) Reflect.set(copy, 'length', value.length);
    const shape = { enumerable: true, configurable: true, writable: true };
    return this.#later(turn, copy, (_, parts, keys) => {
      for (const [at, key] of keys.entries()) {
        Object.defineProperty(copy, key, { ...shape, value: parts[at] });
      }
    });
  }

  /** On a copy of its whole buffer, which other views of it share, as they did before. */
  #view(view: ArrayBufferView, path: string): object {
    const buffer = this.#copies.get(view.buffer) ?? bytesOf(view.buffer, path);
    this.#copies.set(view.buffer, buffer);
    const { byteOffset, byteLength } = view;
    if (Buffer.isBuffer(view)) return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
    const Kind = view.constructor as new (buffer: object, at: number, length: number) => object;
    const length = view instanceof DataView ? byteLength : (view as Uint8Array).length;
    return new Kind(buffer, byteOffset, length);
  }

  #later<T extends object>(
    turn: Turn,
    copy: T,
    fill: (copy: T, parts: readonly unknown[], keys: readonly string[]) => void,
  ): T {
    this.#unfilled.push(() => {
      const { keys, parts, pathOf } = partsOf(turn);
      fill(
        copy,
        parts.map((part, at) => this.#copyOf(part, pathOf, at)),
        keys,
      );
    });
    return copy;
  }
}

/** A copy, but of memory that is shared on purpose. INVALID when it was transferred away. */
function bytesOf(buffer: ArrayBufferLike, path: string): object {
  if (!(buffer instanceof ArrayBuffer)) return buffer;
  try {
    return buffer.slice(0);
  } catch {
    // It has nothing to say but that; what to do about it is said here.
    throw uncopied(path, 'has bytes that were transferred away; keep a copy, as in bytes.slice()');
  }
}

function uncopied(path: string, why: string): HoldfastError<'INVALID'> {
  const start = path.slice(0, 200);
  const message = `Cannot ${action}: ${JSON.stringify(start)} ${why}`;
  return new HoldfastError('INVALID', message, { path: start });
}
