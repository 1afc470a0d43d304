/** Arguments of the benchmarks: what is not known is refused with what is. */
import { expect, test } from 'vitest';
import { caseNames, planText, settingsOf, usage } from '../../bench/arguments.ts';
import { settingsOf as compareSettingsOf } from '../../bench/compare/arguments.ts';
import { UsageError } from '../../bench/words.ts';

test.each([
  [['apend'], 'There is no case "apend"'],
  [['all', 'apend'], 'There is no case "apend"'],
  [['--secs', '1'], 'There is no option --secs; there are --seconds, --sessions, --rate'],
  [['-x'], 'There is no option -x'],
  [['--seconds'], '--seconds needs a value'],
  [['--dir='], '--dir needs a value'],
  [['--html', '--json'], '--html needs a value; if --json is meant to be one, write --html=--json'],
  [['--json=yes'], '--json takes no value, and was given "yes"'],
  [['--seconds', '-1'], '--seconds must be a number above 0, not "-1"'],
  [['--seconds', '0'], '--seconds must be a number above 0, not "0"'],
  [['--sessions', '1.5'], '--sessions must be a whole number above 0, not "1.5"'],
  [['--bytes', '1MB'], '--bytes must be a whole number above 0, or one with KiB, MiB or GiB'],
  [['--text-bytes', '10GiB'], '--text-bytes must be at most 64MiB, not "10GiB"'],
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

test.each([
  [['two'], 'There is no case "two"'],
  [['--secnds', '1'], 'There is no option --secnds'],
  [['--seconds', '-1'], '--seconds must be a number above 0, not "-1"'],
])('settingsOf of compare refuses %j in the same words', (args, message) => {
  expect(() => compareSettingsOf(args)).toThrow(UsageError);
  expect(() => compareSettingsOf(args)).toThrow(message);
});

test('planText says how long several cases take at least', () => {
  expect(planText(13, 5)).toContain('13 cases of about 5 s each: at least 65 s');
  expect(planText(2, 600)).toContain('at least 20 minutes');
});
