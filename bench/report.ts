/** What a benchmark tells: numbers for machines, and the same as a table for people. */
import type { Environment } from './environment.ts';
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
  readonly cases: readonly CaseResult[];
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
  const lines = [
    `Node ${environment.node}, ${environment.system}, ${environment.cores} × ${environment.cpu}`,
    `${environment.fileSystem} at ${environment.directory}, fdatasync median ` +
      `${shown(environment.fdatasyncMedianMs)} ms`,
  ];
  if (environment.loadAverage > environment.cores / 2) {
    lines.push(
      `WARNING: the machine is busy (load ${shown(environment.loadAverage)}); comparisons mean little`,
    );
  }
  if (!environment.isFsyncReal) {
    lines.push('WARNING: fsync is not real here; nothing below says anything about durability');
  }
  return lines;
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
export function reportText(report: BenchReport): string {
  const lines = [...environmentLines(report.environment)];
  for (const result of report.cases) {
    lines.push('', headline(result));
    for (const rows of tablesOf(result)) lines.push(...tableLines(rows));
    lines.push(...(result.series ?? []).map(seriesLine));
    lines.push(...result.findings.map((finding) => `  ${finding}`));
  }
  return `${lines.join('\n')}\n`;
}

function seriesLine({ name, unit, over, points }: Series): string {
  const values = points.map(([, value]) => value);
  const known = values.filter(Number.isFinite);
  const ends = `${shown(Math.min(...known))} to ${shown(Math.max(...known))} ${unit}`.trim();
  return `  ${name}, over ${over}: ${sparkline(values)} ${known.length === 0 ? '-' : ends}`;
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
