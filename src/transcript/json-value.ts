/** Careful looks at values of JSON of which nothing is known. */
import { deepJson } from '../base/deep-json.ts';
import { HoldfastError } from '../base/errors.ts';
import { spellingOf } from './spelling.ts';

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

/** The JSON text of a value, however deep it is; null for what JSON has no words for. */
export function jsonText(value: unknown): string | null {
  return deepJson(value) ?? null;
}

/** True when both would be the same JSON text, member by member. */
export function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  const text = jsonText(left);
  return text !== null && text === jsonText(right);
}

/**
 * The JSON text of a value that goes into a file; what was read there keeps its spelling. Throws
 * `INVALID` for one nested too deeply to be indented.
 */
export function writtenJson(value: unknown, step?: string): string {
  try {
    return spelledJson(value, step);
  } catch (error) {
    const told = 'A value of this record is nested too deeply to be written again';
    throw new HoldfastError('INVALID', told, { path: '' }, { cause: error });
  }
}

/** With the texts of values inside that say less than they do. */
function spelledJson(value: unknown, step: string | undefined): string {
  const found: string[] = [];
  let mark = '';
  const replace = (member: unknown): unknown => {
    const text = spellingOf(member);
    if (text === undefined) return member;
    found.push(text);
    return `${mark}${found.length - 1}`;
  };
  const plain = deepJson(value, replace) ?? 'null';
  if (found.length === 0) return step === undefined ? plain : JSON.stringify(value, null, step);
  // A mark that no text of the value has in it, so that nothing else is taken for one.
  while (mark === '' || plain.includes(mark)) mark = mark === '' ? '@spelled-' : mark + mark;
  found.length = 0;
  const marked =
    step === undefined
      ? (deepJson(value, replace) ?? 'null')
      : JSON.stringify(value, (_name, member: unknown) => replace(member), step);
  return marked.replaceAll(new RegExp(`"${mark}(\\d+)"`, 'g'), (_all, index: string) => {
    return found[Number(index)] ?? '';
  });
}
