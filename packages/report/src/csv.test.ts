import { parse } from 'csv-parse/sync';
import { expect, test } from 'vitest';

import { tableToCsv } from './csv.ts';
import type { Table } from './table.ts';

const texts = (rows: readonly (readonly string[])[]): Table => ({
  name: 't',
  columns: [
    { name: 'a', kind: 'text', definition: '' },
    { name: 'b', kind: 'text', definition: '' },
  ],
  rows,
});

test('RFC 4180, its section 2: CRLF, quotes doubled, fields with commas, quotes and breaks quoted', () => {
  const csv = tableToCsv(
    texts([
      ['aaa', 'b,b'],
      ['b"bb', 'b\r\nbb'],
      ['lone\nfeed', 'lone\rreturn'],
    ]),
  );
  expect(csv).toBe('a,b\r\naaa,"b,b"\r\n"b""bb","b\r\nbb"\r\n"lone\nfeed","lone\rreturn"\r\n');
});

test('another parser reads the same text back', () => {
  const rows = [
    ['x', 'y "quoted", and\nmore'],
    ['ümlaut', ' blanks '],
    ['', '"'],
  ];
  const back: unknown = parse(tableToCsv(texts(rows)));
  expect(back).toEqual([['a', 'b'], ...rows]);
});

test('text that a spreadsheet would run becomes text; numbers below zero stay numbers', () => {
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1', '＋1', '－1', '＠x'];
  const [, ...back] = parse(tableToCsv(texts(formulas.map((text) => [text, 'safe=1']))));
  expect(back).toEqual(formulas.map((text) => [`'${text}`, 'safe=1']));

  const csv = tableToCsv({
    name: 't',
    columns: [{ name: 'gap', kind: 'real', definition: '' }],
    rows: [[-0.25], [undefined], [1e-7], [true]],
  });
  expect(csv).toBe('gap\r\n-0.25\r\n\r\n1e-7\r\ntrue\r\n');
});
