/** Charts in characters and on the page: what is drawn, what is said, and that nothing is loaded. */
import { describe, expect, test } from 'vitest';
import { styleFor } from '../../src/cli/talk.ts';
import { tuneText } from '../../src/cli/tune-text.ts';
import { barLines, barOf } from '../../src/tune/chart-text.ts';
import { checksSvg, niceStep } from '../../src/tune/chart-svg.ts';
import { chartInWords, chartsOf } from '../../src/tune/charts.ts';
import { escaped } from '../../src/tune/markup.ts';
import { pageOf } from '../../src/tune/page.ts';
import type { TuneReport } from '../../src/tune/report.ts';
import { binaryBytes, bytesPerSecond, figure, milliseconds } from '../../src/tune/units.ts';
import { madeUpReport } from './made-up-report.ts';
import { breaches } from './schema.ts';

describe('units', () => {
  test.each([
    [0.412345, '0.412'],
    [12.34, '12.3'],
    [99.99, '100'],
    [1234.5, '1,235'],
    [7, '7'],
    [Number.NaN, '-'],
  ])('figure tells %d as %s', (value, told) => {
    expect(figure(value)).toBe(told);
  });

  test('milliseconds, binaryBytes and bytesPerSecond have the unit that fits', () => {
    expect([milliseconds(0.5), milliseconds(9999), milliseconds(10_000)]).toEqual([
      '0.500 ms',
      '9,999 ms',
      '10 s',
    ]);
    expect([512, 1024, 1536, 1024 ** 2, 16 * 1024 ** 2].map(binaryBytes)).toEqual([
      '512 B',
      '1 KiB',
      '1.5 KiB',
      '1 MiB',
      '16 MiB',
    ]);
    expect([bytesPerSecond(12_345), bytesPerSecond(12_345_678)]).toEqual([
      '12.3 kB/s',
      '12.3 MB/s',
    ]);
  });
});

describe('bars', () => {
  test('barOf is exact to an eighth of a column', () => {
    expect([barOf(1, 4), barOf(0.5, 4), barOf(0.53, 4), barOf(0, 4), barOf(9, 4)]).toEqual([
      '████',
      '██',
      '██▏',
      '',
      '████',
    ]);
  });

  test('barLines line up, and mark the knee and what is recommended', () => {
    const value = (median: number) => ({ median, low: median, high: median, rounds: 8 });
    const points = [
      { at: 1, value: value(50) },
      { at: 10, value: value(100) },
    ];
    const knee = { at: 10, share: 1, certainty: 'sure', place: 'inside' } as const;
    const chart = { at: String, value: String, columns: 4, usual: null };
    expect(barLines({ ...chart, curve: { points, knee }, marked: 10 })).toEqual([
      ' 1   50  ██',
      '10  100  ████  ◂ knee, recommended',
    ]);
    const unsure = { ...knee, certainty: 'unsure' } as const;
    expect(barLines({ ...chart, curve: { points, knee: unsure }, marked: null })[1]).toBe(
      '10  100  ████',
    );
    expect(barLines({ ...chart, curve: { points: [], knee: null }, marked: 1 })).toEqual([]);
  });
});

describe('svg', () => {
  test.each([
    [0, 1],
    [0.3, 0.5],
    [1, 1],
    [1.1, 2],
    [2.2, 2.5],
    [740, 1000],
    [5001, 10_000],
  ])('niceStep above %d is %d', (value, step) => {
    expect(niceStep(value)).toBeCloseTo(step, 9);
  });

  test('checksSvg draws no coordinate that is none, also for a check without a ratio', () => {
    const [first] = madeUpReport().checks;
    const svg = checksSvg([
      ...madeUpReport().checks,
      ...(first ? [{ ...first, ratio: null }] : []),
    ]);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg).toContain('not measured');
  });

  test('checksSvg draws no line of the scale through the name of a check', () => {
    const svg = checksSvg(madeUpReport().checks);
    const lines = [...svg.matchAll(/<line [^>]*y1="([\d.]+)"[^>]* y2="([\d.]+)"/g)];
    const names = [...svg.matchAll(/<text [^>]*y="([\d.]+)"[^>]*class="axis"/g)];
    expect([lines.length > 10, names.length]).toEqual([true, 3]);
    for (const [, baseline] of names) {
      const [top, bottom] = [Number(baseline) - 11, Number(baseline) + 3];
      for (const [, from, to] of lines) {
        expect(Number(to) < top || Number(from) > bottom, `${from} to ${to}`).toBe(true);
      }
    }
  });

  test('escaped leaves nothing that markup would understand', () => {
    expect(escaped(`<a b="c" d='e'>&`)).toBe('&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;');
  });
});

describe('page', () => {
  const report = madeUpReport();
  const page = pageOf(report);

  test('pageOf loads nothing, runs nothing, and says so to the browser', () => {
    expect(page).not.toMatch(/https?:|\/\/[a-z]|\bsrc=|\bhref=|url\(|@import|<link|<iframe|<img/i);
    expect(page.match(/<script[^>]*>/g)).toEqual(['<script type="application/json" id="report">']);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/\son[a-z]+=/i);
  });

  test('pageOf holds the report itself, whatever its directory is called', () => {
    const held = (text: string): unknown => {
      return JSON.parse(/id="report">(.*?)<\/script>/s.exec(text)?.[1] ?? '');
    };
    expect(held(page)).toEqual(report);
    const directory = '/disk/</script><script>alert(1)</script>';
    const hostile = pageOf(madeUpReport({ directory }));
    expect(held(hostile)).toMatchObject({ directory });
    expect(hostile.match(/<script/g)).toHaveLength(1);
    expect(hostile).not.toContain('<script>alert');
  });

  test('pageOf has the numbers of the report in its tables', () => {
    for (const chart of chartsOf(report)) {
      for (const { at, value } of chart.curve.points) {
        const cells = [value.median, value.low, value.high].map(
          (one) => `<td>${chart.value(one)}</td>`,
        );
        const row = `<tr><th scope="row">${chart.at(at)}</th>${cells.join('')}<td>${value.rounds}</td>`;
        expect(page).toContain(row);
      }
    }
    for (const text of [
      '>300<',
      '>5 ms<',
      '>2 MiB<',
      '>worker<',
      '21,000',
      report.advice.exposure.told,
    ]) {
      expect(page).toContain(text);
    }
    expect(page).toContain('segmentBytes: 2097152');
  });

  test('pageOf gives every image a name and words, by ids that are there once', () => {
    const images = page.match(/<svg[^>]*>/g) ?? [];
    expect(images).toHaveLength(8);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id ?? '');
    expect(new Set(ids).size).toBe(ids.length);
    for (const image of images) {
      expect(image).toContain('role="img"');
      const named = /aria-labelledby="([^"]+)"/.exec(image)?.[1]?.split(' ') ?? [];
      expect(named).toHaveLength(2);
      for (const id of named) expect(ids).toContain(id);
    }
    for (const chart of chartsOf(report)) expect(page).toContain(escaped(chartInWords(chart)));
    expect(page).toContain('lang="en"');
    expect(page).toContain('prefers-color-scheme: dark');
  });

  test('pageOf lets the keyboard reach every table that may scroll, by a name', () => {
    const places = page.match(/<div class="wide"[^>]*>/g) ?? [];
    expect(places.length).toBeGreaterThan(5);
    for (const place of places) {
      expect(place).toMatch(/ tabindex="0" role="region" aria-label="[^"]+"/);
    }
  });

  test('pageOf draws no coordinate that is none', () => {
    expect(page.replace(/<script.*<\/script>/s, '')).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  test('pageOf of a run that ended early has its warnings, and no empty chart', () => {
    const empty = { points: [], knee: null };
    const { engine, disk, advice } = report;
    const early = pageOf(
      madeUpReport({
        stopped: { code: 'FULL', message: 'No room' },
        warnings: ['Nothing is durable here'],
        engine: { ...engine, entries: empty, delays: empty, sessions: empty, batches: empty },
        disk: { ...disk, ready: null, growing: null, growth: null, sizes: [], segments: [] },
        advice: { ...advice, expected: { ...advice.expected, durable: null, batched: null } },
        checks: [],
      }),
    );
    expect(early.match(/<svg/g)).toHaveLength(1);
    expect(early.match(/class="warning"/g)).toHaveLength(2);
    expect(early).not.toMatch(/NaN|undefined/);
  });
});

describe('text', () => {
  const told = (report: TuneReport): string => tuneText(report, styleFor('plain'));

  test('tuneText begins with the warnings and ends with what it took', () => {
    const text = told(madeUpReport({ warnings: ['Nothing is durable here'] }));
    expect(text).toMatch(/^! Nothing is durable here\n\nDisk {2}/);
    expect(text).toMatch(/Took 29\.4 s and wrote 500 MB or a little less\.\n$/);
    expect(text).toContain(
      "Store.open(root, { syncEntriesMax: 300, syncDelayMsMax: 5, segmentBytes: 2097152, io: 'worker' })",
    );
    expect(text).toContain(
      '? io pool against worker: 1 (0.200 to 3) times as quick: could not decide',
    );
    expect(text).toMatch(/300 {2,}[\d,]+ {2}█+.* ◂ knee, recommended/);
  });

  test('tuneText says how the settings do against the defaults, for whoever sets nothing', () => {
    const words = 'against the defaults: 1.60 (1.44 to 1.76) times as quick';
    const report = madeUpReport();
    expect(told(report)).toContain(words);
    expect(pageOf(report)).toContain(`Batched, ${words}.`);
    const advice = { ...report.advice, againstDefaults: null };
    expect(told({ ...report, advice })).not.toContain('against the defaults');
  });

  test('tuneText marks a default that nothing speaks for as that, and explains the knee once', () => {
    const report = madeUpReport();
    const { settings, reasons } = report.advice;
    const kept = { from: 'default', why: 'could not decide' } as const;
    const advice = {
      ...report.advice,
      settings: { ...settings, syncEntriesMax: 10 },
      reasons: { ...reasons, syncEntriesMax: kept },
    };
    const text = told({ ...report, advice });
    expect(text).toMatch(/\n +10 .*◂ default\n/);
    expect(text).not.toMatch(/ 300 .*recommended/);
    expect(text.match(/The knee is the first point/g)).toHaveLength(1);
    expect(text).toContain('The default, 100 ms, was not tried here and is not drawn.');
    expect(pageOf({ ...report, advice })).toContain('class="usual"');
  });

  test('tuneText says which of ready and growing space takes longer', () => {
    const of = (growth: TuneReport['disk']['growth']): string => {
      const report = madeUpReport();
      return told({ ...report, disk: { ...report.disk, growth } });
    };
    const spread = { low: 0.1, high: 0.2, rounds: 8 };
    expect(of({ ...spread, median: 0.125 })).toContain(
      'ready space takes 8 (5 to 10) times as long as a growing file',
    );
    expect(of({ median: 2.5, low: 2, high: 3, rounds: 8 })).toContain(
      'a growing file takes 2.50 (2 to 3) times as long as ready space',
    );
  });

  test('tuneText of a run that saw nothing has the defaults and says that they are', () => {
    const empty = { points: [], knee: null };
    const none = { latency: null, perSecond: null, sharedPerSecond: null };
    const report = madeUpReport();
    const text = told({
      ...report,
      stopped: { code: 'TIME', message: 'Not measured to the end: all of it' },
      engine: {
        worker: none,
        pool: none,
        sessions: empty,
        batches: empty,
        payloads: empty,
        entries: empty,
        delays: empty,
      },
      checks: [],
    });
    expect(text).not.toContain('by I/O backend');
    expect(text).not.toContain('Recommended');
    expect(text).toContain('Not enough was measured to recommend anything; these are the defaults');
    expect(text).toMatch(/Not measured to the end: all of it\.\n$/);
  });
});

describe('schema', () => {
  test('breaches finds none in a report, and names a member that is missing, foreign or wrong', () => {
    const report = madeUpReport();
    expect(breaches(JSON.parse(JSON.stringify(report)))).toEqual([]);
    expect(breaches({ ...report, extra: 1 })).toEqual(['report.extra is not in the schema']);
    expect(breaches({ ...report, node: 20 })).toEqual(['report.node is no text']);
    const { schema: _schema, ...rest } = report;
    expect(breaches(rest)).toEqual(['report.schema is none of holdfast.tune/1']);
  });
});
