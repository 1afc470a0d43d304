/** A series of numbers as a row of columns, for the terminal. */

const columns = '▁▂▃▄▅▆▇█';
export const widthMax = 60;

/**
 * One column for each value, or for the largest of several when there are more than fit. The
 * highest column is the largest value, and 0 the foot; what is no number is left blank.
 */
export function sparkline(values: readonly number[]): string {
  const width = Math.min(widthMax, values.length);
  const most = Math.max(0, ...values.filter(Number.isFinite));
  let line = '';
  for (let at = 0; at < width; at += 1) {
    const from = Math.floor((at * values.length) / width);
    const to = Math.floor(((at + 1) * values.length) / width);
    const group = values.slice(from, to).filter(Number.isFinite);
    const height = most === 0 ? 0 : Math.max(0, ...group) / most;
    const column = columns[Math.min(columns.length - 1, Math.floor(height * columns.length))];
    line += group.length === 0 ? ' ' : (column ?? ' ');
  }
  return line;
}
