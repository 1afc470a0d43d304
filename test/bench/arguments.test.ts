/** Arguments of the benchmarks: what is not known is refused with what is. */
import { expect, test } from 'vitest';
import { UsageError, caseNames, settingsOf, usage } from '../../bench/arguments.ts';

test.each([
  [['apend'], 'There is no case "apend"'],
  [['all', 'apend'], 'There is no case "apend"'],
  [['--secs', '1'], '--secs'],
  [['--seconds', '0'], '--seconds must be a number above 0, not "0"'],
  [['--sessions', '1.5'], '--sessions must be a whole number above 0, not "1.5"'],
  [['--bytes', '1MB'], '--bytes must be a whole number above 0, or one with KiB, MiB or GiB'],
  [['--workload', 'chatty'], '--workload must be one of fixed, chat, tool-heavy'],
  [['--durability', 'no'], '--durability must be one of durable, batched'],
])('settingsOf refuses %j', (args, message) => {
  expect(() => settingsOf(args)).toThrow(UsageError);
  expect(() => settingsOf(args)).toThrow(message);
});

test('settingsOf takes all cases when none is named, or all', () => {
  expect(settingsOf([])?.cases).toEqual(caseNames);
  expect(settingsOf(['all'])?.cases).toEqual(caseNames);
  expect(settingsOf(['open', 'append'])?.cases).toEqual(['open', 'append']);
});

test('settingsOf reads bytes with their unit', () => {
  expect(settingsOf(['--bytes', '2GiB'])?.bytes).toBe(2 * 1024 ** 3);
  expect(settingsOf(['--bytes', '100'])?.bytes).toBe(100);
  expect(settingsOf([])?.bytes).toBeNull();
});

test('usage names every case', () => {
  for (const name of caseNames) expect(usage).toContain(`\n  ${name} `);
  expect(settingsOf(['--help'])).toBeNull();
});
