/**
 * Elements that come and go in a list of JSON. Elements that stay keep their bytes, and so do the
 * blanks between two that stay next to each other.
 */
import { assert } from '../base/assert.ts';
import type { Splice } from './splice.ts';

/** A range of bytes. */
interface Extent {
  readonly offset: number;
  readonly length: number;
}

/** A list in its bytes. */
export interface ListPlace {
  /** Offset of its opening bracket. */
  readonly from: number;
  readonly elements: readonly Extent[];
  /** The bytes between two places, for the separators that the list has already. */
  readonly text: (from: number, to: number) => string;
}

/** One element of the list as it shall be: one that was there, or new text. */
export type ListItem = { readonly kept: number } | { readonly text: string };

/** Splices that make the list hold these items; kept ones must stay in their order. */
export function listSplices(list: ListPlace, items: readonly ListItem[]): Splice[] {
  const { elements, from } = list;
  const separator = separatorOf(list);
  const splices: Splice[] = [];
  const put = (offset: number, to: number, text: string): void => {
    if (to === offset && text === '') return;
    splices.push({ offset, length: to - offset, bytes: Buffer.from(text) });
  };
  const first = elements[0]?.offset ?? from + 1;
  const end = elements.at(-1);
  const lastEnd = end === undefined ? from + 1 : end.offset + end.length;
  let previous = -1;
  let fresh: string[] = [];
  const close = (next: number): void => {
    const before = elements[previous];
    const after = elements[next];
    const begin = before === undefined ? first : before.offset + before.length;
    const stop = after === undefined ? lastEnd : after.offset;
    const adjacent = next === previous + 1 && before !== undefined && after !== undefined;
    if (adjacent && fresh.length > 0) {
      put(begin, begin, fresh.map((text) => separator + text).join(''));
    } else if (!adjacent) {
      const front = before !== undefined && (fresh.length > 0 || after !== undefined);
      const back = after !== undefined && fresh.length > 0;
      const text = (front ? separator : '') + fresh.join(separator) + (back ? separator : '');
      const bare = before !== undefined && after !== undefined && fresh.length === 0;
      put(begin, stop, bare ? separator : text);
    }
    fresh = [];
  };
  for (const item of items) {
    if ('text' in item) {
      fresh.push(item.text);
      continue;
    }
    assert(item.kept > previous, 'elements that stay keep their order');
    close(item.kept);
    previous = item.kept;
  }
  close(elements.length);
  return splices;
}

/** What stands between two elements of this list, or would. */
function separatorOf({ from, elements, text }: ListPlace): string {
  for (const [index, element] of elements.entries()) {
    const next = elements[index + 1];
    if (next === undefined) break;
    const between = text(element.offset + element.length, next.offset);
    if (/^\s*,\s*$/.test(between)) return between;
  }
  const first = elements[0];
  const gap = first === undefined ? '' : text(from + 1, first.offset);
  return /^\s+$/.test(gap) ? `,${gap}` : ',';
}
