/** The values among which a setting is looked for, each about two or three times the one before. */
import { segmentBytesFirst } from '../base/quantities.ts';

const MiB = 1024 * 1024;

/** For `syncEntriesMax`. */
export const entriesLadder: readonly number[] = [1, 3, 10, 30, 100, 300, 1000];
/** For `syncDelayMsMax`. */
export const delayLadder: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
/** For `segmentBytes`; below the default only where making a segment takes very long. */
export const segmentLadder: readonly number[] = [
  MiB / 4,
  MiB / 2,
  segmentBytesFirst,
  2 * MiB,
  4 * MiB,
  8 * MiB,
  16 * MiB,
];

/** The steps below and above a value of a ladder. */
export function neighboursOn(
  ladder: readonly number[],
  value: number,
): { readonly down: number | null; readonly up: number | null } {
  const down = ladder.filter((step) => step < value).at(-1) ?? null;
  const up = ladder.find((step) => step > value) ?? null;
  return { down, up };
}
