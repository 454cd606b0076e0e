import { parquetWriteBuffer, type BasicType } from 'hyparquet-writer';

import type { Cell, ColumnKind, Table } from './table.ts';

/**
 * `table` as a Parquet file: text as UTF-8, counts as 64-bit integers, other numbers as doubles, flags as booleans; an
 * absent value is null. A count that is no whole number, such as a mean over sampled accesses, makes its column doubles.
 */
export function tableToParquet(table: Table): Uint8Array {
  const columnData = table.columns.map(({ name, kind }, i) => {
    const cells = table.rows.map((row) => row[i]);
    const type = kind === 'count' && !cells.every(isWhole) ? 'DOUBLE' : TYPES[kind];
    const data = type === 'INT64' ? cells.map(toBigInt) : cells.map((cell) => cell ?? null);
    return { name, type, data, nullable: true };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

const TYPES: Readonly<Record<ColumnKind, BasicType>> = {
  text: 'STRING',
  count: 'INT64',
  real: 'DOUBLE',
  flag: 'BOOLEAN',
};

function isWhole(cell: Cell): boolean {
  return cell === undefined || Number.isSafeInteger(cell);
}

function toBigInt(cell: Cell): bigint | null {
  return cell === undefined ? null : BigInt(cell);
}
