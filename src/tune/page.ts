/**
 * A report as one page that needs nothing else: no script that runs, no file, no network. Every
 * chart has words and a table, and the report itself lies in it as JSON. Pure.
 */
import type { Latency } from '../platform/latency-histogram.ts';
import { settingsText, settingText } from './advice.ts';
import { chartsOf, kneeInWords, usualInWords } from './charts.ts';
import type { Chart } from './charts.ts';
import { checkName, checksSvg, curveSvg, ratioText } from './chart-svg.ts';
import { element, escaped, table } from './markup.ts';
import { pageStyle } from './page-style.ts';
import { againstDefaultsText, growthText, settingsHeading } from './report-words.ts';
import type { Check, IoReport, TuneReport } from './report.ts';
import type { Spread } from './spread.ts';
import { figure, grouped, milliseconds } from './units.ts';

/** Nothing may be loaded, whatever a name in the report looks like. */
const policy = "default-src 'none'; style-src 'unsafe-inline'";

/** The whole page. */
export function pageOf(report: TuneReport): string {
  const body = [
    heading(report),
    recommended(report),
    expected(report),
    checked(report.checks),
    charts(report),
    disk(report),
    `<script type="application/json" id="report">${jsonInPage(report)}</script>`,
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Holdfast on ${escaped(report.directory)}</title>`,
    `<style>${pageStyle}</style>`,
    '</head>',
    `<body><main>\n${body.filter((part) => part !== '').join('\n')}\n</main></body>`,
    '</html>\n',
  ].join('\n');
}

/** An end of the script in a path would end it here. */
function jsonInPage(report: TuneReport): string {
  return JSON.stringify(report).replaceAll('<', '\\u003c');
}

function heading({ directory, disk: { fileSystem, flush }, ...report }: TuneReport): string {
  const { seconds, bytes, stopped, warnings, node } = report;
  const told = [...warnings, ...(stopped === null ? [] : [`${stopped.message}.`])];
  const facts =
    `${fileSystem}, Node ${node}; ${figure(seconds.taken)} s, ${grouped(bytes.written)} bytes ` +
    `written or a little fewer; flush: ${flush.why}.`;
  return [
    '<h1>What this disk can do</h1>',
    element('p', { class: 'path' }, `<code>${escaped(directory)}</code>`),
    element('p', { class: 'soft' }, escaped(facts)),
    ...told.map((text) => element('p', { class: 'warning' }, escaped(text))),
  ].join('\n');
}

function recommended(report: TuneReport): string {
  const { advice } = report;
  const { settings, reasons, exposure } = advice;
  const tiles = (['syncEntriesMax', 'syncDelayMsMax', 'segmentBytes', 'io'] as const).map((name) =>
    element(
      'div',
      { class: 'card' },
      element('div', { class: 'name' }, name) +
        element('div', { class: 'value' }, escaped(settingText(name, settings[name]))) +
        element('div', { class: 'soft' }, escaped(`${reasons[name].from}: ${reasons[name].why}`)),
    ),
  );
  return [
    `<section><h2>${settingsHeading(report)}</h2>`,
    element('div', { class: 'grid tiles' }, tiles.join('')),
    `<pre>Store.open(root, ${escaped(settingsText(settings))})</pre>`,
    '<h2>What a power cut can cost</h2>',
    `<p>${escaped(exposure.told)}</p></section>`,
  ].join('\n');
}

function expected(report: TuneReport): string {
  const { advice, engine } = report;
  const { expected: told } = advice;
  const latencies = [
    ['durable', told.durable],
    ['batched', told.batched],
  ] as const;
  const rates = [
    ['durable, one session', told.durablePerSecond],
    [`durable, ${told.sharedSessions} sessions`, told.sharedPerSecond],
    ['batched, one session', told.batchedPerSecond],
  ] as const;
  const ioRow = (name: string, { latency, sharedPerSecond }: IoReport): readonly string[] => {
    const [p50 = '-', , p99 = '-'] = latencyCells(latency);
    return [name, p50, p99, spreadCells(sharedPerSecond)[0] ?? '-'];
  };
  const size = `${told.textBytes} bytes of text`;
  const backends = [ioRow('worker', engine.worker), ioRow('pool', engine.pool)];
  const cards = [
    table(
      `Latency, ${size}`,
      ['', ...latencyHeads],
      latencies.map(([name, one]) => {
        return [name, ...latencyCells(one)];
      }),
    ),
    table(
      `Appends per second, ${size}`,
      ['', 'median', 'lowest', 'highest'],
      rates.map(([name, one]) => {
        return [name, ...spreadCells(one)];
      }),
    ),
    table(
      'Durable appends by backend',
      ['io', 'p50', 'p99', `${told.sharedSessions} sessions/s`],
      backends,
    ),
  ];
  const against = againstDefaultsText(report);
  if (against !== '') {
    cards[1] += `<p class="soft">Batched, ${escaped(against)}.</p>`;
  }
  return section(
    'Expect',
    cards.map((content) => element('div', { class: 'card' }, content)),
  );
}

function checked(checks: readonly Check[]): string {
  if (checks.length === 0) return '';
  const answers = { yes: 'better, moved', no: 'not better', undecided: 'could not decide' };
  const rows = checks.map((check) => [checkName(check), ratioText(check), answers[check.isBetter]]);
  const about =
    'Each neighbour over the recommended setting, measured in turns; right of 1× is quicker. The ' +
    'bar is the spread of the rounds, the upright tick is what the neighbour would need to be better. ' +
    'A ring: the rounds do not agree, so nothing was moved.';
  return section('The advice, tried', [
    figureOf(checksSvg(checks), about, table('Checks', ['', 'speed', 'answer'], rows)),
  ]);
}

function charts(report: TuneReport): string {
  return section(
    'Measured',
    chartsOf(report).map((chart) => {
      const heading3 = `<h3>${escaped(chart.title)}</h3>`;
      return figureOf(
        heading3 + curveSvg(chart),
        `${chart.about}${legend(chart)}`,
        pointsTable(chart),
      );
    }),
  );
}

function legend(chart: Chart): string {
  const { curve, marked, usual, at } = chart;
  const isMarked = curve.points.some((point) => point.at === marked);
  const diamond = isMarked ? ' Diamond: recommended.' : '';
  const isSquare = usual !== marked && curve.points.some((point) => point.at === usual);
  const usualText = usualInWords(chart);
  const square = `${usualText && ` ${usualText}`}${isSquare ? ' Square: the default.' : ''}`;
  if (curve.knee === null) return `${diamond}${square}`;
  const isTaken = curve.knee.at === usual || (isMarked && curve.knee.at === marked);
  const isRing = curve.knee.certainty === 'sure' && !isTaken;
  return `${diamond}${square} ${kneeInWords(curve.knee, at)}${isRing ? ' Ring: the knee.' : ''}`;
}

function pointsTable({ curve, at, value, atName, valueName }: Chart): string {
  const rows = curve.points.map((point) => {
    const { median, low, high, rounds } = point.value;
    return [at(point.at), value(median), value(low), value(high), String(rounds)];
  });
  return table(valueName, [atName, 'median', 'lowest', 'highest', 'rounds'], rows);
}

function disk({ disk: { ready, growing, growth } }: TuneReport): string {
  if (ready === null) return '';
  const rows = [
    ['ready space', ...latencyCells(ready)],
    ['growing file', ...latencyCells(growing)],
  ];
  const told =
    growth === null ? '' : `<p class="soft">${escaped(capital(growthText(growth)))}.</p>`;
  const content = table('pwrite and fdatasync of 4 KiB', ['', ...latencyHeads], rows) + told;
  return section('The bare disk', [element('div', { class: 'card' }, content)]);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function section(title: string, cards: readonly string[]): string {
  if (cards.length === 0) return '';
  return `<section><h2>${title}</h2>${element('div', { class: 'grid' }, cards.join('\n'))}</section>`;
}

function figureOf(content: string, caption: string, numbers: string): string {
  const words = `<figcaption>${escaped(caption)}</figcaption>`;
  const details = `<details><summary>The numbers</summary>${numbers}</details>`;
  return element('figure', { class: 'card' }, content + words + details);
}

const latencyHeads = ['p50', 'p90', 'p99', 'longest'];

function latencyCells(latency: Latency | null): readonly string[] {
  if (latency === null) return latencyHeads.map(() => '-');
  const { p50Ms, p90Ms, p99Ms, maxMs } = latency;
  return [p50Ms, p90Ms, p99Ms, maxMs].map(milliseconds);
}

function spreadCells(spread: Spread | null): readonly string[] {
  if (spread === null) return ['-', '-', '-'];
  return [spread.median, spread.low, spread.high].map((rate) => grouped(Math.round(rate)));
}
