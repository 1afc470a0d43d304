/** A series as inline SVG: axes with numbers, the target as a dashed line, and all of it in words. */
import { rangeText, shown } from './report.ts';
import type { Series } from './report.ts';

const [width, height] = [400, 176] as const;
const frame = { left: 46, right: 12, top: 22, bottom: 34 } as const;
const inner = {
  width: width - frame.left - frame.right,
  height: height - frame.top - frame.bottom,
} as const;
const bottom = height - frame.bottom;
const right = width - frame.right;
/** More points are told apart by their line alone. */
const dotsMax = 20;
const ticksAbout = 4;
/** Labels of the lower axis that stand nearer to each other would touch. */
const labelWidth = 52;

/** What the page's style sheet must say for it. */
export const plotStyle = `
  .plots { display: grid; gap: 1rem; }
  .plots { grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); }
  figure { margin: 0; max-width: 36rem; }
  figcaption { font-size: .9rem; }
  svg { display: block; width: 100%; height: auto; }
  svg text { font: 11px system-ui, sans-serif; fill: currentColor; }
  svg line { stroke: var(--faint); }
  svg .target { stroke: var(--mark); stroke-width: 1.5; stroke-dasharray: 6 4; }
  polyline { fill: none; stroke: var(--line); stroke-width: 1.5; stroke-linejoin: round; }
  circle { fill: var(--line); }
`;

/** The figure. `escape` makes text of a page. */
export function figure(series: Series, escape: (text: string) => string): string {
  const words = escape(plotWords(series));
  return (
    `<figure><figcaption>${words}</figcaption>` +
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${words}">` +
    `${drawing(series, escape)}</svg></figure>`
  );
}

/** What it shows, for whoever does not see it. */
export function plotWords({ name, unit, over, points, atMost }: Series): string {
  const values = points.map(([, value]) => value);
  const places = points.filter(([, value]) => Number.isFinite(value)).map(([at]) => round(at));
  const target = atMost === undefined ? '' : `; target: at most ${rangeText([atMost], unit)}`;
  return `${name}: ${rangeText(values, unit)}, over ${rangeText(places, over)}${target}`;
}

function drawing(series: Series, escape: (text: string) => string): string {
  const points = series.points.filter(([, value]) => Number.isFinite(value));
  const ups = upwardTicks(Math.max(0, series.atMost ?? 0, ...points.map(([, value]) => value)));
  const [along, up] = [alongOf(series, points), upOf(ups.at(-1) ?? 1)];
  const places = points.map(([at, value]) => `${along(at).toFixed(1)},${up(value).toFixed(1)}`);
  const marks = ups.map((value) => {
    const y = up(value).toFixed(1);
    return line(frame.left, y, right) + text(frame.left - 6, Number(y) + 4, 'end', tick(value));
  });
  const labels = lowerTicks(series, points, along).map((at) => {
    return text(along(at), bottom + 15, 'middle', tick(at));
  });
  const unit = series.unit === '' ? '' : text(frame.left - 6, 9, 'end', escape(series.unit));
  const over = text(right, height - 4, 'end', escape(series.over));
  const dots = points.length > dotsMax ? [] : places.map(dot);
  const target = series.atMost === undefined ? '' : targetLine(series.atMost, up);
  const axes = [...marks, ...labels, unit, over, target].join('');
  return `<g>${axes}</g><g><polyline points="${places.join(' ')}"/>${dots.join('')}</g>`;
}

function targetLine(atMost: number, up: (value: number) => number): string {
  const y = up(atMost);
  const words = text(right, y - 4, 'end', `target: at most ${shown(atMost)}`);
  return line(frame.left, y.toFixed(1), right, 'target') + words;
}

type Points = Series['points'];

/** 0 is at the foot. */
function upOf(most: number): (value: number) => number {
  return (value) => bottom - (value / most) * inner.height;
}

/** From the first point to the last; a single one stands in the middle. */
function alongOf({ scale }: Series, points: Points): (at: number) => number {
  const scaled = (at: number): number => (scale === 'logarithmic' ? Math.log(Math.max(1, at)) : at);
  const [first, last] = [scaled(points[0]?.[0] ?? 0), scaled(points.at(-1)?.[0] ?? 0)];
  if (last === first) return () => frame.left + inner.width / 2;
  return (at) => frame.left + ((scaled(at) - first) / (last - first)) * inner.width;
}

/** From 0 in even steps of 1, 2 or 5 times a power of ten, up to the first that is no less. */
export function upwardTicks(most: number): readonly number[] {
  if (!(most > 0)) return [0, 1];
  const step = stepOf(most / ticksAbout);
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, at) => at * step);
}

function stepOf(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return (([1, 2, 5] as const).find((one) => one * power >= least * 0.999_999) ?? 10) * power;
}

/** Sizes that were measured where they lie far apart, and else even steps. */
function lowerTicks(
  { scale }: Series,
  points: Points,
  along: (at: number) => number,
): readonly number[] {
  const [first, last] = [points[0]?.[0], points.at(-1)?.[0]];
  if (first === undefined || last === undefined) return [];
  const even = upwardTicks(last).filter((value) => along(value) > frame.left - 1);
  const steps = even.length === 0 ? [first] : even;
  const all = scale === 'logarithmic' ? points.map(([at]) => at) : steps;
  const kept: number[] = [];
  for (const at of all) {
    const before = kept.at(-1);
    const isFree = before === undefined || along(at) - along(before) >= labelWidth;
    if (isFree && along(at) < right + 1) kept.push(at);
  }
  return kept;
}

/** `0.2` and not `0.200`; long numbers by thousands and millions. */
function tick(value: number): string {
  if (value >= 1e6) return `${round(value / 1e6)} M`;
  return value >= 10_000 ? `${round(value / 1000)} k` : String(round(value));
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

function line(x1: number, y: string, x2: number, name = 'grid'): string {
  return `<line x1="${x1}" y1="${y}" x2="${x2}" y2="${y}" class="${name}"/>`;
}

function text(x: number, y: number, anchor: 'middle' | 'end', content: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${content}</text>`;
}

function dot(place: string): string {
  const [x = '0', y = '0'] = place.split(',');
  return `<circle cx="${x}" cy="${y}" r="3"/>`;
}
