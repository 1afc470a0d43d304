/** Frames in columns give back what was put in, whatever the list they are asked for through. */
import { describe, expect, it } from 'vitest';
import {
  FramePicks,
  FrameTable,
  framesWhere,
  JoinedFrames,
  plainFrame,
  someFrame,
} from '../../src/journal/frame-table.ts';
import type { FrameRef } from '../../src/journal/frame-table.ts';
import { BatchEndTable, lastEnd } from '../../src/journal/batch-ends.ts';

/** Frames that differ in everything. */
function frame(at: number, segment: number): FrameRef {
  return {
    segment,
    offset: 8192 + at * 64,
    payloadBytes: at % 77,
    type: 16 + (at % 200),
    key: new Uint8Array(16).fill(at % 3),
    streamSeq: at + 1,
    journalSeq: 2 ** 50 + at,
    timeMs: 1e12 + at / 8,
    payloadHash: 2n ** 63n + BigInt(at),
    payload: at % 5 === 0 ? Uint8Array.of(at % 256) : null,
  };
}

function tableOf(segment: number, count: number): { table: FrameTable; all: FrameRef[] } {
  const all = Array.from({ length: count }, (_, at) => frame(at, segment));
  const table = new FrameTable(segment);
  for (const one of all) table.push(one);
  return { table, all };
}

describe('FrameTable', () => {
  it('FrameTable gives back every frame, across all sizes of its chunks', () => {
    const { table, all } = tableOf(4, 10_000);
    expect(table.length).toBe(all.length);
    expect(Array.from(table, plainFrame)).toEqual(all);
    for (const at of [0, 31, 32, 95, 96, 4063, 4064, 8159, 8160, 9999, -1, -10_000]) {
      const found = table.at(at);
      expect(found === undefined ? null : plainFrame(found), `at ${at}`).toEqual(all.at(at));
    }
    expect([table.at(10_000), table.at(-10_001)]).toEqual([undefined, undefined]);
  });

  it('FrameTable keeps a key once, and none of the bytes that it was read from', () => {
    const { table } = tableOf(1, 300);
    expect(new Set(Array.from(table, ({ key }) => key)).size).toBe(3);
    expect(table.at(0)?.key.buffer.byteLength).toBe(16);
  });
});

describe('lists of frames', () => {
  it('JoinedFrames are its lists one behind the other, each as far as it counts', () => {
    const [one, two] = [tableOf(1, 50), tableOf(2, 40)];
    const joined = new JoinedFrames();
    joined.join(one.table, 45);
    joined.join([], 0);
    joined.join(two.all);
    const expected = [...one.all.slice(0, 45), ...two.all];
    expect(Array.from(joined, plainFrame)).toEqual(expected);
    expect(joined.length).toBe(85);
    for (const at of [0, 44, 45, 84, -1, -85]) {
      const found = joined.at(at);
      expect(found === undefined ? null : plainFrame(found)).toEqual(expected.at(at));
    }
    expect([joined.at(85), joined.at(-86)]).toEqual([undefined, undefined]);
  });

  it('FramePicks hold frames of many tables and of none, and sort them without moving equals', () => {
    const [one, two] = [tableOf(1, 90), tableOf(2, 90)];
    const picks = new FramePicks();
    const expected: FrameRef[] = [];
    for (let at = 0; at < 90; at += 1) {
      for (const { table, all } of at % 7 < 3 ? [one] : [two, one]) {
        const [found, plain] = [table.at(at), all[at]];
        if (found === undefined || plain === undefined) throw new Error('It is there');
        picks.push(at % 11 === 0 ? plain : found);
        expected.push(plain);
      }
    }
    expect(Array.from(picks, plainFrame)).toEqual(expected);
    expect(Array.from({ length: picks.length }, (_, at) => picks.at(at)?.offset)).toEqual(
      expected.map(({ offset }) => offset),
    );
    expect([picks.at(picks.length), picks.at(-picks.length - 1)]).toEqual([undefined, undefined]);
    const byType = picks.sortedBy(({ type }) => type % 10);
    const sorted = expected.toSorted((a, b) => (a.type % 10) - (b.type % 10));
    expect(Array.from(byType, plainFrame)).toEqual(sorted);
    expect(byType.sortedBy(({ type }) => type % 10)).toBe(byType);
  });

  it('framesWhere and someFrame ask every frame, and leave objects the same objects', () => {
    const { table, all } = tableOf(1, 20);
    const isEven = ({ streamSeq }: FrameRef): boolean => streamSeq % 2 === 0;
    expect(Array.from(framesWhere(table, isEven), plainFrame)).toEqual(all.filter(isEven));
    expect(framesWhere(all, isEven).at(0)).toBe(all[1]);
    expect(someFrame(table, isEven)).toBe(true);
    expect(someFrame(table, ({ streamSeq }) => streamSeq > 20)).toBe(false);
  });
});

describe('BatchEndTable', () => {
  it('BatchEndTable gives back every end, and lastEnd the last that holds', () => {
    const all = Array.from({ length: 100 }, (_, at) => {
      return { endOffset: 8192 + at * 300, lastSeq: at, checksum: 2n ** 63n + BigInt(at) };
    });
    const table = new BatchEndTable();
    for (const end of all) table.push(end);
    expect([...table]).toEqual(all);
    expect([table.at(-1), table.at(100), table.at(-101)]).toEqual([all[99], undefined, undefined]);
    expect(lastEnd(table, ({ lastSeq }) => lastSeq <= 40)).toEqual(all[40]);
    expect(lastEnd(table, () => false)).toBeUndefined();
  });
});
