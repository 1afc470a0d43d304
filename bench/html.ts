/** The report as one page that needs nothing else: tables, findings and plots, light and dark. */
import { columnsOf, environmentLines, headline, shown, tablesOf } from './report.ts';
import type { BenchReport, CaseResult, Row, Series } from './report.ts';

const [width, height, margin] = [640, 160, 8] as const;

const style = `
  :root { color-scheme: light dark; --line: #1f6feb; --faint: #8888; }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
  .wide { overflow-x: auto; margin: .8rem 0; }
  table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
  th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--faint); white-space: nowrap; }
  th, td + td { text-align: right; }
  th:first-child { text-align: left; }
  figure { margin: 1.2rem 0; }
  figcaption { font-size: .9rem; }
  svg { width: 100%; max-width: ${width}px; height: auto; border: 1px solid var(--faint); }
  polyline { fill: none; stroke: var(--line); stroke-width: 1.5; }
  circle { fill: var(--line); }
`;

export function reportHtml(report: BenchReport): string {
  const places = environmentLines(report.environment).map((line) => `<p>${escaped(line)}</p>`);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Holdfast benchmarks</title><style>${style}</style></head><body>`,
    '<h1>Holdfast benchmarks</h1>',
    ...places,
    ...report.cases.map(section),
    ...ending(report),
    '</body></html>',
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
    ...(result.series ?? []).map(figure),
    `<ul>${result.findings.map((finding) => `<li>${escaped(finding)}</li>`).join('')}</ul>`,
  ].join('\n');
}

function table(rows: readonly Row[]): string {
  const columns = columnsOf(rows);
  const head = columns.map((column) => `<th>${escaped(column)}</th>`).join('');
  const body = rows.map((row) => {
    return `<tr>${columns.map((column) => `<td>${escaped(shown(row[column] ?? ''))}</td>`).join('')}</tr>`;
  });
  return `<div class="wide"><table><tr>${head}</tr>${body.join('\n')}</table></div>`;
}

/** The highest point is at the top, and 0 at the foot. */
function figure(series: Series): string {
  const { name, unit, over } = series;
  const points = series.points.filter(([, value]) => Number.isFinite(value));
  const along = (value: number): number =>
    series.scale === 'logarithmic' ? Math.log(Math.max(1, value)) : value;
  const from = along(points[0]?.[0] ?? 0);
  const span = along(points.at(-1)?.[0] ?? 0) - from || 1;
  const most = Math.max(0, ...points.map(([, value]) => value)) || 1;
  const places = points.map(([at, value]) => {
    const x = margin + ((along(at) - from) / span) * (width - 2 * margin);
    const y = height - margin - (value / most) * (height - 2 * margin);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const dots = points.length > 20 ? [] : places.map(dot);
  const caption =
    `${name}: at most ${shown(most)} ${unit}, over ${over} from ${shown(points[0]?.[0] ?? 0)} ` +
    `to ${shown(points.at(-1)?.[0] ?? 0)}`;
  return (
    `<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(caption)}">` +
    `<polyline points="${places.join(' ')}"/>${dots.join('')}</svg>` +
    `<figcaption>${escaped(caption)}</figcaption></figure>`
  );
}

function dot(place: string): string {
  const [x = '0', y = '0'] = place.split(',');
  return `<circle cx="${x}" cy="${y}" r="3"/>`;
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
