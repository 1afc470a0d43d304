/** What a benchmark tells: numbers for machines, and the same as a table for people. */
import type { Environment } from './environment.ts';
import type { Latency } from './latency.ts';

export type Cell = string | number;

/** One line of the table; its keys are the columns. */
export type Row = Readonly<Record<string, Cell>>;

export interface CaseResult {
  readonly case: string;
  /** What was asked for, so that the run can be repeated. */
  readonly settings: Readonly<Record<string, Cell>>;
  readonly rows: readonly Row[];
  /** Sentences that say what the rows come to, each with its target. */
  readonly findings: readonly string[];
  /** The same as numbers, by name. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** The whole of a run, as `--json` prints it. */
export interface BenchReport {
  readonly schema: 'holdfast.bench/1';
  readonly environment: Environment;
  readonly cases: readonly CaseResult[];
}

/** A latency as the columns of a row. */
export function latencyCells(latency: Latency): Row {
  const { count, p50Ms, p90Ms, p99Ms, maxMs } = latency;
  return { count, 'p50 ms': p50Ms, 'p90 ms': p90Ms, 'p99 ms': p99Ms, 'max ms': maxMs };
}

/** The report for people. */
export function reportText(report: BenchReport): string {
  const { environment } = report;
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
  for (const result of report.cases) {
    const settings = Object.entries(result.settings).map(([name, value]) => `${name} ${value}`);
    lines.push('', `${result.case} (${settings.join(', ')})`, ...tableLines(result.rows));
    lines.push(...result.findings.map((finding) => `  ${finding}`));
  }
  return `${lines.join('\n')}\n`;
}

function tableLines(rows: readonly Row[]): string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
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
