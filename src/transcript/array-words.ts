/**
 * Changes of the elements of an array inside a file that is one JSON text. Elements that stay keep
 * their bytes, those that change keep all but what changes, and new ones are set like their
 * neighbours: same indentation, same line ends.
 */
import type { ByteSource } from './byte-source.ts';
import { parseRecord } from './decode.ts';
import type { JsonStyle } from './json-style.ts';
import { compactStyle, styledJson, styleOf } from './json-style.ts';
import type { ListItem } from './list-splices.ts';
import { listSplices } from './list-splices.ts';
import { bytesAt } from './record-at.ts';
import { respelled } from './respelled.ts';
import type { Splice } from './splice.ts';

/** Where an array stands in its file. */
export interface ArrayPlace {
  /** Offset of the opening bracket. */
  readonly from: number;
  readonly elements: readonly { readonly offset: number; readonly length: number }[];
}

/** What becomes of one element. */
export interface ElementChange {
  readonly before: readonly unknown[];
  /** `keep` leaves the bytes; `drop` takes them out. */
  readonly own: 'keep' | 'drop' | { readonly value: unknown };
  readonly after: readonly unknown[];
}

/** The splices that carry the changes out; `front` are values for an array without elements. */
export function arraySplices(
  source: ByteSource,
  place: ArrayPlace,
  changes: ReadonlyMap<number, ElementChange>,
  front: readonly unknown[],
): readonly Splice[] {
  const { elements, from } = place;
  const style = firstStyle(source, place);
  const items: ListItem[] = [];
  const splices: Splice[] = [];
  const add = (values: readonly unknown[]): void => {
    for (const value of values) items.push({ text: styledJson(value, style) });
  };
  if (elements.length === 0) add(front);
  for (const [index, element] of elements.entries()) {
    const change = changes.get(index) ?? unchanged;
    add(change.before);
    if (change.own !== 'drop') items.push({ kept: index });
    if (typeof change.own === 'object') {
      splices.push(changedElement(source, element, change.own.value));
    }
    add(change.after);
  }
  const text = (start: number, end: number): string =>
    Buffer.from(bytesAt(source, start, end - start)).toString('latin1');
  return [...splices, ...listSplices({ from, elements, text }, items)];
}

const unchanged: ElementChange = { before: [], own: 'keep', after: [] };

/** A value that stands alone in its bytes becomes another one. */
export function changedElement(
  source: ByteSource,
  { offset, length }: { readonly offset: number; readonly length: number },
  value: unknown,
): Splice {
  const bytes = bytesAt(source, offset, length);
  const style = styleOf(Buffer.from(bytes).toString('utf8'));
  return { offset, length, bytes: respelled(bytes, parseRecord(bytes), value, style) };
}

function firstStyle(source: ByteSource, { elements }: ArrayPlace): JsonStyle {
  const [first] = elements;
  if (first === undefined) return compactStyle;
  return styleOf(Buffer.from(bytesAt(source, first.offset, first.length)).toString('utf8'));
}
