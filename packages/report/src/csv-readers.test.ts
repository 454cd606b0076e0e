import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, expect, test } from 'vitest';

import { madeBeside, madeRecord, madeSweep } from '../test/made-records.ts';
import { tableToCsv } from './csv.ts';
import { placementTable } from './placement.ts';
import { columnValues } from './table.ts';

// The file as other tools read it, without a word on what it is; a tool that is not installed is left out. DuckDB reads it
// in recomputed.test.ts.

const FORMULA = '=HYPERLINK("http://example.invalid","x")';
const records = [
  ...madeSweep(),
  madeRecord({ policy: FORMULA, trace: 'a "quoted", name', seed: 3, slower: 2 }),
];
const table = placementTable(records, madeBeside(records));
const directory = mkdtempSync(join(tmpdir(), 'tierlab-csv-'));
const file = join(directory, 'placement.csv');
writeFileSync(file, tableToCsv(table));
afterAll(() => rmSync(directory, { recursive: true }));

const sum = (all: readonly number[]): number => all.reduce((a, b) => a + b, 0);
const total = (name: string): number =>
  columnValues(table, name).reduce<number>((sum, cell) => sum + Number(cell ?? 0), 0);
/** Rows, sums of a count and of a measured column with gaps, and the two texts that are hard to read. */
const expected = [
  String(records.length),
  String(total('accesses')),
  total('slowdown').toFixed(6),
  `'${FORMULA}`,
  'a "quoted", name',
];

/** What `program` prints, or nothing where it is not installed. */
function printed(program: string, args: readonly string[], input?: string): string | undefined {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 150_000,
    ...(input !== undefined && { input }),
  });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`${program}: ${stderr} ${String(error ?? '')}`);
  return stdout;
}

test('R: read.csv', ({ skip }) => {
  const script = `t <- read.csv("${file}"); last <- t[nrow(t), ]
    cat(nrow(t), format(sum(t$accesses), scientific = FALSE), sprintf("%.6f", sum(t$slowdown, na.rm = TRUE)), last$policy, last$trace, sep = "\\n")`;
  const output = printed('Rscript', ['-e', script]);
  if (output === undefined) {
    const missing = 'Rscript is not installed: apt-get install r-base-core';
    if (process.env['CI'] !== undefined) throw new Error(missing);
    skip(missing);
  }
  expect(output?.trim().split('\n')).toEqual(expected);
});

test('Python: csv.DictReader', ({ skip }) => {
  const script = `import csv
rows = list(csv.DictReader(open("${file}", newline="")))
print(len(rows), sum(int(r["accesses"]) for r in rows), "%.6f" % sum(float(r["slowdown"] or 0) for r in rows), rows[-1]["policy"], rows[-1]["trace"], sep="\\n")`;
  const output = printed('python3', ['-c', script]);
  if (output === undefined) skip('python3 is not installed: apt-get install python3');
  expect(output?.trim().split('\n')).toEqual(expected);
});

test('SQLite: .import --csv', ({ skip }) => {
  const script = `.import --csv ${file} t
.mode list
.separator "\\n"
select count(*), sum(accesses), printf('%.6f', sum(slowdown)) from t;
select policy, trace from t where seed = '3';
`;
  const output = printed('sqlite3', [':memory:'], script);
  if (output === undefined) skip('sqlite3 is not installed: apt-get install sqlite3');
  expect(output?.trim().split('\n')).toEqual(expected);
});

test(
  'LibreOffice: numbers are numbers, and nothing is a formula',
  { timeout: 180_000 },
  ({ skip }) => {
    const profile = pathToFileURL(join(directory, 'profile')).href;
    const output = printed('soffice', [
      `-env:UserInstallation=${profile}`,
      '--headless',
      '--convert-to',
      'fods',
      '--outdir',
      directory,
      file,
    ]);
    if (output === undefined) skip('soffice is not installed: apt-get install libreoffice-calc');
    const sheet = readFileSync(join(directory, 'placement.fods'), 'utf8');
    expect(sheet).not.toContain('table:formula');
    expect(sheet).toContain('&apos;=HYPERLINK');
    // Cells of equal value beside each other are one element.
    const cells = sheet.matchAll(
      /<table:table-cell(?: table:number-columns-repeated="(\d+)")? office:value-type="float" office:value="([^"]*)"/g,
    );
    const values = [...cells].flatMap(([, times = '1', value]) =>
      Array.from({ length: Number(times) }, () => Number(value)),
    );
    const numbers = table.rows.flat().filter((cell) => typeof cell === 'number');
    expect(values).toHaveLength(numbers.length);
    expect(sum(values) / sum(numbers)).toBeCloseTo(1, 9);
  },
);
