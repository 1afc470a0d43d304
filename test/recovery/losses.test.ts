/** Which entries are lost: one list without overlaps, and the words in which people read it. */
import { describe, expect, it } from 'vitest';
import type { SeqRange } from '../../src/base/errors.ts';
import { emptyVouched, newHead } from '../../src/format/head.ts';
import type { Head, HeadDamage } from '../../src/format/head.ts';
import type { WalkResult } from '../../src/history/history-walk.ts';
import {
  acceptedLosses,
  allLost,
  damageOf,
  lostText,
  merged,
  outside,
  rangesText,
  runsOf,
  without,
} from '../../src/recovery/losses.ts';

const range = (from: number, to: number | null = from): SeqRange => ({ from, to });
const writer = new Uint8Array(16).fill(7);
const other = new Uint8Array(16).fill(8);

function head(damage: HeadDamage | null, seq = 10): Head {
  const of = { salt: 1n, incarnation: writer, attached: null, sessionId: 's', createdMs: 0 };
  return { ...newHead(of), vouched: { ...emptyVouched, seq }, damage };
}

function walk(told: Partial<WalkResult>): WalkResult {
  const empty = { lastSeq: 10, damage: null, lost: [], accepted: [] };
  return { ...empty, damagedDerived: [], damagedSnapshots: [], ...told };
}

describe('merged', () => {
  it.each([
    [[], []],
    [[range(3, 4)], [range(3, 4)]],
    [
      [range(7, 9), range(1, 2), range(4, 5)],
      [range(1, 2), range(4, 5), range(7, 9)],
    ],
    [[range(1, 2), range(3, 4)], [range(1, 4)]],
    [
      [range(1, 2), range(4, 4)],
      [range(1, 2), range(4, 4)],
    ],
    [[range(1, 9), range(3, 4)], [range(1, 9)]],
    [[range(1, 5), range(5, 8)], [range(1, 8)]],
    [[range(3, null), range(1, 2)], [range(1, null)]],
    [[range(3, null), range(5, 9)], [range(3, null)]],
    [[range(5, null), range(3, null)], [range(3, null)]],
    [
      [range(1, 1), range(3, null), range(9, 9)],
      [range(1, 1), range(3, null)],
    ],
  ])('merged makes of %j what no two cover', (ranges, expected) => {
    const before = structuredClone(ranges);
    expect(merged(ranges)).toEqual(expected);
    expect(ranges).toEqual(before);
  });
});

describe('runsOf', () => {
  it('runsOf breaks where a sequence is left out', () => {
    const runs = (...seqs: number[]): unknown => runsOf(seqs.map((streamSeq) => ({ streamSeq })));
    expect(runs()).toEqual([]);
    expect(runs(4)).toEqual([range(4)]);
    expect(runs(1, 2, 3)).toEqual([range(1, 3)]);
    expect(runs(1, 2, 4, 6, 7)).toEqual([range(1, 2), range(4), range(6, 7)]);
  });
});

describe('without', () => {
  it('without leaves what no range covers, up to the last sequence', () => {
    expect(without(5, [])).toEqual([range(1, 5)]);
    expect(without(0, [])).toEqual([]);
    expect(without(5, [range(1, 1)])).toEqual([range(2, 5)]);
    expect(without(5, [range(5, 5)])).toEqual([range(1, 4)]);
    expect(without(5, [range(4, 4), range(2, 2)])).toEqual([range(1), range(3), range(5)]);
    expect(without(5, [range(1, 5)])).toEqual([]);
    expect(without(5, [range(3, null)])).toEqual([range(1, 2)]);
    expect(without(5, [range(8, 9)])).toEqual([range(1, 5)]);
    expect(without(5, [range(6, 6)])).toEqual([range(1, 5)]);
    expect(without(1, [range(2, 2)])).toEqual([range(1, 1)]);
  });
});

describe('outside', () => {
  it('outside gives no sequence two fates', () => {
    expect(outside(null, [range(1)])).toBeNull();
    expect(outside(range(3, 5), [])).toEqual(range(3, 5));
    expect(outside(range(3, 5), [range(1, 2)])).toEqual(range(3, 5));
    expect(outside(range(3, 5), [range(1, 3)])).toEqual(range(4, 5));
    expect(outside(range(3, 5), [range(3, 4)])).toEqual(range(5, 5));
    expect(outside(range(3, 5), [range(3, 5)])).toBeNull();
    expect(outside(range(3, 5), [range(3, 3), range(4, 4)])).toEqual(range(5, 5));
    expect(outside(range(3, 5), [range(4, 9)])).toEqual(range(3, 5));
    expect(outside(range(3, 5), [range(4, null)])).toEqual(range(3, 5));
    expect(outside(range(3, 5), [range(2, null)])).toBeNull();
    expect(outside(range(3, null), [range(1, 7)])).toEqual(range(8, null));
    expect(outside(range(3, null), [range(3, null)])).toBeNull();
  });
});

describe('the words for ranges', () => {
  it('rangesText names them one after the other', () => {
    expect(rangesText([])).toBe('');
    expect(rangesText([range(1, 4), range(7), range(9, null)])).toBe(
      '1 to 4, 7, 9 and all behind it',
    );
  });

  it.each([
    [[range(3)], 'entry 3 was acknowledged and is gone'],
    [[range(3, 4)], 'entries 3 to 4 were acknowledged and are gone'],
    [[range(3), range(5)], 'entries 3, 5 were acknowledged and are gone'],
    [
      [range(3, null)],
      'entry 3 and all behind it are gone, and nobody can tell how many there were',
    ],
    [
      [range(1), range(3, null)],
      'entries 1, 3 and all behind it are gone, and nobody can tell how many there were',
    ],
    [
      [range(1, 2), range(4, null)],
      'entries 1 to 2, 4 and all behind it are gone, and nobody can tell how many there were',
    ],
  ])('lostText says of %j in the middle of a sentence', (lost, words) => {
    expect(lostText(lost)).toBe(words);
  });
});

describe('allLost', () => {
  it('allLost joins what reading found, what the head tells and what is known', () => {
    expect(allLost(null, null, [])).toEqual([]);
    expect(allLost(null, walk({ lost: [range(2)] }), [range(3)])).toEqual([range(2, 3)]);
    expect(allLost(head(null), null, [range(3)])).toEqual([range(3)]);
    const told = head({ from: 4, to: 8, writer });
    expect(allLost(told, null, [])).toEqual([range(4, 8)]);
    const read = walk({ lost: [range(1)], accepted: [range(4)] });
    expect(allLost(told, read, [range(10)])).toEqual([range(1), range(4), range(10)]);
  });

  it('allLost tells exactly which of the head’s range, once the history was read', () => {
    const told = head({ from: 4, to: 8, writer });
    const accepted = [range(2), range(4), range(7, 8)];
    // The one in front of the head's range was accepted by somebody.
    expect(allLost(told, walk({ accepted }), [])).toEqual([range(4), range(7, 8)]);
    expect(allLost(told, walk({ accepted: [] }), [])).toEqual([]);
  });

  it('allLost tells what lies behind the vouched end from the head, which has no frame', () => {
    const read = walk({ accepted: [range(4)] });
    expect(allLost(head({ from: 4, to: 12, writer }), read, [])).toEqual([range(4), range(11, 12)]);
    expect(allLost(head({ from: 4, to: 11, writer }), read, [])).toEqual([range(4), range(11)]);
    expect(allLost(head({ from: 4, to: 10, writer }), read, [])).toEqual([range(4)]);
    expect(allLost(head({ from: 4, to: null, writer }), read, [])).toEqual([
      range(4),
      range(11, null),
    ]);
    expect(allLost(head({ from: 12, to: 13, writer }), read, [])).toEqual([range(12, 13)]);
  });
});

describe('acceptedLosses', () => {
  it('acceptedLosses are those in front of what the head tells of', () => {
    const read = walk({ accepted: [range(2), range(4), range(7)] });
    expect(acceptedLosses(null, read)).toEqual(read.accepted);
    expect(acceptedLosses(head(null), read)).toEqual(read.accepted);
    expect(acceptedLosses(head({ from: 4, to: 8, writer }), read)).toEqual([range(2)]);
    expect(acceptedLosses(head({ from: 5, to: 8, writer }), read)).toEqual([range(2), range(4)]);
  });
});

describe('damageOf', () => {
  it('damageOf reaches from the first to the last, with what the head told before', () => {
    expect(damageOf([], writer, null)).toBeNull();
    expect(damageOf([range(5, 6), range(2)], writer, null)).toEqual({ from: 2, to: 6, writer });
    expect(damageOf([range(5, null), range(7)], writer, null)).toEqual({
      from: 5,
      to: null,
      writer,
    });
    const before = { from: 3, to: 9, writer: other };
    expect(damageOf([], writer, before)).toEqual({ from: 3, to: 9, writer });
    expect(damageOf([range(4)], writer, before)).toEqual({ from: 3, to: 9, writer });
    expect(damageOf([range(1), range(12)], writer, before)).toEqual({ from: 1, to: 12, writer });
    expect(damageOf([range(12)], writer, { ...before, to: null })).toEqual({
      from: 3,
      to: null,
      writer,
    });
  });
});
