/**
 * Which entries of a session are lost, in one list without overlaps. The head tells only from the
 * first to the last of them; the loss frames in the history tell exactly which. Pure.
 */
import type { SeqRange } from '../base/errors.ts';
import type { Head, HeadDamage } from '../format/head.ts';
import type { WalkResult } from '../history/history-walk.ts';

/** Ranges in order, overlapping and adjoining ones as one. */
export function merged(ranges: readonly SeqRange[]): readonly SeqRange[] {
  const sorted = [...ranges].sort((one, other) => one.from - other.from);
  const result: SeqRange[] = [];
  for (const range of sorted) {
    const last = result.at(-1);
    if (last === undefined || (last.to !== null && range.from > last.to + 1)) {
      result.push(range);
    } else if (last.to !== null) {
      const to = range.to === null ? null : Math.max(range.to, last.to);
      result[result.length - 1] = { from: last.from, to };
    }
  }
  return result;
}

/** Sequences of frames, which ascend, as runs without a gap. */
export function runsOf(seqs: Iterable<{ readonly streamSeq: number }>): readonly SeqRange[] {
  const runs: { from: number; to: number }[] = [];
  for (const { streamSeq: seq } of seqs) {
    const last = runs.at(-1);
    if (last !== undefined && seq === last.to + 1) last.to = seq;
    else runs.push({ from: seq, to: seq });
  }
  return runs;
}

/** 1 to the given sequence, without these. */
export function without(lastSeq: number, ranges: readonly SeqRange[]): readonly SeqRange[] {
  const rest: SeqRange[] = [];
  let from = 1;
  for (const range of merged(ranges)) {
    const to = Math.min(range.from - 1, lastSeq);
    if (to >= from) rest.push({ from, to });
    from = (range.to ?? Number.MAX_SAFE_INTEGER - 1) + 1;
  }
  return from > lastSeq ? rest : [...rest, { from, to: lastSeq }];
}

/** A range without what is lost: no sequence has two fates. Null when nothing is left. */
export function outside(range: SeqRange | null, lost: readonly SeqRange[]): SeqRange | null {
  if (range === null) return null;
  let { from } = range;
  for (const one of lost) {
    if (one.from > from) continue;
    if (one.to === null) return null;
    from = Math.max(from, one.to + 1);
  }
  return range.to === null || from <= range.to ? { from, to: range.to } : null;
}

/** Ranges for people: 1 to 4, 7, 9 and all behind it. */
export function rangesText(ranges: readonly SeqRange[]): string {
  const named = ranges.map(({ from, to }) => {
    if (to === null) return `${from} and all behind it`;
    return from === to ? String(from) : `${from} to ${to}`;
  });
  return named.join(', ');
}

/** What is lost, for people, in the middle of a sentence. */
export function lostText(lost: readonly SeqRange[]): string {
  const isOne = lost.every(({ from, to }) => to === null || to === from) && lost.length === 1;
  const which = `${isOne ? 'entry' : 'entries'} ${rangesText(lost)}`;
  const isOpen = lost.some(({ to }) => to === null);
  if (isOpen) return `${which} are gone, and nobody can tell how many there were`;
  return `${which} ${isOne ? 'was acknowledged and is' : 'were acknowledged and are'} gone`;
}

/** Everything that is lost: what reading the history found (null: not read), and what is known. */
export function allLost(
  head: Head | null,
  walk: WalkResult | null,
  found: readonly SeqRange[],
): readonly SeqRange[] {
  const told = head === null ? [] : toldBy(head, walk?.accepted ?? null);
  return merged([...(walk?.lost ?? []), ...told, ...found]);
}

/** Losses that the history tells of and that somebody accepted: those the head does not tell of. */
export function acceptedLosses(head: Head | null, walk: WalkResult): readonly SeqRange[] {
  const unaccepted = head?.damage?.from ?? Number.POSITIVE_INFINITY;
  return walk.accepted.filter(({ from }) => from < unaccepted);
}

/** What the head tells of losses that nobody has accepted yet, as exactly as it can be told. */
function toldBy(head: Head, frames: readonly SeqRange[] | null): readonly SeqRange[] {
  const { damage, vouched } = head;
  if (damage === null) return [];
  const whole = { from: damage.from, to: damage.to };
  if (frames === null) return [whole];
  // Up to the vouched end each loss has its frame; what was lost behind it has none.
  const named = frames.filter((range) => range.from >= damage.from);
  const behind = damage.to === null || damage.to > vouched.seq;
  const from = Math.max(damage.from, vouched.seq + 1);
  return behind ? [...named, { from, to: damage.to }] : named;
}

/** What the head will tell: from the first to the last lost entry, or null. */
export function damageOf(
  lost: readonly SeqRange[],
  writer: Uint8Array,
  before: HeadDamage | null,
): HeadDamage | null {
  const all = before === null ? lost : [before, ...lost];
  if (all.length === 0) return null;
  let { from, to }: SeqRange = { from: Number.MAX_SAFE_INTEGER, to: 0 };
  for (const range of all) {
    from = Math.min(from, range.from);
    to = to === null || range.to === null ? null : Math.max(to, range.to);
  }
  return { from, to, writer };
}
