/**
 * Two lists of splices as one: the second is told in places of what the first makes of a source.
 * What both touch becomes one splice, also where the second begins or ends in bytes of the first.
 */
import { assert } from '../base/assert.ts';
import { inOrder } from './splice.ts';
import type { Splice } from './splice.ts';

/** A splice and the bytes between which it counts, in places of the result of the first list. */
interface Item {
  readonly splice: Splice;
  readonly start: number;
  readonly end: number;
  readonly isLater: boolean;
}

/** Splices of the source that do what `earlier` and then `later` do. */
export function composed(earlier: readonly Splice[], later: readonly Splice[]): readonly Splice[] {
  const merged: Splice[] = [];
  // How far a place of the source is behind the same place of the result.
  let shift = 0;
  for (const group of groupsOf(earlier, later)) {
    const [first] = group;
    if (first === undefined) continue;
    const end = group.reduce((most, item) => Math.max(most, item.end), 0);
    const from = first.start + shift;
    for (const { splice, isLater } of group) {
      if (!isLater) shift += splice.length - splice.bytes.length;
    }
    const only = group.length === 1 ? first.splice : null;
    const bytes = only === null ? bytesOf(group, first.start, end) : only.bytes;
    const told = group.find(({ isLater }) => isLater)?.splice ?? first.splice;
    merged.push({ ...told, offset: from, length: end + shift - from, bytes });
  }
  return merged;
}

/** Splices that touch each other, in the order of their places. */
function* groupsOf(
  earlier: readonly Splice[],
  later: readonly Splice[],
): Generator<readonly Item[], void> {
  let group: Item[] = [];
  let end = 0;
  for (const item of itemsOf(earlier, later)) {
    const first = group[0];
    const isEmpty = item.start === item.end;
    const touches =
      first !== undefined && item.start < end && (!isEmpty || item.start > first.start);
    if (!touches) {
      yield group;
      group = [];
      end = item.end;
    }
    group.push(item);
    end = Math.max(end, item.end);
  }
  yield group;
}

function itemsOf(earlier: readonly Splice[], later: readonly Splice[]): readonly Item[] {
  const items: Item[] = [];
  let shift = 0;
  for (const splice of inOrder(earlier)) {
    const start = splice.offset - shift;
    items.push({ splice, start, end: start + splice.bytes.length, isLater: false });
    shift += splice.length - splice.bytes.length;
  }
  for (const splice of inOrder(later)) {
    const { offset: start, length } = splice;
    items.push({ splice, start, end: start + length, isLater: true });
  }
  return items.toSorted((one, other) => one.start - other.start || rankOf(one) - rankOf(other));
}

/** At one place: what is put in front of all, what was taken out there, and what covers bytes. */
function rankOf({ start, end, isLater }: Item): number {
  if (start < end) return 2;
  return isLater ? 0 : 1;
}

/** What stands in the end between two places that a group covers. */
function bytesOf(group: readonly Item[], start: number, end: number): Uint8Array {
  const parts: Uint8Array[] = [];
  const olds = group.filter(({ isLater }) => !isLater);
  let at = start;
  const copyTo = (to: number): void => {
    for (const old of olds) {
      const [from, until] = [Math.max(old.start, at), Math.min(old.end, to)];
      if (from < until) parts.push(old.splice.bytes.subarray(from - old.start, until - old.start));
    }
    at = to;
  };
  for (const item of group) {
    if (!item.isLater) continue;
    assert(item.start >= at, 'splices do not overlap');
    copyTo(item.start);
    parts.push(item.splice.bytes);
    at = item.end;
  }
  copyTo(end);
  return Buffer.concat(parts);
}
