/**
 * Careful looks at values of JSON of which nothing is known, and the values of records read again.
 */
import { HoldfastError } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';
import { parseRecord, unparsed } from './decode.ts';

/** An object of JSON. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object, or null when it is none. */
export function asObject(value: unknown): JsonObject | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as JsonObject;
}

/** The value as a list; what is no list has no elements. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** The value as a text, or null when it is none. */
export function asText(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** The first of several members that is a text, or null. */
export function textOf(object: JsonObject | null, ...names: readonly string[]): string | null {
  for (const name of names) {
    const text = asText(object?.[name]);
    if (text !== null) return text;
  }
  return null;
}

/** The JSON text of a value; null for one that is nested deeper than this machine can follow. */
export function jsonText(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    // The stack is at its end; the value was read without one.
    return null;
  }
}

/** True when both would be the same JSON text, member by member. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const text = jsonText(left);
  return text !== null && text === jsonText(right);
}

/** The JSON text of a value that goes into a file. Throws `INVALID` for one nested too deeply. */
export function writtenJson(value: unknown, step?: string): string {
  try {
    return JSON.stringify(value, null, step);
  } catch (error) {
    const told = 'A value of this record is nested too deeply to be written again';
    throw new HoldfastError('INVALID', told, { path: '' }, { cause: error });
  }
}

/** Reads a record again at its place; undefined when the bytes are no longer what they were. */
export function valueAt(source: ByteSource, offset: number, length: number): unknown {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const chunk = source.read(offset + filled, length - filled);
    if (chunk.length === 0) break;
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  const value = parseRecord(bytes.subarray(0, filled));
  return value === unparsed ? undefined : value;
}
