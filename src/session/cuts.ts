/** What rewinds have taken out of a conversation: ranges of seqs, ascending, not overlapping. */
import type { Cut } from './event.ts';

/** True when the entry does not belong to the branch. */
export function isCut(cuts: readonly Cut[], seq: number): boolean {
  let low = 0;
  let high = cuts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to] = cuts[middle] ?? [0, 0];
    if (seq < from) high = middle - 1;
    else if (seq > to) low = middle + 1;
    else return true;
  }
  return false;
}

/** True when one of these seqs belongs to the branch. */
export function reachesBranch(
  cuts: readonly Cut[],
  range: { readonly from: number; readonly to: number },
): boolean {
  let next = range.from;
  for (const [first, last] of cuts) {
    if (first > next) break;
    next = Math.max(next, last + 1);
  }
  return next <= range.to;
}

/**
 * The cuts of a branch that goes on behind `to`: those before it, and everything from there up to
 * and with `through`, which is the entry that cuts. One that ends right before the next is one with
 * it.
 */
export function cutBehind(cuts: readonly Cut[], to: number, through: number): readonly Cut[] {
  const before = cuts.filter(([from]) => from <= to);
  const last = before.at(-1);
  if (last === undefined || last[1] < to) return [...before, [to + 1, through]];
  return [...before.slice(0, -1), [last[0], through]];
}
