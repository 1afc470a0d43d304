/**
 * Canonical JSON after RFC 8785 (JSON Canonicalization Scheme): one text for one value, so that a
 * digest of it means something. Members are sorted by the UTF-16 code units of their names, numbers
 * are written as ECMAScript writes them, strings with the shortest escapes. Beyond the RFC:
 *
 * - Half characters, which the RFC leaves out, are written as `\udXXX` in lower case.
 * - Bytes are written as `{"$bytes":"<base64, padded>"}`. So that no object can be taken for bytes,
 *   a name that consists of one or more `$` followed by `bytes` gets one more `$` in front: the
 *   object `{"$bytes":""}` is written `{"$$bytes":""}`. Members are sorted by their names as
 *   written.
 *
 * Members that are undefined are left out and -0 is written as 0: a message has one canonical text
 * before it is kept and after it is read back.
 */
import { HoldfastError } from '../base/errors.ts';
import { valueDepthMax } from '../base/quantities.ts';

const escapedName = /^\$+bytes$/;

/**
 * The canonical text of a value that follows the rules of `Value`. Throws INVALID for any other,
 * because a digest over something that cannot be kept would never be met again.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      if (Number.isFinite(value)) return String(value);
      break;
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth > valueDepthMax) break;
      if (value instanceof Uint8Array) return writeBytes(value);
      if (Array.isArray(value)) return writeArray(value, depth);
      if (isPlain(value)) return writeObject(value, depth);
      break;
    case 'undefined':
    case 'bigint':
    case 'symbol':
    case 'function':
      break;
  }
  throw new HoldfastError(
    'INVALID',
    'A value has no canonical form: only JSON values and bytes of bounded depth have one',
    { path: '' },
  );
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function writeBytes(bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return `{"$bytes":"${base64}"}`;
}

function writeArray(elements: readonly unknown[], depth: number): string {
  let text = '[';
  for (let index = 0; index < elements.length; index++) {
    text += `${index === 0 ? '' : ','}${write(elements[index], depth + 1)}`;
  }
  return `${text}]`;
}

function writeObject(object: Readonly<Record<string, unknown>>, depth: number): string {
  const names = Object.keys(object);
  if (needsEscape(names)) return writeEscaped(object, depth);
  // The default order of `sort` is that of UTF-16 code units, which the RFC asks for.
  if (!isSorted(names)) names.sort();
  let text = '{';
  for (const name of names) {
    const member = object[name];
    if (member === undefined) continue;
    if (text.length > 1) text += ',';
    text += JSON.stringify(name);
    text += ':';
    text += write(member, depth + 1);
  }
  return `${text}}`;
}

function needsEscape(names: readonly string[]): boolean {
  for (const name of names) if (name.startsWith('$') && escapedName.test(name)) return true;
  return false;
}

function isSorted(names: readonly string[]): boolean {
  for (let at = 1; at < names.length; at += 1) {
    if ((names[at - 1] ?? '') > (names[at] ?? '')) return false;
  }
  return true;
}

function writeEscaped(object: Readonly<Record<string, unknown>>, depth: number): string {
  const members = Object.entries(object)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => [escapedName.test(name) ? `$${name}` : name, member] as const)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${write(member, depth + 1)}`);
  return `{${members.join(',')}}`;
}
