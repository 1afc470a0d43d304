/** The report of `tune` for people: warnings first, then what was seen, and at last what to set. */
import { settingsText, settingText } from '../tune/advice.ts';
import { chartsOf, usualInWords } from '../tune/charts.ts';
import type { Chart } from '../tune/charts.ts';
import { barLines } from '../tune/chart-text.ts';
import {
  againstDefaultsText,
  growthText,
  kneeExplained,
  settingsHeading,
  spreadText,
} from '../tune/report-words.ts';
import type { Check, IoReport, Settings, TuneReport } from '../tune/report.ts';
import type { Spread } from '../tune/spread.ts';
import { figure, grouped, milliseconds } from '../tune/units.ts';
import type { Latency } from '../platform/latency-histogram.ts';
import type { Style } from './talk.ts';
import { bytes, harmless, oneLine, wrapped } from './text.ts';

const barColumns = 32;

/** The whole report, with a line end. */
export function tuneText(report: TuneReport, style: Style): string {
  const parts = [
    ...report.warnings.map((warning) => style.yellow(wrapped(`! ${harmless(warning)}`, 0, 2))),
    diskText(report, style),
    ioText(report, style),
    ...chartTexts(report, style),
    checksText(report.checks, style),
    adviceText(report, style),
    endText(report),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function diskText({ disk, directory }: TuneReport, style: Style): string {
  const { fileSystem, ready, growing, growth, flush } = disk;
  const lines = [`${style.bold('Disk')}  ${oneLine(directory, 60)} (${fileSystem})`];
  if (ready !== null) lines.push(`  write and sync, ready space    ${latencyText(ready)}`);
  if (growing !== null) lines.push(`  write and sync, growing file   ${latencyText(growing)}`);
  if (growth !== null) {
    lines.push(wrapped(growthText(growth), 2, 4));
  }
  if (flush.verdict === 'real') lines.push(`  flush: ${flush.why}`);
  if (flush.verdict === 'unknown') lines.push(`  flush: nobody can tell, ${flush.why}`);
  return lines.join('\n');
}

function ioText({ engine }: TuneReport, style: Style): string {
  const { worker, pool } = engine;
  if (worker.latency === null || pool.latency === null) return '';
  const line = (name: string, { latency, sharedPerSecond }: IoReport): string => {
    const shared = sharedPerSecond === null ? '' : `, shared ${rateText(sharedPerSecond)}`;
    return `  ${name.padEnd(7)} ${latency === null ? '-' : latencyText(latency)}${shared}`;
  };
  return [
    `${style.bold('Durable appends')}  by I/O backend`,
    line('worker', worker),
    line('pool', pool),
  ].join('\n');
}

function chartText(chart: Chart, style: Style): string {
  const lines = barLines({ ...chart, columns: barColumns }).map((line) => `  ${line}`);
  const heading = `${style.bold(chart.title)}  ${chart.valueName} by ${chart.atName}`;
  const { curve, usual } = chart;
  const isDrawn = usual === null || curve.points.some((point) => point.at === usual);
  return [heading, ...lines, ...(isDrawn ? [] : [`  ${usualInWords(chart)}`])].join('\n');
}

/** The charts; the first one with a knee says what that is. */
function chartTexts(report: TuneReport, style: Style): readonly string[] {
  const charts = chartsOf(report);
  const first = charts.findIndex(({ curve }) => curve.knee?.certainty === 'sure');
  return charts.map((chart, at) => {
    return chartText(chart, style) + (at === first ? `\n  ${kneeExplained}` : '');
  });
}

function checksText(checks: readonly Check[], style: Style): string {
  if (checks.length === 0) return '';
  const marks = { yes: style.yellow('→'), no: style.green('✓'), undecided: '?' };
  const lines = checks.map(({ setting, recommended, neighbour, ratio, isBetter }) => {
    const [from, to] = [settingText(setting, recommended), settingText(setting, neighbour)];
    const speed = ratio === null ? 'not measured' : `${spreadText(ratio)} times as quick`;
    const ends = { yes: ': better, moved', no: '', undecided: ': could not decide' };
    return `  ${marks[isBetter]} ${setting} ${to} against ${from}: ${speed}${ends[isBetter]}`;
  });
  return [style.bold('The advice, tried against its neighbours in turns'), ...lines].join('\n');
}

function adviceText(report: TuneReport, style: Style): string {
  const { advice } = report;
  const { settings, reasons, expected, exposure } = advice;
  const names = ['syncEntriesMax', 'syncDelayMsMax', 'segmentBytes', 'io'] as const;
  const rows = names.map((name) => reasonText(name, settings, reasons[name].why));
  const against = againstDefaultsText(report);
  const expect = [
    expected.durable === null ? '' : `  durable  ${latencyText(expected.durable)}`,
    rateLine('           one session alone', expected.durablePerSecond),
    rateLine(`           ${expected.sharedSessions} sessions together`, expected.sharedPerSecond),
    expected.batched === null ? '' : `  batched  ${latencyText(expected.batched)}`,
    rateLine('           one session alone', expected.batchedPerSecond),
    against === '' ? '' : `           ${against}`,
  ].filter((line) => line !== '');
  return [
    style.bold(settingsHeading(report)),
    ...rows,
    '',
    `  Store.open(root, ${settingsText(settings)})`,
    '',
    ...(expect.length === 0 ? [] : [style.bold('Expect'), ...expect, '']),
    style.bold('Exposure'),
    wrapped(exposure.told, 2),
  ].join('\n');
}

function reasonText(name: keyof Settings, settings: Settings, why: string): string {
  const head = `  ${name.padEnd(15)} ${settingText(name, settings[name]).padEnd(8)}`;
  return wrapped(`${head} ${why}`, 0, 27).trimStart().replace(/^/, '  ');
}

function rateLine(what: string, rate: Spread | null): string {
  return rate === null ? '' : `${what}: ${rateText(rate)}`;
}

function endText({ seconds, bytes: written, stopped }: TuneReport): string {
  const took = `Took ${figure(seconds.taken)} s and wrote ${bytes(written.written)} or a little less.`;
  return stopped === null ? took : `${took}\n${wrapped(`${stopped.message}.`, 0)}`;
}

function latencyText({ p50Ms, p99Ms, maxMs }: Latency): string {
  return `p50 ${milliseconds(p50Ms)}, p99 ${milliseconds(p99Ms)}, longest ${milliseconds(maxMs)}`;
}

function rateText({ median, low, high }: Spread): string {
  const [middle, from, to] = [median, low, high].map((rate) => grouped(Math.round(rate)));
  return `${middle}/s (${from} to ${to})`;
}
