/**
 * Sequences that no entry of a session has: they were lost, and somebody accepted that. Reading
 * goes on behind them without a word, so whoever shows or judges a conversation says where they
 * are.
 */
import { reachesBranch } from '../session/cuts.ts';
import type { Cut, Entry } from '../session/event.ts';
import type { Session } from './api.ts';

/** A run of sequences, both ends included. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Finds gaps between entries that follow each other, in order or in reverse. */
export class GapFinder {
  readonly #isLossy: boolean;
  #last: number | null;

  /** `last` is the seq in front of the first entry, when nothing is left out there. */
  constructor({ state }: Pick<Session, 'state'>, last: number | null) {
    this.#isLossy = state.entries < state.lastSeq;
    this.#last = last;
  }

  /** What is missing right in front of this entry. */
  next({ seq }: Pick<Entry, 'seq'>): Gap | null {
    const last = this.#last;
    this.#last = seq;
    if (!this.#isLossy || last === null || Math.abs(seq - last) <= 1) return null;
    return { from: Math.min(seq, last) + 1, to: Math.max(seq, last) - 1 };
  }
}

/** All gaps that are not cut out of the conversation. Reads the session, if it has any. */
export async function gapsOf(
  session: Pick<Session, 'state' | 'entries'>,
  cuts: readonly Cut[],
): Promise<readonly Gap[]> {
  const { entries, lastSeq } = session.state;
  if (entries >= lastSeq) return [];
  const finder = new GapFinder(session, 0);
  const gaps: Gap[] = [];
  for await (const entry of session.entries({ to: lastSeq })) {
    const gap = finder.next(entry);
    if (gap !== null && reachesBranch(cuts, gap)) gaps.push(gap);
  }
  return gaps;
}

/** The gap in words, for people. */
export function gapText({ from, to }: Gap): string {
  const what =
    from === to ? `Sequence number ${from} was` : `Sequence numbers ${from} to ${to} were`;
  return `${what} lost, and accepted as lost`;
}
