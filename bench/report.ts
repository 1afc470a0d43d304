/** What a benchmark tells: numbers for machines, and the same as a table for people. */
import type { Environment } from './environment.ts';
import type { Failure } from './failure.ts';
import type { Latency } from './latency.ts';
import { sparkline } from './sparkline.ts';

export type Cell = string | number;

/** One line of the table; its keys are the columns. */
export type Row = Readonly<Record<string, Cell>>;

/** A plot: points of `over` and a value, in the order of `over`. */
export interface Series {
  readonly name: string;
  readonly unit: string;
  /** What the points are over, such as `s` or `messages`. */
  readonly over: string;
  /** For sizes that lie far apart. */
  readonly scale?: 'logarithmic';
  readonly points: readonly (readonly [over: number, value: number])[];
  /** A target of the values, as a mark in the plot. */
  readonly atMost?: number;
}

export interface CaseResult {
  readonly case: string;
  /** What was asked for, so that the run can be repeated. */
  readonly settings: Readonly<Record<string, Cell>>;
  readonly rows: readonly Row[];
  /** Further tables, below the first. */
  readonly more?: readonly (readonly Row[])[];
  /** Rows that are too many for a table, by name: only machines get them. */
  readonly data?: Readonly<Record<string, readonly Row[]>>;
  /** Sentences that say what the rows come to, each with its target. */
  readonly findings: readonly string[];
  /** The same as numbers, by name. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly series?: readonly Series[];
}

/** The whole of a run, as `--json` prints it. */
export interface BenchReport {
  readonly schema: 'holdfast.bench/1';
  readonly environment: Environment;
  /** Why the numbers may mean little: a busy machine, an fsync that is none. */
  readonly warnings: readonly string[];
  /** Those that were done. */
  readonly cases: readonly CaseResult[];
  /** What ended the run before all cases were done; null when they are. */
  readonly failure: Failure | null;
}

/** A latency as the columns of a row. */
export function latencyCells(latency: Latency): Row {
  const { count, p50Ms, p90Ms, p99Ms, p999Ms, maxMs } = latency;
  return {
    count,
    'p50 ms': p50Ms,
    'p90 ms': p90Ms,
    'p99 ms': p99Ms,
    'p99.9 ms': p999Ms,
    'max ms': maxMs,
  };
}

/** Where the run was, and whether its fsync was real: nothing is told without it. */
export function environmentLines(environment: Environment): readonly string[] {
  return [
    `Node ${environment.node}, ${environment.system}, ${environment.cores} × ${environment.cpu}`,
    `${environment.fileSystem} at ${environment.directory}, fdatasync median ` +
      `${shown(environment.fdatasyncMedianMs)} ms`,
    ...warningsOf(environment).map((warning) => `WARNING: ${warning}`),
  ];
}

/** Why the numbers may mean little. */
export function warningsOf(environment: Environment): readonly string[] {
  const { loadAverage, cores, isFsyncReal } = environment;
  const busy = `the machine is busy (load ${shown(loadAverage)}); comparisons mean little`;
  const unreal = 'fsync is not real here; nothing below says anything about durability';
  return [...(loadAverage > cores / 2 ? [busy] : []), ...(isFsyncReal ? [] : [unreal])];
}

/** The name of a case with its settings. */
export function headline(result: CaseResult): string {
  const settings = Object.entries(result.settings).map(([name, value]) => `${name} ${value}`);
  return `${result.case} (${settings.join(', ')})`;
}

/** The tables of a case that have rows. */
export function tablesOf(result: CaseResult): readonly (readonly Row[])[] {
  return [result.rows, ...(result.more ?? [])].filter((rows) => rows.length > 0);
}

/** The report for people. */
export function reportText(report: Pick<BenchReport, 'environment' | 'cases'>): string {
  return environmentText(report.environment) + report.cases.map(caseText).join('');
}

/** Its first lines. */
export function environmentText(environment: Environment): string {
  return environmentLines(environment)
    .map((line) => `${line}\n`)
    .join('');
}

/** Its lines of one case, behind an empty one. */
export function caseText(result: CaseResult): string {
  const lines = ['', headline(result)];
  for (const rows of tablesOf(result)) lines.push(...tableLines(rows));
  lines.push(...(result.series ?? []).map(seriesLine));
  lines.push(...result.findings.map((finding) => `  ${finding}`));
  return `${lines.join('\n')}\n`;
}

function seriesLine(series: Series): string {
  const values = series.points.map(([, value]) => value);
  return `  ${series.name}, over ${series.over}: ${sparkline(values)} ${rangeText(values, series.unit)}`;
}

/** From the least to the most, with the unit; what is no number does not count. */
export function rangeText(values: readonly number[], unit: string): string {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return '-';
  const [least, most] = [shown(Math.min(...known)), shown(Math.max(...known))];
  const range = least === most ? least : `${least} to ${most}`;
  return `${range}${unit.startsWith('/') ? '' : ' '}${unit}`.trimEnd();
}

/** All columns of some rows, in the order in which they come up. */
export function columnsOf(rows: readonly Row[]): readonly string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

function tableLines(rows: readonly Row[]): string[] {
  const columns = columnsOf(rows);
  const cells = rows.map((row) => columns.map((column) => shown(row[column] ?? '')));
  const widths = columns.map((column, at) => {
    return Math.max(column.length, ...cells.map((row) => row[at]?.length ?? 0));
  });
  const line = (texts: readonly string[]): string =>
    `  ${texts
      .map((text, at) => (at === 0 ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0)))
      .join('  ')}`;
  return [line(columns), ...cells.map(line)];
}

/** Three significant places are what such a measurement is good for. */
export function shown(value: Cell): string {
  if (typeof value === 'string') return value;
  if (Number.isInteger(value)) return String(value);
  if (!Number.isFinite(value)) return '-';
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
