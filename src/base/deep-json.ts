/**
 * JSON of values of which nobody knows how deeply they are nested: `JSON.stringify` ends with the
 * stack at some thousand levels, and what was read may have a million. Pure.
 */

/** What takes the place of a value before it is written, as the replacer of `JSON.stringify`. */
export type Replace = (member: unknown) => unknown;

/** As `JSON.stringify` on one line, however deep the value is. */
export function deepJson(value: unknown, replace?: Replace): string | undefined {
  try {
    const each = replace === undefined ? undefined : (_name: string, one: unknown) => replace(one);
    return JSON.stringify(value, each);
  } catch (error) {
    if (!isEndOfStack(error)) throw error;
    return laidOutJson(value, { ...compact, replace: replace ?? compact.replace });
  }
}

/** How values are written on one line. */
export interface LineLayout {
  /** Between a name and its value, and between members. */
  readonly colon: string;
  readonly comma: string;
  /** What takes the place of a value. */
  readonly replace: Replace;
  /** The text of a value where it is known; undefined for all that are to be written. */
  readonly spelling: (value: unknown) => string | undefined;
}

const compact: LineLayout = {
  colon: ':',
  comma: ',',
  replace: (member) => member,
  spelling: () => undefined,
};

/** True for the error of a stack at its end. */
export function isEndOfStack(error: unknown): boolean {
  return error instanceof RangeError && /call stack/i.test(error.message);
}

/** A list or an object that is not yet written to its end; of a list without names. */
interface Open {
  readonly whole: Readonly<Record<string, unknown>>;
  readonly names: readonly string[] | null;
  readonly count: number;
  at: number;
  isEmpty: boolean;
}

/** The JSON text of a value in a layout of one line. Members that are undefined are left out. */
export function laidOutJson(root: unknown, layout: LineLayout): string {
  const { colon, comma, replace, spelling } = layout;
  const parts: string[] = [];
  const frames: Open[] = [];
  const begin = (value: unknown): void => {
    const text = spelling(value);
    if (text !== undefined || typeof value !== 'object' || value === null) {
      parts.push(text ?? JSON.stringify(value) ?? 'null');
      return;
    }
    const names = Array.isArray(value) ? null : Object.keys(value);
    parts.push(names === null ? '[' : '{');
    const count = names === null ? (value as readonly unknown[]).length : names.length;
    const whole = value as Readonly<Record<string, unknown>>;
    frames.push({ whole, names, count, at: 0, isEmpty: true });
  };
  begin(replace(root));
  for (let top = frames.at(-1); top !== undefined; top = frames.at(-1)) {
    if (top.at === top.count) {
      parts.push(top.names === null ? ']' : '}');
      frames.pop();
      continue;
    }
    const name = top.names?.[top.at];
    const member = replace(top.whole[name ?? top.at]);
    top.at += 1;
    if (name !== undefined && (member === undefined || typeof member === 'function')) continue;
    if (!top.isEmpty) parts.push(comma);
    top.isEmpty = false;
    if (name !== undefined) parts.push(`${JSON.stringify(name)}${colon}`);
    begin(member);
  }
  return parts.join('');
}

/** As `isDeepStrictEqual` for values of JSON and bytes, however deep they are. */
export function sameValue(left: unknown, right: unknown): boolean {
  const pairs: (readonly [unknown, unknown])[] = [[left, right]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [one, other] = pair;
    if (Object.is(one, other)) continue;
    if (typeof one !== 'object' || typeof other !== 'object') return false;
    if (one === null || other === null || Array.isArray(one) !== Array.isArray(other)) return false;
    if (one instanceof Uint8Array || other instanceof Uint8Array) {
      if (!(one instanceof Uint8Array && other instanceof Uint8Array)) return false;
      if (Buffer.compare(one, other) !== 0) return false;
      continue;
    }
    const names = Object.keys(one);
    if (names.length !== Object.keys(other).length) return false;
    for (const name of names) {
      if (!Object.hasOwn(other, name)) return false;
      pairs.push([
        (one as Readonly<Record<string, unknown>>)[name],
        (other as Readonly<Record<string, unknown>>)[name],
      ]);
    }
  }
  return true;
}

/** A text as it is, all else as JSON: `String` ends with the stack, or calls what it got. */
export function asWords(value: unknown): string {
  return typeof value === 'string' ? value : (deepJson(value) ?? String(value));
}
