/** When a base is worth making: what bases cost together, and what an opening reads at the worst. */
import { describe, expect, it } from 'vitest';
import {
  baseCloseEntries,
  baseSpanBytes,
  baseSpanEntries,
  openBytesMax,
} from '../../src/base/quantities.ts';
import { commitEntryBytes } from '../../src/format/control.ts';
import { frameBytes } from '../../src/format/frame.ts';
import type { Entry, SessionEvent } from '../../src/session/event.ts';
import { foldEntry, newFold } from '../../src/session/fold.ts';
import type { Fold } from '../../src/session/fold.ts';
import { BasePoints } from '../../src/store/base-points.ts';

const nothing = { entries: 0, bytes: 0, baseBytes: 0 };

function foldOf(keys: number): Fold {
  const fold = newFold();
  for (let at = 0; at < keys; at += 1) {
    fold.keys.add(`request ${at} `.padEnd(60, 'k'), at);
  }
  return fold;
}

interface Cost {
  readonly bases: number;
  readonly baseBytes: number;
  readonly entryBytes: number;
  /** Bytes and entries between two bases, or before the first one, at the most. */
  readonly spanBytes: number;
  readonly spanEntries: number;
}

/** What so many entries of a size cost a session whose state is that of these keys. */
function costOf(keys: number, count: number, payloadBytes: number): Cost {
  const fold = foldOf(keys);
  const points = new BasePoints(nothing, fold, 0);
  const onDisk = frameBytes(payloadBytes) + commitEntryBytes;
  let [bases, baseBytes, spanBytes, spanEntries, bytes, entries] = [0, 0, 0, 0, 0, 0];
  for (let seq = 1; seq <= count; seq += 1) {
    const entry: Entry = { seq, timeMs: 1, event: { kind: 'custom', name: 'x' } };
    foldEntry(fold, entry);
    points.folded(fold, entry, payloadBytes);
    bytes += onDisk;
    entries += 1;
    const point = points.upTo(seq, 0);
    if (point === null) continue;
    points.done(point);
    bases += 1;
    baseBytes += point.fold.length;
    spanBytes = Math.max(spanBytes, bytes);
    spanEntries = Math.max(spanEntries, entries);
    [bytes, entries] = [0, 0];
  }
  return { bases, baseBytes, entryBytes: count * onDisk, spanBytes, spanEntries };
}

describe('BasePoints', () => {
  it('puts a base at every mebibyte, or every so many entries, of a session with a small state', () => {
    const large = costOf(0, 1000, 10_000);
    expect(large.bases).toBeGreaterThan(5);
    expect(large.spanBytes).toBeLessThan(baseSpanBytes + 11_000);
    const small = costOf(0, 10_000, 10);
    expect(small.spanEntries).toBe(baseSpanEntries);
    expect(small.baseBytes).toBeLessThan(small.entryBytes);
  });

  it.each([
    [2_000, 1000],
    [10_000, 1000],
    [10_000, 50],
  ])('costs a third of the entries with %d keys, and bounds an opening', (keys, payloadBytes) => {
    const cost = costOf(keys, 20_000_000 / payloadBytes, payloadBytes);
    const ownBytes = cost.baseBytes / cost.bases;
    expect(cost.bases).toBeGreaterThan(1);
    // The first one comes early, when nobody knows yet how large the state is.
    expect(cost.baseBytes - ownBytes).toBeLessThanOrEqual(cost.entryBytes / 3);
    expect(2 * ownBytes + cost.spanBytes).toBeLessThanOrEqual(openBytesMax);
  });

  it('puts no base where the state is larger than any base may be', () => {
    const fold = newFold();
    fold.metadata.set('huge', 'x'.repeat(20 * 1024 * 1024));
    const points = new BasePoints({ ...nothing, bytes: 2 * baseSpanBytes }, fold, 7);
    expect(points.upTo(7, 0)).toBeNull();
  });

  it('upTo keeps the oldest point that is ahead and the newest, and drops what is settled', () => {
    const fold = newFold();
    const points = new BasePoints(nothing, fold, 0);
    const compact = (seq: number): void => {
      const event = { kind: 'compaction', compaction: { summary: `${seq}` } } as const;
      foldEntry(fold, { seq, timeMs: 1, event });
      points.folded(fold, { seq, timeMs: 1, event }, 10);
    };
    for (const seq of [3, 5, 7]) compact(seq);
    expect(points.upTo(2, 0)).toBeNull();
    expect(points.upTo(6, 0)?.seq).toBe(3);
    expect(points.upTo(9, 0)?.seq).toBe(7);
    expect(points.upTo(6, 0)).toBeNull();
    expect(points.upTo(9, 8)).toBeNull();
    expect(points.upTo(9, 0)).toBeNull();
  });
});

describe('the bounds of BasePoints', () => {
  const MiB = 1024 * 1024;
  const isDue = (entries: number, bytes: number, baseBytes: number): boolean =>
    new BasePoints({ entries, bytes, baseBytes }, newFold(), 5).upTo(5, 0) !== null;
  const append = (points: BasePoints, fold: Fold, seq: number, event: SessionEvent): void => {
    const entry: Entry = { seq, timeMs: 1, event };
    foldEntry(fold, entry);
    points.folded(fold, entry, 8);
  };
  const custom = { kind: 'custom', name: 'x' } as const;

  it.each([
    [0, baseSpanBytes, 0, true],
    [baseSpanEntries - 1, baseSpanBytes - 1, 0, false],
    [baseSpanEntries, 0, 0, true],
    // Of a small state four times what the last base took, before entries alone ask for one.
    [3000, 400_000, 100_000, true],
    [3000, 399_999, 100_000, false],
    // Of a large one what an opening reads: the base twice, and half a span of slack.
    [0, 1.5 * MiB, MiB, true],
    [0, 1.5 * MiB - 1, MiB, false],
    // Never less than the state itself.
    [0, 1.25 * MiB, 1.25 * MiB, true],
    [0, 1.25 * MiB - 1, 1.25 * MiB, false],
    [0, 3 * MiB, 3 * MiB, true],
    [0, 3 * MiB - 1, 3 * MiB, false],
  ])('%d entries of %d bytes behind a base of %d: due is %s', (entries, bytes, own, due) => {
    expect(isDue(entries, bytes, own)).toBe(due);
  });

  it('a compaction is a base at once, and others wait for their span', () => {
    const fold = newFold();
    const points = new BasePoints(nothing, fold, 0);
    append(points, fold, 1, custom);
    expect(points.upTo(1, 0)).toBeNull();
    append(points, fold, 2, { kind: 'compaction', compaction: { summary: 'so far' } });
    expect(points.upTo(2, 0)?.seq).toBe(2);
  });

  it.each([
    [baseCloseEntries - 1, 0, true, false],
    [baseCloseEntries, 0, true, true],
    [baseCloseEntries, 9999, true, false],
    [baseCloseEntries, 0, false, false],
  ])('closing behind %d entries and a base of %d', (entries, baseBytes, isTouched, pays) => {
    const fold = newFold();
    const before = isTouched ? entries - 1 : entries;
    const points = new BasePoints({ entries: before, bytes: 0, baseBytes }, fold, 0);
    if (isTouched) append(points, fold, 1, custom);
    points.closing(fold);
    expect(points.upTo(9, 0) !== null).toBe(pays);
  });

  it('upTo gives the newest point that is reached, and forgets what is settled behind it', () => {
    const fold = newFold();
    const points = new BasePoints({ entries: baseSpanEntries, bytes: 0, baseBytes: 0 }, fold, 3);
    for (let seq = 4; seq < 4 + 2 * baseSpanEntries; seq += 1) append(points, fold, seq, custom);
    const last = 3 + 2 * baseSpanEntries;
    expect(points.upTo(2, 0)).toBeNull();
    expect(points.upTo(3, 0)?.seq).toBe(3);
    expect(points.upTo(last - 1, 0)?.seq).toBe(3);
    expect(points.upTo(last, 0)?.seq).toBe(last);
    // The one in front of it is unnecessary now.
    expect(points.upTo(last - 1, 0)).toBeNull();
    const newest = points.upTo(last, last);
    expect(newest?.seq).toBe(last);
    if (newest !== null) points.done(newest);
    expect(points.upTo(last, 0)).toBeNull();
    const other = new BasePoints({ entries: baseSpanEntries, bytes: 0, baseBytes: 0 }, fold, 3);
    expect(other.upTo(9, 4)).toBeNull();
    expect(other.upTo(9, 3)).toBeNull();
  });
});
