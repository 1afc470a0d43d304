/** What benchmarks tell people: tables, warnings, plots. */
import { expect, test } from 'vitest';
import { reportHtml } from '../../bench/html.ts';
import { figure, plotWords, upwardTicks } from '../../bench/plot.ts';
import { reportText, warningsOf } from '../../bench/report.ts';
import type { BenchReport, CaseResult } from '../../bench/report.ts';
import { sparkline, widthMax } from '../../bench/sparkline.ts';
import { judgeOf } from '../../bench/verdict.ts';

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

test('warningsOf and reportText warn when fsync is not real', () => {
  const text = (isFsyncReal: boolean): string => {
    return reportText({ environment: { ...environment, isFsyncReal }, cases: [] });
  };
  expect(text(false)).toContain('WARNING: fsync is not real here');
  expect(text(true)).not.toContain('WARNING');
  expect(warningsOf({ ...environment, isFsyncReal: false })).toHaveLength(1);
  expect(warningsOf({ ...environment, isFsyncReal: true })).toEqual([]);
});

test('warningsOf and reportText warn when the machine is busy with something else', () => {
  const busy = { ...environment, loadAverage: 7.5, isFsyncReal: true };
  const text = reportText({ environment: busy, cases: [] });
  expect(text).toContain('WARNING: the machine is busy (load 7.50)');
  expect(warningsOf(busy)).toEqual(['the machine is busy (load 7.50); comparisons mean little']);
});

test('judgeOf ends a target with met or MISSED, and with nothing where fsync is not real', () => {
  const [real, unreal] = [judgeOf({ isFsyncReal: true }), judgeOf({ isFsyncReal: false })];
  expect(real.atMost(1, 1)).toBe('(target: at most 1): met');
  expect(real.atMost(1.1, 1)).toBe('(target: at most 1): MISSED');
  expect(real.atLeast(0.5, 0.6)).toBe('(target: at least 0.6): MISSED');
  expect(real.atMost(Number.NaN, 1)).toBe('(target: at most 1)');
  const condition = { words: 'for 1 GiB', holds: false };
  expect(real.atMost(1, 1, condition)).toBe('(target: at most 1 for 1 GiB)');
  expect(real.atLeast(1, 1, { words: 'from 9 on', holds: true })).toContain('1 from 9 on): met');
  expect(unreal.atMost(1, 1)).toBe('(target: at most 1)');
  expect(unreal.atLeast(0.5, 0.6)).toBe('(target: at least 0.6)');
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
  warnings: [],
  cases: [result],
  failure: null,
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
  expect(page).toContain('aria-label="p99: 1 to 2 ms, over 1 to 2 s"');
  expect(page).toContain('<polyline points="46.0,82.0 388.0,22.0"/>');
  expect(page).not.toContain('was not measured');
});

test('reportHtml says which case is missing when a run has ended early', () => {
  const failure = { case: 'open', message: 'stopped by SIGINT', exit: 130 };
  const page = reportHtml({ ...whole, failure });
  expect(page).toContain('open was not measured: stopped by SIGINT');
});

test('figure has numbers at both axes, the unit, and the target as a line with its value', () => {
  const points = [1, 60, 120, 180].map((at) => [at, 1] as const);
  const plot = figure({ name: 'segments', unit: '', over: 's', points, atMost: 4 }, String);
  expect(plot).toContain('aria-label="segments: 1, over 1 to 180 s; target: at most 4"');
  const labels = [...plot.matchAll(/<text [^>]*>([^<]+)</g)].map(([, text]) => text);
  const [up, along] = [
    ['0', '1', '2', '3', '4'],
    ['50', '100', '150'],
  ];
  expect(labels).toEqual([...up, ...along, 's', 'target: at most 4']);
  expect(plot).toContain('class="target"');
});

test('plotWords tells what is 0 all the time as 0, and units as the terminal does', () => {
  const flat = {
    name: 'other syncs',
    unit: '/s',
    over: 's',
    points: [
      [1, 0],
      [5, 0],
    ] as const,
  };
  expect(plotWords(flat)).toBe('other syncs: 0/s, over 1 to 5 s');
  expect(plotWords({ ...flat, points: [] })).toBe('other syncs: -, over -');
});

test('upwardTicks counts from 0 in even steps beyond the most', () => {
  expect(upwardTicks(0)).toEqual([0, 1]);
  expect(upwardTicks(4)).toEqual([0, 1, 2, 3, 4]);
  expect(upwardTicks(7.3)).toEqual([0, 2, 4, 6, 8]);
  expect(upwardTicks(131)).toEqual([0, 50, 100, 150]);
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
