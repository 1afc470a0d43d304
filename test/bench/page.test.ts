/** The page of `npm run bench -- --html` before a real browser, and as a file. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportHtml } from '../../bench/html.ts';
import { beginPage } from '../../bench/new-page.ts';
import type { BenchReport, Series } from '../../bench/report.ts';
import { axeViolations, openBrowser, visit } from '../helpers/browser.ts';
import * as inPage from '../helpers/in-page.mjs';

let browser: Browser | null = null;
beforeAll(async () => {
  browser = await openBrowser();
  if (browser === null) console.log('No Chromium here: the page was not looked at.');
});
afterAll(async () => {
  await browser?.close();
});

const overTime = (name: string, unit: string, value: number): Series => {
  const points = Array.from({ length: 30 }, (_, at) => [at + 1.01, value * (at % 7)] as const);
  return { name, unit, over: 's', points };
};
const row = { writer: 'holdfast, durable', 'p50 ms': 0.1, 'loop delay p99 ms': 1, segments: 2 };
const report: BenchReport = {
  schema: 'holdfast.bench/1',
  environment: {
    node: 'v20',
    system: 'Linux',
    cpu: 'fast',
    cores: 2,
    loadAverage: 3,
    directory: '/tmp',
    fileSystem: 'ext4',
    fdatasyncMedianMs: 1,
    isFsyncReal: true,
  },
  warnings: ['the machine is busy'],
  cases: [
    {
      case: 'load',
      settings: { sessions: 2 },
      rows: [row, { ...row, 'max ms': 12_345.6, 'journal syncs/s': 1, 'other syncs/s': 1e6 }],
      findings: ['the journal had at most 2 segments (target: at most 4): met'],
      numbers: {},
      series: [
        { ...overTime('segments', '', 1), atMost: 4 },
        overTime('journal syncs', '/s', 1234),
        overTime('other syncs', '/s', 0),
        {
          name: 'open p50',
          unit: 'ms',
          over: 'messages',
          scale: 'logarithmic',
          points: [10, 1000, 100_000, 1_000_000].map((at) => [at, 0.5] as const),
          atMost: 0.75,
        },
      ],
    },
  ],
  failure: { case: 'list', message: 'stopped by SIGINT', exit: 130 },
};

test.each([
  [360, 'dark'],
  [1280, 'light'],
] as const)('reportHtml fits into %i pixels in %s, and axe finds nothing', async (...how) => {
  if (browser === null) return;
  const [width, scheme] = how;
  await using look = await visit(browser, reportHtml(report), { width, scheme });
  const { page } = look;
  expect([look.requests, look.complaints]).toEqual([[], []]);
  expect(await page.evaluate(inPage.overflow)).toBeLessThanOrEqual(0);
  expect(await page.evaluate(inPage.poorContrasts, 4.5)).toEqual([]);
  expect(await axeViolations(page)).toEqual([]);
  const figures = await page.getByRole('img').all();
  expect(figures).toHaveLength(4);
  for (const figure of figures) {
    const plot = await figure.boundingBox();
    for (const label of await figure.locator('text').all()) {
      const box = await label.boundingBox();
      if (plot === null || box === null) throw new Error('A label is not shown');
      expect(box.x).toBeGreaterThanOrEqual(plot.x - 1);
      expect(box.x + box.width).toBeLessThanOrEqual(plot.x + plot.width + 1);
    }
  }
});

test('beginPage has nothing under the name before all of it is there, and overwrites nothing', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-new-page-'));
  try {
    const path = join(directory, 'page.html');
    const page = beginPage(path);
    expect(existsSync(path)).toBe(false);
    page.write('all of it');
    page.drop();
    expect(readFileSync(path, 'utf8')).toBe('all of it');
    const second = beginPage(join(directory, 'second.html'));
    writeFileSync(second.path, 'mine');
    expect(() => second.write('ours')).toThrow('something came there meanwhile');
    second.drop();
    expect(readFileSync(second.path, 'utf8')).toBe('mine');
    expect(readdirSync(directory)).toEqual(['page.html', 'second.html']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
