/** Tables that people read: one kind of column for every command that prints one. */

/** A column; the last one of a table has no width and takes what there is. */
export interface Column {
  readonly name: string;
  /** Characters; a cell that is longer pushes the others on. */
  readonly width: number;
  readonly side: 'left' | 'right';
}

/** A column of words. */
export function left(name: string, width = 0): Column {
  return { name, width, side: 'left' };
}

/** A column of numbers. */
export function right(name: string, width: number): Column {
  return { name, width, side: 'right' };
}

/** The names of the columns in one line. */
export function headingOf(columns: readonly Column[]): string {
  return lineOf(columns.map((column) => padded(column, column.name)));
}

/** One line of the table, with a cell for each column; `mark` colours the first one. */
export function rowOf(
  columns: readonly Column[],
  cells: readonly string[],
  mark: (text: string) => string = (text) => text,
): string {
  const texts = columns.map((column, at) => padded(column, cells[at] ?? ''));
  return lineOf(texts.map((text, at) => (at === 0 ? mark(text) : text)));
}

function padded({ width, side }: Column, text: string): string {
  return side === 'left' ? text.padEnd(width) : text.padStart(width);
}

function lineOf(cells: readonly string[]): string {
  return cells.join('  ').trimEnd();
}
