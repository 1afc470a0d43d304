/** Rounds, knees and how sure they are. */
import { describe, expect, test } from 'vitest';
import { curveOf, kneeOf, pointsOf, rising } from '../../src/tune/curve.ts';
import { isAbove, medianOf, ratiosOf, spreadOf } from '../../src/tune/spread.ts';
import { delaySeries, disks, entriesSeries, quiet, seriesOf } from './made-up-disks.ts';

describe('spread', () => {
  test('medianOf is the middle, or the mean of the two in the middle', () => {
    expect(medianOf([5, 1, 3])).toBe(3);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
    expect(medianOf([])).toBeNaN();
  });

  test('spreadOf tells median, ends and rounds, and null of nothing', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3, rounds: 3 });
    expect(spreadOf([])).toBeNull();
  });

  test('ratiosOf goes round by round, as far as both go', () => {
    expect(ratiosOf([2, 9, 4], [1, 3])).toEqual([2, 3]);
  });

  test.each([
    [[2, 2, 2, 2], 'undecided'], // four agree, and four are too few
    [[2, 2, 2, 2, 2], 'yes'],
    [[2, 2, 2, 2, 0.5], 'undecided'],
    [[0.5, 0.5, 0.5, 0.5, 0.5], 'no'],
    [[1, 1, 1, 1, 1], 'no'], // as much as the bound is not above it
    [[2, 2, 2, 2, 2, 2, 0.5], 'undecided'],
    [[2, 2, 2, 2, 2, 2, 2, 0.5], 'yes'],
    [[2, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5], 'no'],
    [[2, 2, 2, 2, 2, 2, 0.5, 0.5], 'undecided'],
    [[], 'undecided'],
  ] as const)('isAbove answers the rounds %j with %s', (ratios, answer) => {
    expect(isAbove(ratios, 1)).toBe(answer);
  });
});

describe('curve', () => {
  test('rising pools what falls, and leaves the rest', () => {
    expect(rising([1, 2, 3])).toEqual([1, 2, 3]);
    expect(rising([1, 4, 2, 5])).toEqual([1, 3, 3, 5]);
    expect(rising([3, 2, 1])).toEqual([2, 2, 2]);
    expect(rising([])).toEqual([]);
  });

  test('pointsOf leaves out what has no rounds', () => {
    const points = pointsOf({ values: [1, 2], rounds: [[5], []] });
    expect(points).toEqual([{ at: 1, value: { median: 5, low: 5, high: 5, rounds: 1 } }]);
  });

  test.each([
    ['spinning', 1000, 'beyond'],
    ['consumer', 300, 'inside'],
    ['protected', 10, 'inside'],
    ['memory', 1, 'inside'],
    ['network', 1000, 'beyond'],
  ] as const)('kneeOf finds the entries of a %s disk at %i, %s', (name, at, place) => {
    const knee = kneeOf(entriesSeries(disks[name], quiet));
    expect(knee).toMatchObject({ at, place, certainty: 'sure' });
    expect(knee?.share).toBeGreaterThan(0.85);
  });

  test.each([
    ['spinning', 50, 'beyond'],
    ['consumer', 5, 'inside'],
    ['protected', 1, 'inside'],
    ['memory', 1, 'inside'],
    ['network', 20, 'inside'],
  ] as const)('kneeOf finds the delay of a %s disk at %i ms, %s', (name, at, place) => {
    expect(kneeOf(delaySeries(disks[name], quiet))).toMatchObject({ at, place });
  });

  test('kneeOf is not led astray by a machine that is slow in whole rounds', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const noise = { shared: 9, own: 0.03, seed };
      expect(kneeOf(entriesSeries(disks.consumer, noise)), `seed ${seed}`).toMatchObject({
        at: 300,
        certainty: 'sure',
      });
    }
  });

  test('kneeOf of rounds that do not agree is hardly ever sure of a wrong point', () => {
    let wrong = 0;
    for (let seed = 1; seed <= 200; seed += 1) {
      const knee = kneeOf(entriesSeries(disks.consumer, { shared: 1, own: 4, seed }));
      if (knee?.certainty === 'sure' && knee.at !== 300) wrong += 1;
    }
    expect(wrong).toBeLessThanOrEqual(4);
  });

  test('kneeOf says nothing of two points, or of four rounds', () => {
    expect(kneeOf(seriesOf([1, 2], (value) => value, quiet))).toBeNull();
    expect(kneeOf(entriesSeries(disks.consumer, { ...quiet, rounds: 4 }))).toBeNull();
    expect(kneeOf({ values: [1, 2, 3], rounds: [] })).toBeNull();
    expect(kneeOf(entriesSeries(disks.consumer, { ...quiet, rounds: 5 }))).not.toBeNull();
  });

  test('kneeOf of a curve that is flat is its first point, and of one that falls too', () => {
    expect(kneeOf(seriesOf([1, 2, 3], () => 7, quiet))).toMatchObject({ at: 1, share: 1 });
    expect(kneeOf(seriesOf([1, 2, 3], (value) => 1 / value, quiet))).toMatchObject({ at: 1 });
  });

  test('curveOf has the points and the knee', () => {
    const curve = curveOf(entriesSeries(disks.protected, quiet));
    expect(curve.points.map(({ at }) => at)).toEqual([1, 3, 10, 30, 100, 300, 1000]);
    expect(curve.knee?.at).toBe(10);
  });
});
