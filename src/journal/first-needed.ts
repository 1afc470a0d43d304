/** What all segments of a journal tell together: marks, and from where on they count. Pure. */
import type { SegmentContent } from './segment-reader.ts';

/** A segment as far as it matters here. */
interface Told {
  readonly number: number;
  readonly content: SegmentContent | null;
}

/**
 * The first segment that still counts. A frame says so before segments go, and they go only once it
 * is synced. One that stands behind a hole may not have been: as long as everything in front of it
 * is there, that counts, or a power cut that spared this frame alone would take the start of the
 * journal.
 */
export function firstNeededOf(all: readonly Told[]): number {
  const followed = highest(all, (content) => content.firstSegmentFollowed);
  const told = highest(all, (content) => content.firstSegment);
  const numbers = new Set(all.map(({ number }) => number));
  for (let number = Math.max(1, followed); number < told; number += 1) {
    if (!numbers.has(number)) return told;
  }
  return followed;
}

/** The highest value among those with content; 0 when there is none. */
export function highest(
  segments: readonly Told[],
  of: (content: SegmentContent) => number,
): number {
  // Segments may be more than a call takes arguments.
  let result = 0;
  for (const { content } of segments) if (content !== null) result = Math.max(result, of(content));
  return result;
}
