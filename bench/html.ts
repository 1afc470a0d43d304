/** The report as one page that needs nothing else: tables, findings and plots, light and dark. */
import { figure, plotStyle } from './plot.ts';
import { columnsOf, environmentLines, headline, shown, tablesOf } from './report.ts';
import type { BenchReport, CaseResult, Row } from './report.ts';

const style = `
  :root { color-scheme: light dark; --line: #1f6feb; --mark: #d1242f; --faint: #8888; }
  :root { background: #fff; color: #1f2328; }
  @media (prefers-color-scheme: dark) {
    :root { --line: #6cb0ff; --mark: #ff8a80; background: #14171a; color: #e6e8ea; }
  }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
  .wide { overflow-x: auto; margin: .8rem 0; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--faint); white-space: nowrap; }
  th, td + td { text-align: right; }
  th:first-child { text-align: left; }
  ${plotStyle}
`;

export function reportHtml(report: BenchReport): string {
  const places = environmentLines(report.environment).map((line) => `<p>${escaped(line)}</p>`);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Holdfast benchmarks</title><style>${style}</style></head><body><main>`,
    '<h1>Holdfast benchmarks</h1>',
    ...places,
    ...report.cases.map(section),
    ...ending(report),
    '</main></body></html>',
    '',
  ].join('\n');
}

/** That it is not the whole run. */
function ending({ failure }: BenchReport): readonly string[] {
  if (failure === null) return [];
  const what =
    failure.case === null ? 'The run has ended early' : `${failure.case} was not measured`;
  return [`<p><strong>${escaped(`${what}: ${failure.message}`)}</strong></p>`];
}

function section(result: CaseResult): string {
  return [
    `<h2>${escaped(headline(result))}</h2>`,
    ...tablesOf(result).map(table),
    ...plots(result),
    `<ul>${result.findings.map((finding) => `<li>${escaped(finding)}</li>`).join('')}</ul>`,
  ].join('\n');
}

function table(rows: readonly Row[]): string {
  const columns = columnsOf(rows);
  const head = columns.map((column) => `<th>${escaped(column)}</th>`).join('');
  const body = rows.map((row) => {
    return `<tr>${columns.map((column) => `<td>${escaped(shown(row[column] ?? ''))}</td>`).join('')}</tr>`;
  });
  return `<div class="wide" tabindex="0"><table><tr>${head}</tr>${body.join('\n')}</table></div>`;
}

function plots({ series = [] }: CaseResult): readonly string[] {
  if (series.length === 0) return [];
  return ['<div class="plots">', ...series.map((one) => figure(one, escaped)), '</div>'];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => entities[char] ?? char);
}
