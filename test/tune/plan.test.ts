/** The advice as it grows. */
import { expect, test } from 'vitest';
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
