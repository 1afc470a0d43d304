/**
 * A segment that was there and is not any more, as those that are left tell it. Pure.
 *
 * Two things prove one. A seal names its successor, which stood there, synced, before the seal was
 * written. And a segment is made ahead only while the one in front of it is in use, which goes only
 * once a synced frame behind it said so: a blank one with nothing in front of it, and nothing that
 * let that go, stands behind a segment that is lost, whatever was in it.
 */
import type { SegmentHeader } from '../format/segment-header.ts';
import type { SegmentContent } from './segment-reader.ts';

/** A segment as far as it matters here. */
interface Told {
  readonly number: number;
  readonly header: SegmentHeader | null;
  readonly blank: boolean;
  readonly content: SegmentContent | null;
}

/** Which segment is gone, and what tells of it. */
export interface MissingSegment {
  readonly number: number;
  readonly reason: string;
}

/**
 * Whether a blank segment always has the one in front of it: `kept` for a writer that begins with
 * its first segment and lets none go but the oldest; `removed` for one that goes on in a journal of
 * an earlier life, behind whose end it takes blank ones away.
 */
export type SparesBehind = 'kept' | 'removed';

/** The segment that is proven to be gone, of those from the first needed one on; null for none. */
export function missingSegment(
  segments: readonly Told[],
  firstNeeded: number,
  spares: SparesBehind,
): MissingSegment | null {
  return behindSeal(segments) ?? inFrontOfBlank(segments, firstNeeded, spares);
}

function behindSeal(segments: readonly Told[]): MissingSegment | null {
  const last = segments.findLast(({ content, number, blank }) => {
    return content !== null && content.header.number === number && !blank;
  });
  const seal = last?.content?.seal ?? last?.content?.tail?.seal ?? null;
  if (seal === null) return null;
  const { segment: number, salt } = seal;
  const isThere = segments.some((one) => one.number === number && one.header?.salt === salt);
  if (isThere) return null;
  return { number, reason: `segment ${number}, which a seal names, is not there` };
}

function inFrontOfBlank(
  segments: readonly Told[],
  firstNeeded: number,
  spares: SparesBehind,
): MissingSegment | null {
  const begin = Math.max(1, firstNeeded);
  let previous = begin - 1;
  for (const { number, blank } of segments) {
    const isGap = number > previous + 1 && (spares === 'kept' || previous < begin);
    if (blank && isGap) {
      const reason = `segment ${number - 1}, which was in use before ${number} was made, is not there`;
      return { number: number - 1, reason };
    }
    previous = number;
  }
  return null;
}
