/** A value in a table; absent prints empty. */
export type Cell = string | number | boolean | undefined;

/** How the values of a column are to be read. */
export type ColumnKind = 'text' | 'count' | 'real' | 'flag';

/**
 * A column of a table of `Row`s: declared once, and the header, the documentation, the CSV, the
 * Parquet schema and the HTML come from it.
 */
export interface Column<Row> {
  /** Lower case with underscores; it ends with its unit where it has one. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** What the value is, in one sentence that ends with its unit where it has one. */
  readonly definition: string;
  readonly value: (row: Row) => Cell;
}

/** Columns and the rows of values under them. */
export interface Table {
  /** What the table is called as a file, without ending: `placement`. */
  readonly name: string;
  readonly columns: readonly TableHead[];
  /** `rows[i][j]` belongs to `columns[j]`. */
  readonly rows: readonly (readonly Cell[])[];
}

export type TableHead = Omit<Column<never>, 'value'>;

/** The values of `rows` under `columns`. A number that is not finite is absent. */
export function tabulate<Row>(
  name: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): Table {
  return {
    name,
    columns: columns.map(({ name, kind, definition }) => ({ name, kind, definition })),
    rows: rows.map((row) => columns.map((column) => finite(column.value(row)))),
  };
}

/** `part / whole`; absent where there is no whole. */
export function share(part: number, whole: number | undefined): number | undefined {
  return whole === undefined || whole === 0 ? undefined : part / whole;
}

/** The values of one column of `table`, by its name; none where there is no such column. */
export function columnValues(table: Table, name: string): readonly Cell[] {
  const index = table.columns.findIndex((column) => column.name === name);
  return index < 0 ? [] : table.rows.map((row) => row[index]);
}

function finite(cell: Cell): Cell {
  return typeof cell === 'number' && !Number.isFinite(cell) ? undefined : cell;
}
