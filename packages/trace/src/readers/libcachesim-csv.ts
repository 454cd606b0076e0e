import { TraceError } from '../errors.ts';
import type { Head, TraceContent } from '../source.ts';
import { wordsOf } from '../text/infer.ts';
import { type ColumnKind, DEFAULT_LAYOUT } from '../text/layout.ts';
import { columnTrace } from './parts/column-trace.ts';
import type { FormatOptions, TraceFormat } from './format.ts';

/**
 * CSV of object requests as libCacheSim reads it: the columns are told by the first line, or by their
 * numbers from 1. An object is a page here.
 *
 * Source: libCacheSim traceReader/generalReader/csv.c; doc/quickstart_cachesim.md, "csv trace".
 */
export const libcachesimCsv: TraceFormat = {
  name: 'libcachesim-csv',
  summary: 'CSV of object requests, as libCacheSim reads it, an object a page',
  options: [
    { name: 'obj-id-col', value: 'N', summary: "column of the object's number, from 1" },
    { name: 'time-col', value: 'N', summary: 'column of the time in seconds' },
    { name: 'op-col', value: 'N', summary: 'column of the operation' },
  ],
  score: (head) => (columnsOf(head).includes('addr') ? 70 : 0),
  open(content, options) {
    const columns = chooseColumns(content, options);
    const timed = columns.includes('time');
    return columnTrace(
      content,
      {
        ...DEFAULT_LAYOUT,
        columns,
        delimiters: ',',
        readTokens: ['28', 'read', 'get', 'gets', 'r', 'R', 'GET', 'READ', '0x28'],
        writeTokens: [
          '2a',
          'write',
          'set',
          'w',
          'W',
          'SET',
          'WRITE',
          'add',
          'replace',
          'delete',
          '0x2a',
        ],
        fetchTokens: [],
        clock: timed ? 'column' : 'line',
        timeScale: 1e9,
        headerLines: /[a-z]{2}/i.test(content.head.lines[0] ?? '') ? 1 : 0,
        moreColumns: true,
        objects: true,
      },
      {
        format: 'libcachesim-csv',
        level: 'cpu',
        addressSpace: 'object',
        ...(timed
          ? { clock: 'nanoseconds' as const, clockHz: 1e9 }
          : { clock: 'accesses' as const }),
      },
      options,
    );
  },
};

const NAMES: Readonly<Record<string, ColumnKind>> = {
  lbn: 'addr',
  obj_id: 'addr',
  'obj-id': 'addr',
  object: 'addr',
  key: 'addr',
  time: 'time',
  timestamp: 'time',
  op: 'op',
  cmd: 'op',
};

function columnsOf(head: Head): ColumnKind[] {
  const words = wordsOf((head.lines[0] ?? '').toLowerCase(), {
    ...DEFAULT_LAYOUT,
    delimiters: ',',
  });
  const columns = words.map((word): ColumnKind => NAMES[word] ?? 'skip');
  // The columns after the last that is used need not be looked at.
  return columns.slice(0, columns.findLastIndex((kind) => kind !== 'skip') + 1);
}

function chooseColumns(content: TraceContent, options: FormatOptions): readonly ColumnKind[] {
  const { values } = options;
  if (Object.keys(values).length === 0) {
    const columns = columnsOf(content.head);
    if (columns.filter((kind) => kind === 'addr').length === 1) return columns;
    throw badOption(content, 'the first line does not name the columns; pass --obj-id-col N');
  }
  const columns: ColumnKind[] = [];
  for (const [option, kind] of [
    ['obj-id-col', 'addr'],
    ['time-col', 'time'],
    ['op-col', 'op'],
  ] as const) {
    const value = values[option];
    if (value === undefined) continue;
    const column = Number(value);
    if (
      !Number.isInteger(column) ||
      column < 1 ||
      column > 100 ||
      columns[column - 1] !== undefined
    )
      throw badOption(content, `--${option} ${value}: the number of a column of its own, from 1`);
    columns[column - 1] = kind;
  }
  if (!columns.includes('addr')) throw badOption(content, '--obj-id-col is needed');
  return Array.from(columns, (kind) => kind ?? 'skip');
}

function badOption(content: TraceContent, message: string): TraceError {
  return new TraceError('TRACE_BAD_OPTION', `${content.name}: ${message}`);
}
