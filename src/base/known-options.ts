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

/** INVALID unless these are options, all of them known. `action` says what they are for. */
export function requireKnown(options: object, known: readonly string[], action: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const message =
      `Cannot ${action}: options are an object with some of ${known.join(', ')}, ` +
      `not ${shown(options)}`;
    throw new HoldfastError('INVALID', message, { path: 'options' });
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const path = JSON.stringify(name);
    const message = `Cannot ${action}: ${path} is not an option; known are ${known.join(', ')}`;
    throw new HoldfastError('INVALID', message, { path: name });
  }
  requireKinds(options, action);
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
