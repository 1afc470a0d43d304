/**
 * Options, as they come in from outside. A name that is not known is refused: whoever misspells
 * `durability` must not get the default in silence. And so is a value of another kind: `dryRun:
 * 'yes'` must not be taken for false. Some names mean the same wherever they stand; their values
 * are checked here.
 */
import { HoldfastError } from './errors.ts';
import { shown } from './shown.ts';

const flag = { kind: 'true or false', isOne: (value: unknown) => typeof value === 'boolean' };

/** What a value must be, by the name of its option. */
const kinds: Readonly<
  Record<string, { readonly kind: string; readonly isOne: (value: unknown) => boolean }>
> = {
  create: flag,
  dryRun: flag,
  includeCut: flag,
  reverse: flag,
  signal: { kind: 'an AbortSignal', isOne: isSignal },
  onProgress: { kind: 'a function', isOne: (value) => typeof value === 'function' },
};

/**
 * INVALID unless these are options, all of them known. `action` says what they are for. The result
 * is a copy, each option read once: what the caller does to the object while the call waits for its
 * turn, or a getter that says something else the next time, must not change what was asked for.
 */
export function requireKnown<T extends object>(
  options: T,
  known: readonly string[],
  action: string,
): T {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const message =
      `Cannot ${action}: options are an object with some of ${known.join(', ')}, ` +
      `not ${shown(options)}`;
    throw new HoldfastError('INVALID', message, { path: 'options' });
  }
  for (const name of keysOf(options, action)) {
    if (known.includes(name)) continue;
    const path = JSON.stringify(name);
    const message = `Cannot ${action}: ${path} is not an option; known are ${known.join(', ')}`;
    throw new HoldfastError('INVALID', message, { path: name });
  }
  const own = copyOf(options, known, action);
  requireKinds(own, action);
  return own;
}

function keysOf(options: object, action: string): readonly string[] {
  try {
    return Object.keys(options);
  } catch (error) {
    throw unreadable('options', action, error);
  }
}

/** Those that have a value, also an inherited one. INVALID for a getter that throws. */
export function copyOf<T extends object>(options: T, known: readonly string[], action: string): T {
  const own: Record<string, unknown> = {};
  for (const name of known) {
    try {
      const value: unknown = Reflect.get(options, name);
      if (value !== undefined) own[name] = value;
    } catch (error) {
      throw unreadable(name, action, error);
    }
  }
  return own as T;
}

/** INVALID for what throws when it is looked at. */
export function unreadable(path: string, action: string, cause: unknown): HoldfastError<'INVALID'> {
  const message = `Cannot ${action}: ${JSON.stringify(path)} throws when it is read`;
  return new HoldfastError('INVALID', message, { path }, { cause });
}

/**
 * The items of a list, each read once, by its place: what an iterator of its own says does not
 * count. `count` says how many there may be. INVALID for what throws meanwhile.
 */
export function itemsOf<T>(
  list: readonly T[],
  name: string,
  action: string,
  requireCount: (count: number) => void,
): T[] {
  let length: number;
  try {
    ({ length } = list);
  } catch (error) {
    throw unreadable(name, action, error);
  }
  requireCount(length);
  return Array.from({ length }, (_, index) => {
    try {
      return list[index] as T;
    } catch (error) {
      throw unreadable(`${name}[${index}]`, action, error);
    }
  });
}

/** INVALID for an option that is null, or of another kind than its name stands for. */
export function requireKinds(options: object, action: string): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const expected = kinds[name];
    if (value !== null && expected?.isOne(value) !== false) continue;
    const kind = expected === undefined ? 'left out or have a value' : `be ${expected.kind}`;
    const message = `Cannot ${action}: "${name}" must ${kind}, not ${shown(value)}`;
    throw new HoldfastError('INVALID', message, { path: name });
  }
}

/** INVALID unless it can be a path: a text that is not empty, without a character of code 0. */
export function requirePath(path: unknown, name: string, action: string): asserts path is string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return;
  const message = `Cannot ${action}: "${name}" must be the path of a file or directory, not ${shown(path)}`;
  throw new HoldfastError('INVALID', message, { path: name });
}

/** INVALID unless it is a list of texts. */
export function requireNames(names: unknown, name: string, action: string): void {
  const isList = Array.isArray(names) && [...names].every((one) => typeof one === 'string');
  if (isList) return;
  const message = `Cannot ${action}: "${name}" must be a list of names, not ${shown(names)}`;
  throw new HoldfastError('INVALID', message, { path: name });
}

/** By what it can do: one of another realm, or of a library, is as good. */
function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, throwIfAborted } = value as Partial<AbortSignal>;
  const canListen = typeof addEventListener === 'function' && typeof throwIfAborted === 'function';
  return typeof aborted === 'boolean' && canListen;
}
