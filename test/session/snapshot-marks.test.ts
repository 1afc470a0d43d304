/** Which restore points are listed, and how many of them: those with a label stay. */
import { describe, expect, it } from 'vitest';
import { labelledSnapshotsMax, snapshotsKept } from '../../src/base/quantities.ts';
import { newFold } from '../../src/session/fold.ts';
import type { Fold } from '../../src/session/fold.ts';
import { imageOf } from '../../src/session/fold.ts';

type Marks = Fold['snapshots'];

const state = imageOf(newFold());

function take(marks: Marks, id: number, label: string | null = null): void {
  const content = { action: 'a', at: id - 1, messageIndex: 1, contentDigest: '', cuts: [], state };
  marks.taken(id, id, label === null ? content : { ...content, label });
}

const ids = (marks: Marks): number[] => marks.list([]).map(({ id }) => id);
const upTo = (last: number, first = 1): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe('SnapshotMarks', () => {
  it('keeps the newest without a label, however many were labelled, unlabelled or forgotten', () => {
    const marks = newFold().snapshots;
    for (const id of upTo(snapshotsKept)) take(marks, id);
    expect(ids(marks)).toEqual(upTo(snapshotsKept));
    take(marks, snapshotsKept + 1);
    expect(ids(marks)).toEqual(upTo(snapshotsKept + 1, 2));
    // One with a label gives its place to another one, and takes one back with its label.
    marks.labelled(2, 'two');
    take(marks, snapshotsKept + 2);
    expect(ids(marks)).toEqual(upTo(snapshotsKept + 2, 2));
    marks.labelled(2, 'second');
    expect(ids(marks)).toHaveLength(snapshotsKept + 1);
    marks.labelled(2, null);
    expect(ids(marks)).toEqual(upTo(snapshotsKept + 2, 3));
    marks.forgotten([3, 4, 999]);
    take(marks, 200);
    take(marks, 201);
    expect(ids(marks)).toEqual([...upTo(snapshotsKept + 2, 5), 200, 201]);
    take(marks, 202);
    expect(ids(marks)[0]).toBe(6);
  });

  it('goes on from an image as it would have without', () => {
    const marks = newFold().snapshots;
    take(marks, 1, 'one');
    for (const id of upTo(snapshotsKept + 1, 2)) take(marks, id);
    const copy = newFold().snapshots;
    take(copy, 999);
    copy.restore(marks.image());
    for (const one of [marks, copy]) {
      take(one, 500);
      expect(ids(one)).toEqual([1, ...upTo(snapshotsKept + 1, 3), 500]);
      expect(one.get(2)).toBeUndefined();
      expect(one.get(1)?.label).toBe('one');
    }
    expect(copy.image()).toEqual(marks.image());
  });

  it('has room for so many labels, and again when one is taken away', () => {
    const marks = newFold().snapshots;
    take(marks, 5000);
    for (const id of upTo(labelledSnapshotsMax)) {
      expect(marks.hasRoomForLabel).toBe(true);
      take(marks, id, 'x');
    }
    expect(marks.hasRoomForLabel).toBe(false);
    marks.labelled(1, 'other');
    expect(marks.hasRoomForLabel).toBe(false);
    marks.labelled(1, null);
    expect(marks.hasRoomForLabel).toBe(true);
    marks.labelled(5000, 'x');
    expect(marks.hasRoomForLabel).toBe(false);
    marks.forgotten([2]);
    expect(marks.hasRoomForLabel).toBe(true);
  });
});
