import { stripVTControlCharacters } from 'node:util';

/** A column of a terminal table: its head, and the side that its cells lean to. */
export interface TableColumn {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

/**
 * Rows of text as an aligned table, ending with a newline.
 *
 * Columns are two blanks apart, a line of dashes stands under the heads, and no line ends in blanks.
 * Every row has as many cells as there are columns.
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): string {
  const widths = columns.map((column, i) =>
    Math.max(displayWidth(column.head), ...rows.map((row) => displayWidth(row[i] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, i) => pad(cells[i] ?? '', widths[i] ?? 0, column.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [
    line(columns.map((column) => column.head)),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    '',
  ].join('\n');
}

/** Cells that `text` takes on a terminal, escape sequences for colour not counted. */
export function displayWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? blanks + text : text + blanks;
}
