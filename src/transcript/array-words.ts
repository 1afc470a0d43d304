/**
 * Changes of the elements of an array inside a file that is one JSON text. Elements that stay keep
 * their bytes, and new ones are set like their neighbours: same indentation, same line ends.
 */
import type { ByteSource } from './byte-source.ts';
import { writtenJson } from './json-value.ts';
import type { Splice } from './splice.ts';

/** Where an array stands in its file. */
export interface ArrayPlace {
  /** Offset behind the opening bracket. */
  readonly inside: number;
  readonly elements: readonly { readonly offset: number; readonly length: number }[];
}

/** What becomes of one element. */
export interface ElementChange {
  readonly before: readonly unknown[];
  /** `keep` leaves the bytes; `drop` takes them out. */
  readonly own: 'keep' | 'drop' | { readonly value: unknown };
  readonly after: readonly unknown[];
}

/** How the elements of a file are set. */
interface Style {
  /** Between a comma and the next element, or a bracket and the first. */
  readonly blanks: string;
  text(value: unknown): string;
}

/** The splices that carry the changes out; `front` are values for an array without elements. */
export function arraySplices(
  source: ByteSource,
  place: ArrayPlace,
  changes: ReadonlyMap<number, ElementChange>,
  front: readonly unknown[],
): readonly Splice[] {
  const { elements, inside } = place;
  const style = styleOf(source, place);
  const splices: Splice[] = [];
  const put = (offset: number, length: number, text: string): void => {
    if (length > 0 || text !== '') splices.push({ offset, length, bytes: Buffer.from(text) });
  };
  const list = (values: readonly unknown[]): string[] => values.map((value) => style.text(value));
  if (elements.length === 0) {
    put(inside, 0, list(front).join(`,${style.blanks}`));
    return splices;
  }
  // From here on every element is dropped, so that no comma may stay in front of it.
  const last = lastKept(elements.length, changes);
  for (const [index, element] of elements.entries()) {
    const change = changes.get(index);
    const next = elements[index + 1];
    if (change === undefined || index > last) continue;
    const { own } = change;
    const front = list(change.before).map((text) => `${text},${style.blanks}`);
    put(element.offset, 0, front.join(''));
    if (own === 'drop') {
      // A dropped element goes with the comma behind it, and what was put behind it comes in its
      // place.
      const texts = list(change.after).map((text) => `${text},${style.blanks}`);
      put(element.offset, (next?.offset ?? element.offset) - element.offset, texts.join(''));
      continue;
    }
    if (own !== 'keep') put(element.offset, element.length, style.text(own.value));
    const behind = list(change.after).map((text) => `,${style.blanks}${text}`);
    put(element.offset + element.length, 0, behind.join(''));
  }
  return [...splices, ...tailSplices(place, changes, last, style)];
}

/** The last element whose bytes stay; -1 when none does. */
function lastKept(count: number, changes: ReadonlyMap<number, ElementChange>): number {
  let last = count - 1;
  while (last >= 0 && changes.get(last)?.own === 'drop') last -= 1;
  return last;
}

/** Everything behind the last element that stays is taken out at once, with its commas. */
function tailSplices(
  { elements, inside }: ArrayPlace,
  changes: ReadonlyMap<number, ElementChange>,
  last: number,
  style: Style,
): readonly Splice[] {
  const final = elements.at(-1);
  if (final === undefined || last === elements.length - 1) return [];
  const kept = elements[last];
  const offset = kept === undefined ? (elements[0]?.offset ?? inside) : kept.offset + kept.length;
  const texts: string[] = [];
  for (let index = last + 1; index < elements.length; index += 1) {
    const change = changes.get(index);
    for (const value of [...(change?.before ?? []), ...(change?.after ?? [])]) {
      texts.push(style.text(value));
    }
  }
  const joint = `,${style.blanks}`;
  const text = texts.join(joint);
  const bytes = Buffer.from(kept !== undefined && text !== '' ? joint + text : text);
  return [{ offset, length: final.offset + final.length - offset, bytes }];
}

/** At most so much of the first element is looked at for its indentation. */
const lookBytes = 64 * 1024;

function styleOf(source: ByteSource, { inside, elements }: ArrayPlace): Style {
  const first = elements[0];
  if (first === undefined) return { blanks: ' ', text: (value) => writtenJson(value) };
  const second = elements[1];
  const from = second === undefined ? inside : first.offset + first.length;
  const to = second === undefined ? first.offset : second.offset;
  const between = textAt(source, from, to - from);
  const comma = between.indexOf(',');
  const blanks = second === undefined ? between : between.slice(comma + 1);
  const base = /\r?\n([ \t]*)$/.exec(blanks)?.[1];
  const inner = /^\{\r?\n([ \t]+)"/.exec(textAt(source, first.offset, lookBytes))?.[1];
  if (base === undefined || inner === undefined || !inner.startsWith(base)) {
    return { blanks, text: (value) => writtenJson(value) };
  }
  const step = inner.slice(base.length);
  const lineEnd = blanks.includes('\r\n') ? '\r\n' : '\n';
  const text = (value: unknown): string =>
    writtenJson(value, step).replaceAll('\n', lineEnd + base);
  return { blanks, text };
}

function textAt(source: ByteSource, offset: number, length: number): string {
  return Buffer.from(source.read(offset, Math.max(0, length))).toString('utf8');
}
