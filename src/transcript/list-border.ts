/**
 * Where a list goes on behind damage. Which containers are open there is counted from the end of
 * the file, so that a part of the damaged element is not taken for an element, however much it
 * looks like one.
 *
 * Whether a place stands inside of a string is not known; each possibility is tried, and only what
 * all agree on that give a sound end of the file counts. With damage in one place that is certain:
 * the true possibility is among them. With damage behind the place as well, or a torn end, the
 * bytes do not tell.
 */
import type { ByteSource } from './byte-source.ts';
import { byte } from './json-scan.ts';
import type { TailLevel, TailStart } from './json-tail.ts';
import { jsonTail } from './json-tail.ts';

/** Where a list goes on. */
export interface ListBorder {
  /** Behind the element that is open at the place; null where none is, or it is not certain. */
  readonly elementEnd: number | null;
  /**
   * Where the next element begins, or the bracket that closes the list; null when the list is
   * closed in front of the place, or it is not certain.
   */
  readonly next: number | null;
}

/**
 * What the bytes from `at` on tell of the list that lies in `depth` - 1 objects: the border that
 * comes first behind `behind`. `doubtful`: the byte at `at` may itself be wrong. Null when the
 * bytes do not tell.
 */
export function listBorder(
  source: ByteSource,
  at: number,
  { depth, behind, doubtful }: { depth: number; behind: number; doubtful: 'byte' | 'nothing' },
): ListBorder | null {
  const from = behindNuls(source, at);
  const isWrong = doubtful === 'byte' && from === at;
  const read = (start: TailStart): readonly TailLevel[] | null =>
    jsonTail(source, from, start) ?? (isWrong ? jsonTail(source, from + 1, start) : null);
  const possible = [read('plain'), read('string'), jsonTail(source, from, 'escaped')].filter(
    (levels) => levels !== null,
  );
  if (possible.length === 0 && isWrong) {
    // The wrong byte was a backslash, and changes what stands behind it.
    const escaped = jsonTail(source, from + 1, 'escaped');
    if (escaped !== null) possible.push(escaped);
  }
  const [first, ...rest] = possible.map((levels) => bordersOf(levels, depth));
  if (first === undefined) return null;
  const next = first.places.find(
    (place) => place > behind && rest.every(({ places }) => places.includes(place)),
  );
  const isSameEnd = rest.every(({ elementEnd }) => elementEnd === first.elementEnd);
  return { elementEnd: isSameEnd ? first.elementEnd : null, next: next ?? null };
}

/**
 * True when what opens at `at` is an element of the list that lies in `depth` - 1 objects, and from
 * there on the file is sound.
 */
export function isElementAt(source: ByteSource, at: number, depth: number): boolean {
  const levels = jsonTail(source, at, 'plain');
  return levels?.length === depth && bordersOf(levels, depth).places[0] === at;
}

/**
 * Whether what opens at `at` stands in so many objects, and in nothing else; null when the bytes do
 * not tell.
 */
export function standsInObjects(source: ByteSource, at: number, objects: number): boolean | null {
  const levels = jsonTail(source, at, 'plain');
  if (levels === null) return null;
  return levels.length === objects && levels.every(({ closer }) => closer === byte.close);
}

interface Borders {
  readonly elementEnd: number | null;
  /** Where elements begin, the first few of them, and where the list is closed. */
  readonly places: readonly number[];
}

/** The outermost containers are objects, then comes the list; else it was closed before. */
function bordersOf(levels: readonly TailLevel[], depth: number): Borders {
  const objects = levels.slice(levels.length - depth + 1);
  const [element, list] = [levels.at(-depth - 1), levels.at(-depth)];
  const isList = list?.closer === byte.closeArray;
  if (!isList || !objects.every(({ closer }) => closer === byte.close)) {
    return { elementEnd: null, places: [] };
  }
  return {
    elementEnd: element === undefined ? null : element.at + 1,
    places: [...list.values, list.at],
  };
}

function behindNuls(source: ByteSource, from: number): number {
  for (let at = from; at < source.size; ) {
    const bytes = source.read(at, Math.min(lookBytes, source.size - at));
    const other = bytes.findIndex((value) => value !== 0);
    if (other >= 0) return at + other;
    at += Math.max(1, bytes.length);
  }
  return source.size;
}

const lookBytes = 4096;
