/**
 * Candidates that take turns in short slices, so that whatever else the machine does meets all of
 * them. The first round warms up and does not count; each round begins with another candidate.
 */
import type { Pace, Part } from './pace.ts';

/** Rounds that count, when there is time for them. */
const roundsMax = 8;
const sliceMsMin = 4;
const sliceMsMax = 250;

/** One slice: measure for about so long, and write about so many bytes at most. */
export interface Turn {
  readonly sliceMs: number;
  readonly sliceBytes: number;
  /** 0 warms up. */
  readonly round: number;
}

/** Measures once; null when it cannot go on, because no bytes are left. */
export type Slice = (turn: Turn) => Promise<number | null>;

/** The turns of so many candidates that fit into a part in all rounds. */
export function turnFor(nowMs: number, part: Part, candidates: number): Omit<Turn, 'round'> {
  const slices = candidates * (roundsMax + 1);
  const sliceMs = Math.min(sliceMsMax, Math.max(sliceMsMin, (part.untilMs - nowMs) / slices));
  return { sliceMs, sliceBytes: part.bytes / slices };
}

/**
 * The numbers of each candidate, one for each round, all of the same rounds. Ends with its part,
 * and does not begin a round that would not end in time, judging by the last one; but for so many
 * rounds at the beginning, which are made however late it is.
 */
export async function alternate(
  pace: Pace,
  part: Part,
  slices: readonly Slice[],
  roundsLeast = 0,
): Promise<readonly (readonly number[])[]> {
  const told: number[][] = slices.map(() => []);
  const turn = turnFor(pace.nowMs(), part, slices.length);
  let lastMs = 0;
  for (let round = 0; round <= roundsMax; round += 1) {
    const begunMs = pace.nowMs();
    const untilMs = round < roundsLeast ? Number.POSITIVE_INFINITY : part.untilMs;
    if (begunMs + lastMs > untilMs) break;
    const numbers = await oneRound(pace, untilMs, slices, { ...turn, round });
    if (numbers === null) break;
    if (round > 0) numbers.forEach((number, at) => told[at]?.push(number));
    lastMs = pace.nowMs() - begunMs;
  }
  return told;
}

/** Null when time or bytes ran out in the middle of it: rounds count only whole. */
async function oneRound(
  pace: Pace,
  untilMs: number,
  slices: readonly Slice[],
  turn: Turn,
): Promise<readonly number[] | null> {
  const numbers = slices.map(() => Number.NaN);
  for (let count = 0; count < slices.length; count += 1) {
    const at = (count + turn.round) % slices.length;
    await pace.breathe();
    if (pace.nowMs() > untilMs) return null;
    const number = (await slices[at]?.(turn)) ?? null;
    if (number === null) return null;
    numbers[at] = number;
  }
  return numbers;
}
