/** Windows of a long run, and what they come to. */
import { expect, test } from 'vitest';
import { steadinessFindings, steadinessOf, stormOf } from '../../bench/steadiness.ts';
import { judgeOf } from '../../bench/verdict.ts';
import { Windows, windowCells } from '../../bench/windows.ts';
import type { Window } from '../../bench/windows.ts';

const quiet: Window = {
  endSeconds: 0,
  seconds: 60,
  answers: 100,
  p50Ms: 1,
  p99Ms: 2,
  maxMs: 3,
  rssMiB: 100,
  segments: 2,
  journalSyncsPerSecond: 10,
  otherSyncsPerSecond: 1,
  settlesPerSecond: Number.NaN,
};

/** A run of so many seconds, each told a little late, with one answer that takes its number. */
function ran(seconds: number): ReturnType<Windows['end']> & { readonly total: Windows['total'] } {
  const windows = new Windows();
  for (let second = 1; second <= seconds; second += 1) {
    windows.answer(second);
    windows.look({
      elapsedMs: 1001,
      rssMiB: second,
      segments: second % 3,
      journalSyncs: 5,
      otherSyncs: second,
      settles: 1,
    });
  }
  return { ...windows.end(), total: windows.total };
}

test('Windows gathers seconds, tens and minutes, and what is left at the end', () => {
  const { seconds, tens, minutes, total } = ran(125);
  expect([seconds.length, tens.length, minutes.length]).toEqual([125, 13, 3]);
  expect(minutes.map((one) => one.answers)).toEqual([60, 60, 5]);
  expect(minutes.map((one) => one.rssMiB)).toEqual([60, 120, 125]);
  expect(minutes[1]?.maxMs).toBeCloseTo(120, 0);
  expect(minutes[0]?.journalSyncsPerSecond).toBeCloseTo(5, 1);
  expect(tens.at(-1)?.answers).toBe(5);
  expect(total.count).toBe(125);
  expect(windowCells(quiet)).toMatchObject({ segments: 2, 'p99 ms': 2 });
});

test('steadinessOf compares the last full minute with the second one', () => {
  const minutes = [
    { ...quiet, rssMiB: 10 },
    quiet,
    { ...quiet, rssMiB: 120, p99Ms: 5 },
    { ...quiet, seconds: 5, rssMiB: 999 },
  ];
  expect(steadinessOf(minutes)).toEqual({ rssRatio: 1.2, p99Ratio: 2.5 });
  expect(steadinessOf(minutes.slice(0, 2))).toBeNull();
  expect(steadinessOf([])).toBeNull();
});

test('stormOf compares the seconds that settle most with the others', () => {
  const calm = Array.from({ length: 90 }, () => quiet);
  const busy = Array.from({ length: 10 }, () => ({ ...quiet, otherSyncsPerSecond: 500, p99Ms: 6 }));
  expect(stormOf([...calm, ...busy])).toEqual({ syncsPerSecondMax: 500, p99Ratio: 3 });
  expect(stormOf(calm.slice(0, 10))).toBeNull();
});

test('steadinessFindings says so when a run is too short to compare', () => {
  const windows = { seconds: [{ ...quiet, segments: 7 }], minutes: [quiet] };
  const findings = steadinessFindings(windows, judgeOf({ isFsyncReal: true }));
  expect(findings[0]).toContain('at most 7 segments (target: at most 4): MISSED');
  expect(findings[1]).toContain('needs --seconds 180');
  expect(findings[2]).toContain('needs --seconds 20');
});

test('steadinessFindings has a verdict for each target of a long run', () => {
  const minutes = [quiet, quiet, { ...quiet, rssMiB: 101, p99Ms: 5 }];
  const seconds = Array.from({ length: 100 }, () => quiet);
  const told = steadinessFindings({ seconds, minutes }, judgeOf({ isFsyncReal: true }));
  const verdicts = told.map((finding) => /\): (met|MISSED)$/.exec(finding)?.[1]);
  expect(verdicts).toEqual(['met', 'met', 'MISSED', 'met']);
});
