import { stringify } from 'csv-stringify/sync';

import type { Cell, Table } from './table.ts';

/**
 * `table` as CSV: RFC 4180 with a header row, lines ended by CRLF, UTF-8 without a byte order mark;
 * an absent value is an empty field, and numbers read back as the same doubles.
 *
 * Text that a spreadsheet would take for a formula gets an apostrophe in front, which makes it text
 * there and nothing else anywhere. Source: OWASP, CSV Injection.
 */
export function tableToCsv(table: Table): string {
  const rows = [table.columns.map((column) => column.name), ...table.rows.map((row) => [...row])];
  return stringify(
    rows.map((row) => row.map(field)),
    // A lone CR or LF would split a line as well, and only the delimiter itself is quoted unasked.
    { record_delimiter: '\r\n', quoted_match: /[\r\n]/ },
  );
}

function field(cell: Cell): string {
  if (cell === undefined) return '';
  return typeof cell === 'string' ? harmless(cell) : String(cell);
}

/** Full-width forms count as well: some spreadsheets fold them to ASCII first. */
function harmless(text: string): string {
  return /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/.test(text) ? `'${text}` : text;
}
