import type { RunRecord } from '@tierlab/core';

import type { BesideRecords } from './beside-records.ts';
import { placementTable } from './placement.ts';
import { policyLabel } from './run-set.ts';
import type { Cell, Table } from './table.ts';

/** Heads and rows of text, as a terminal or Markdown shows them. */
export interface TextTable {
  readonly columns: readonly { readonly head: string; readonly align: 'left' | 'right' }[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * The placement of each run in the few columns that a terminal has room for; rulers are marked by
 * an asterisk. The columns trace, machine and seed are there only where they tell runs apart.
 */
export function placementSummary(
  records: readonly RunRecord[],
  beside: BesideRecords = {},
): TextTable {
  const table = placementTable(records, beside);
  const cell = (row: number, name: string): Cell =>
    table.rows[row]?.[table.columns.findIndex((column) => column.name === name)];
  const differs = (name: string): boolean =>
    new Set(table.rows.map((_, row) => cell(row, name)).filter((value) => value !== undefined))
      .size > 1;

  const nodes = table.columns.flatMap((column) => {
    const id = /^node(\d+)_access_share$/.exec(column.name)?.[1];
    return id === undefined ? [] : [id];
  });
  const shown: readonly Shown[] = [
    ...['trace', 'machine'].filter(differs).map((name): Shown => text(name, name)),
    {
      head: 'policy',
      align: 'left',
      show: (row) => {
        const record = records[row];
        if (!record) return printable(String(cell(row, 'policy') ?? ''));
        return printable(policyLabel(record)) + (cell(row, 'ruler') === true ? ' *' : '');
      },
    },
    ...nodes
      .filter((id) => differs(`node${id}_capacity_bytes`))
      .map((id) => number(`node${id} size`, `node${id}_capacity_bytes`, showBytes)),
    ...(differs('seed') ? [number('seed', 'seed', String)] : []),
    ...nodes.map((id) => number(`node${id}`, `node${id}_access_share`, showPercent)),
    number('promotions', 'promotions_pages', showCount),
    number('demotions', 'demotions_pages', showCount),
    number('moved', 'migration_bytes', showBytes),
    number('refused', 'moves_refused', showCount),
    number('time', 'estimated_time_ns', showTime),
    number('slowdown', 'slowdown', (value) => value.toFixed(3)),
    ...(beside.costs
      ? [number(beside.costs.currency, `cost_${beside.costs.currency.toLowerCase()}`, showAmount)]
      : []),
    ...(beside.refused?.length ? [text('no run', 'refusal_code')] : []),
  ];
  return {
    columns: shown.map(({ head, align }) => ({ head, align })),
    rows: table.rows.map((_, row) => shown.map((column) => column.show(row))),
  };

  function text(head: string, name: string): Shown {
    return { head, align: 'left', show: (row) => printable(String(cell(row, name) ?? '')) };
  }
  function number(head: string, name: string, show: (value: number) => string): Shown {
    return {
      head,
      align: 'right',
      show: (row) => {
        const value = cell(row, name);
        return typeof value === 'number' ? show(value) : '';
      },
    };
  }
}

interface Shown {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly show: (row: number) => string;
}

/** Every column and value of `table` as text. */
export function textTable(table: Table): TextTable {
  return {
    columns: table.columns.map(({ name, kind }) => ({
      head: name,
      align: kind === 'text' || kind === 'flag' ? 'left' : 'right',
    })),
    rows: table.rows.map((row) =>
      row.map((cell) => printable(cell === undefined ? '' : String(cell))),
    ),
  };
}

/** 0.1234 is `12.3 %`. */
export function showPercent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}

/** Groups of three digits, separated by commas. */
export function showCount(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

/** 1234.567 is `1235`, 0.0012345 is `0.001235`. */
export function showAmount(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** 1536 is `1.5 KiB`. */
export function showBytes(value: number): string {
  return scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']);
}

/** 1500 is `1.5 us`. */
export function showTime(valueNs: number): string {
  return valueNs < 1e9
    ? scaled(valueNs, 1000, ['ns', 'us', 'ms'])
    : scaled(valueNs / 1e9, 1000, ['s', 'ks', 'Ms']);
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let unit = 0;
  while (Math.abs(value) >= step && unit < units.length - 1) {
    value /= step;
    unit++;
  }
  const digits =
    Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) < 10 ? 2 : 1;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Characters that a terminal or browser would obey (control, direction), as visible ones. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD');
}
