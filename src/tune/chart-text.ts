/** A curve as bars of characters, one line for each point. Pure. */
import type { Curve } from './curve.ts';

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** How a curve is drawn. */
export interface BarChart {
  readonly curve: Curve;
  /** How a point is called, and how its value is written. */
  readonly at: (at: number) => string;
  readonly value: (value: number) => string;
  /** The point that is recommended; it is marked. */
  readonly marked: number | null;
  /** The default; it is marked as well. */
  readonly usual: number | null;
  /** Columns of the longest bar. */
  readonly columns: number;
}

/** The lines of the chart; none of a curve without points. */
export function barLines(chart: BarChart): readonly string[] {
  const { curve, at, value, marked, usual, columns } = chart;
  const { points, knee } = curve;
  const largest = Math.max(...points.map((point) => point.value.median));
  const names = points.map((point) => at(point.at));
  const texts = points.map((point) => value(point.value.median));
  const width = Math.max(0, ...names.map((name) => name.length));
  const textWidth = Math.max(0, ...texts.map((text) => text.length));
  return points.map((point, index) => {
    const notes = [
      knee?.at === point.at && knee.certainty === 'sure' ? 'knee' : '',
      marked === point.at ? 'recommended' : '',
      usual === point.at ? 'default' : '',
    ].filter((note) => note !== '');
    const note = notes.length === 0 ? '' : `  ◂ ${notes.join(', ')}`;
    const bar = barOf(point.value.median / largest, columns);
    const text = (texts[index] ?? '').padStart(textWidth);
    return `${(names[index] ?? '').padStart(width)}  ${text}  ${bar}${note}`;
  });
}

/** A bar for a share of the whole width, to an eighth of a column. */
export function barOf(share: number, columns: number): string {
  const parts = Math.max(0, Math.round(Math.min(1, share) * columns * 8));
  return '█'.repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? '');
}
