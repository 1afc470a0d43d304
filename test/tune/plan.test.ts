/** The advice as it grows. */
import { describe, expect, test } from 'vitest';
import { unknownDisk } from '../../src/tune/disk.ts';
import { unknownEngine } from '../../src/tune/engine.ts';
import { judge } from '../../src/tune/judge.ts';
import { Plan } from '../../src/tune/plan.ts';

const disk = unknownDisk('ext4');
const step = (neighbour: number, ratio: number) =>
  judge({
    setting: 'syncEntriesMax',
    recommended: 30,
    neighbour,
    ratios: Array.from({ length: 8 }, () => ratio),
  });

test('Plan of a run that saw nothing has the defaults, and says that they are', () => {
  const { settings, reasons, expected, exposure } = new Plan().advice(unknownEngine, disk);
  expect(settings).toEqual({
    syncEntriesMax: 10,
    syncDelayMsMax: 100,
    segmentBytes: 1024 * 1024,
    io: 'worker',
  });
  expect(Object.values(reasons).map(({ from }) => from)).toEqual(Array(4).fill('default'));
  expect([expected.durable, expected.batched, expected.sharedPerSecond]).toEqual([
    null,
    null,
    null,
  ]);
  expect(exposure).toMatchObject({ entriesMax: 10, delayMsMax: 100 });
});

test('Plan that was moved by a check says from where and why, and keeps every check', () => {
  const plan = new Plan();
  plan.take('syncEntriesMax', { value: 30, reason: { from: 'measured', why: 'the curve' } });
  const checks = [step(10, 0.5), step(100, 2)];
  plan.check('syncEntriesMax', { value: 100, checks });
  const { settings, reasons, exposure } = plan.advice(unknownEngine, disk);
  expect([settings.syncEntriesMax, exposure.entriesMax]).toEqual([100, 100]);
  expect(reasons.syncEntriesMax).toEqual({
    from: 'measured',
    why:
      'moved here from 30 by the check: 100 has more than 1.18 times the speed of 30, which is ' +
      'what the step is worth',
  });
  expect(plan.checks).toEqual(checks);
});

test('Plan keeps the reason of a setting that the check leaves where it is', () => {
  const plan = new Plan();
  const reason = { from: 'measured', why: 'the curve' } as const;
  plan.take('syncEntriesMax', { value: 30, reason });
  plan.check('syncEntriesMax', { value: 30, checks: [step(100, 1)] });
  expect(plan.advice(unknownEngine, disk).reasons.syncEntriesMax).toEqual(reason);
});

test('Plan whose pool the check did not confirm goes back to the worker and says so', () => {
  const plan = new Plan();
  plan.take('io', { value: 'pool', reason: { from: 'measured', why: 'quicker' } });
  plan.check('io', { value: 'worker', checks: [] });
  expect(plan.advice(unknownEngine, disk).reasons.io).toEqual({
    from: 'default',
    why: 'could not decide: a first look was for pool, and the check did not confirm it',
  });
});

describe('more exposure than the defaults', () => {
  const unsure = (value: number) => {
    const reason = { from: 'measured', why: 'the curve' } as const;
    return { value, reason, certainty: 'unsure' } as const;
  };
  const sure = (value: number) => ({ value, reason: unsure(value).reason });
  const toldOf = (plan: Plan) => {
    const { settings, reasons } = plan.advice(unknownEngine, disk);
    return [settings.syncEntriesMax, reasons.syncEntriesMax.from, reasons.syncEntriesMax.why];
  };
  const undecided = (recommended: number, neighbour: number) =>
    judge({ setting: 'syncEntriesMax', recommended, neighbour, ratios: [2, 0.5, 2, 0.5, 2, 0.5] });

  test('Plan does not advise what the rounds do not agree on and no check confirmed', () => {
    const plan = new Plan();
    plan.take('syncEntriesMax', unsure(300));
    expect(plan.found.syncEntriesMax).toBe(300);
    expect(toldOf(plan)).toEqual([
      10,
      'default',
      'could not decide: the rounds do not agree on a first look for 300, and no check confirmed ' +
        'it, so this is the default',
    ]);
    expect(plan.settings.syncEntriesMax).toBe(10);
  });

  test('Plan goes back to the default where the check against less could not decide', () => {
    const plan = new Plan();
    plan.take('syncEntriesMax', sure(30));
    plan.check('syncEntriesMax', { value: 30, checks: [undecided(30, 10), step(100, 1)] });
    expect(toldOf(plan)).toEqual([
      10,
      'default',
      'could not decide: whether 30 pays more than 10 the rounds do not agree, or were too few, ' +
        'so this is the default',
    ]);
    expect(plan.advice(unknownEngine, disk).exposure.entriesMax).toBe(10);
  });

  test('Plan advises what the check confirmed, also behind a first look that was not sure', () => {
    const stays = new Plan();
    stays.take('syncEntriesMax', unsure(30));
    stays.check('syncEntriesMax', { value: 30, checks: [step(10, 0.5), undecided(30, 100)] });
    expect(toldOf(stays).slice(0, 2)).toEqual([30, 'measured']);
    const moves = new Plan();
    moves.take('syncEntriesMax', unsure(30));
    moves.check('syncEntriesMax', { value: 100, checks: [undecided(30, 10), step(100, 2)] });
    expect(toldOf(moves).slice(0, 2)).toEqual([100, 'measured']);
  });

  test('Plan leaves a setting alone that exposes no more than the default', () => {
    const plan = new Plan();
    plan.take('syncEntriesMax', unsure(3));
    plan.check('syncEntriesMax', { value: 3, checks: [undecided(3, 1)] });
    expect(toldOf(plan).slice(0, 2)).toEqual([3, 'measured']);
  });

  test('Plan on a busy machine goes beyond no default and to no pool, whatever was measured', () => {
    const plan = new Plan('busy');
    const reason = { from: 'measured', why: 'quicker' } as const;
    plan.take('syncEntriesMax', sure(300));
    plan.take('syncDelayMsMax', { value: 200, reason });
    plan.take('io', { value: 'pool', reason });
    plan.check('syncEntriesMax', { value: 30, checks: [step(10, 0.5)] });
    const { settings, reasons } = plan.advice(unknownEngine, disk);
    expect(settings).toMatchObject({ syncEntriesMax: 10, syncDelayMsMax: 100, io: 'worker' });
    for (const name of ['syncEntriesMax', 'syncDelayMsMax', 'io'] as const) {
      expect(reasons[name].why).toContain('could not decide: the machine was busy');
    }
    const less = new Plan('busy');
    less.take('syncDelayMsMax', { value: 5, reason });
    expect(less.settings.syncDelayMsMax).toBe(5);
  });
});
