import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DuckDBInstance } from '@duckdb/node-api';
import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';

import { madeRecord, madeSweep } from '../test/made-records.ts';
import { tableToCsv } from './csv.ts';
import { compareResults, differencesTable } from './difference.ts';
import { intervalsTable } from './intervals.ts';
import { thresholdsToJunit } from './junit.ts';
import { tableToMarkdown } from './markdown.ts';
import { tableToParquet } from './parquet.ts';
import { placementTable } from './placement.ts';
import type { Table } from './table.ts';
import { textTable } from './terminal.ts';

function untyped(cell: unknown): unknown {
  if (cell === '') return null;
  return typeof cell === 'string' && /^-?\d/.test(cell) ? Number(cell) : cell;
}

test('Parquet and CSV are one table to DuckDB', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tierlab-parquet-'));
  const duckdb = await (await DuckDBInstance.create(':memory:')).connect();
  for (const table of [placementTable(madeSweep()), intervalsTable(madeSweep())]) {
    const file = join(directory, table.name);
    writeFileSync(`${file}.parquet`, tableToParquet(table));
    writeFileSync(`${file}.csv`, tableToCsv(table));
    const all = `select count(*) from '${file}.parquet'`;
    expect((await duckdb.runAndReadAll(all)).getRowsJson()).toEqual([[String(table.rows.length)]]);
    // CSV has no types: whole numbers of a column of doubles come back as integers, absent text as ''.
    const rows = async (ending: string) =>
      (await duckdb.runAndReadAll(`select * from '${file}.${ending}'`))
        .getRowsJson()
        .map((row) => row.map(untyped));
    expect(await rows('parquet')).toEqual(await rows('csv'));
  }
  duckdb.closeSync();
  rmSync(directory, { recursive: true });
});

test('Parquet keeps types, absent values and counts that are not whole', async () => {
  const table: Table = {
    name: 't',
    columns: [
      { name: 'text', kind: 'text', definition: '' },
      { name: 'count', kind: 'count', definition: '' },
      { name: 'sampled', kind: 'count', definition: '' },
      { name: 'real', kind: 'real', definition: '' },
      { name: 'flag', kind: 'flag', definition: '' },
    ],
    rows: [
      ['=a', 2 ** 53 - 1, 0.5, 1, true],
      [undefined, undefined, undefined, undefined, undefined],
    ],
  };
  const { buffer } = tableToParquet(table);
  expect(await parquetReadObjects({ file: buffer as ArrayBuffer })).toEqual([
    { text: '=a', count: 9_007_199_254_740_991n, sampled: 0.5, real: 1, flag: true },
    { text: null, count: null, sampled: null, real: null, flag: null },
  ]);
});

test('Markdown: pipes, markup and line breaks stay in their cell', () => {
  const table = textTable({
    name: 't',
    columns: [
      { name: 'policy', kind: 'text', definition: '' },
      { name: 'time_ns', kind: 'real', definition: '' },
    ],
    rows: [
      ['a|b', 1.5],
      ['<b>*x*</b>\n`y`', undefined],
    ],
  });
  expect(tableToMarkdown(table)).toBe(
    [
      String.raw`| policy | time\_ns |`,
      '| :-- | --: |',
      String.raw`| a\|b | 1.5 |`,
      `| \\<b\\>\\*x\\*\\</b\\>\uFFFD\\\`y\\\` |  |`,
      '',
    ].join('\n'),
  );
});

test('JUnit: held, crossed and missing', () => {
  const threshold = 'slowdown > 1.05';
  expect(
    thresholdsToJunit([
      { threshold, run: 'a "quoted" <run>', value: 1.01, crossed: false },
      { threshold, run: 'b', value: 1.2, crossed: true },
      { threshold, run: 'c', crossed: false },
    ]),
  ).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" skipped="1">
  <testsuite name="slowdown &#62; 1.05" tests="3" failures="1" skipped="1">
    <testcase classname="slowdown &#62; 1.05" name="a &#34;quoted&#34; &#60;run&#62;"/>
    <testcase classname="slowdown &#62; 1.05" name="b"><failure message="1.2 crosses slowdown &#62; 1.05"/></testcase>
    <testcase classname="slowdown &#62; 1.05" name="c"><skipped message="no such value"/></testcase>
  </testsuite>
</testsuites>
`);
});

test('two results: runs of one alone, values that differ, and a tolerance', () => {
  const before = [madeRecord({ policy: 'a' }), madeRecord({ policy: 'b' })];
  const after = [
    madeRecord({ policy: 'a', slower: 1.01 }),
    madeRecord({ policy: 'c', params: { n: '8' } }),
  ];
  expect(compareResults({ records: before }, { records: before })).toMatchObject({
    common: 2,
    differences: [],
  });
  const { common, onlyBefore, onlyAfter, differences } = compareResults(
    { records: before },
    { records: after },
  );
  expect(common).toBe(1);
  expect(onlyBefore).toHaveLength(1);
  expect(onlyBefore[0]).toContain(' b ');
  expect(onlyAfter[0]).toContain(' c n=8 ');
  const time = differences.find((difference) => difference.column === 'estimated_time_ns');
  expect(time).toMatchObject({ before: 5e6, after: 5.05e6 });
  expect(differencesTable(time ? [time] : []).rows[0]?.slice(1)).toEqual([
    'estimated_time_ns',
    '5000000',
    '5050000',
    1.01,
  ]);
  expect(compareResults({ records: before }, { records: after }, 0.02).differences).toEqual([]);
});
