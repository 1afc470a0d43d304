/** What benchmarks tell people: tables, warnings, plots. */
import { expect, test } from 'vitest';
import { reportHtml } from '../../bench/html.ts';
import { reportText } from '../../bench/report.ts';
import type { BenchReport, CaseResult } from '../../bench/report.ts';
import { sparkline, widthMax } from '../../bench/sparkline.ts';

const environment = {
  node: 'v20',
  system: 'Linux',
  cpu: 'fast',
  cores: 2,
  loadAverage: 0.1,
  directory: '/dev/shm',
  fileSystem: 'tmpfs',
  fdatasyncMedianMs: 0.001,
};

test('reportText warns when fsync is not real', () => {
  const text = (isFsyncReal: boolean): string =>
    reportText({
      schema: 'holdfast.bench/1',
      environment: { ...environment, isFsyncReal },
      cases: [],
    });
  expect(text(false)).toContain('WARNING: fsync is not real here');
  expect(text(true)).not.toContain('WARNING');
});

test('reportText warns when the machine is busy with something else', () => {
  const busy = { ...environment, loadAverage: 7.5, isFsyncReal: true };
  const text = reportText({ schema: 'holdfast.bench/1', environment: busy, cases: [] });
  expect(text).toContain('WARNING: the machine is busy (load 7.50)');
});

const result: CaseResult = {
  case: 'load',
  settings: { sessions: 2 },
  rows: [{ latency: 'all', 'p50 ms': 1.234 }],
  more: [[{ 'until s': 1, 'p99 ms': Number.NaN }], []],
  data: { seconds: [{ hidden: 1 }] },
  findings: ['p99 is 2 (target: < 3)'],
  numbers: { p99: 2 },
  series: [
    {
      name: 'p99',
      unit: 'ms',
      over: 's',
      points: [
        [1, 1],
        [2, 2],
      ],
    },
  ],
};
const whole: BenchReport = {
  schema: 'holdfast.bench/1',
  environment: { ...environment, isFsyncReal: true },
  cases: [result],
};

test('reportText has every table, a line for each series, and what is not a number as a dash', () => {
  const text = reportText(whole);
  expect(text).toContain('load (sessions 2)');
  expect(text).toMatch(/all +1\.23/);
  expect(text).toMatch(/^ +1 +-$/m);
  expect(text).toContain('p99, over s: ▅█ 1 to 2 ms');
  expect(text).not.toContain('hidden');
});

test('reportHtml escapes what it is given and says in words what a plot shows', () => {
  const page = reportHtml(whole);
  expect(page).toContain('p99 is 2 (target: &lt; 3)');
  expect(page).toContain('aria-label="p99: at most 2 ms, over s from 1 to 2"');
  expect(page).toContain('<polyline points="8.0,80.0 632.0,8.0"/>');
});

test('sparkline keeps the largest of values that share a column, and a blank for none', () => {
  expect(sparkline([0, 1, 2, Number.NaN, 4])).toBe('▁▃▅ █');
  const many = Array.from({ length: 10 * widthMax }, (_, at) => (at === 305 ? 8 : 1));
  const line = sparkline(many);
  expect(line).toHaveLength(widthMax);
  expect(line.indexOf('█')).toBe(30);
  expect(sparkline([])).toBe('');
  expect(sparkline([0, 0])).toBe('▁▁');
});
