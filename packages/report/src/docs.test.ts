import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import { madeRecord } from '../test/made-records.ts';
import { intervalColumns } from './intervals.ts';
import { pairColumns } from './pairs.ts';
import { placementColumns } from './placement.ts';

const file = resolve(import.meta.dirname, '../../../docs/report.md');
const costs = { currency: 'USD', expression: '', quantities: {}, cost: {} };

/** The section under `heading`, with its heading. */
function sectionOf(page: string, heading: string): string {
  return page.split(/^(?=## )/m).find((part) => part.startsWith(`## ${heading}\n`)) ?? '';
}

/** The rows of the table of columns in `section`, cells without blanks around them. */
function documented(section: string): string[][] {
  return section
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** Writes `rows` in the place of those of `section`. `pnpm format` aligns them. */
function update(section: string, rows: readonly (readonly string[])[]): void {
  const lines = section.split('\n').filter((line) => !line.startsWith('| `'));
  const head = lines.findIndex((line) => line.startsWith('| -'));
  lines.splice(head + 1, 0, ...rows.map((row) => `| ${row.join(' | ')} |`));
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(section, () => lines.join('\n')),
  );
}

test.each([
  ['placement.csv', placementColumns([madeRecord({ policy: 'a' })], { costs })],
  ['intervals.csv', intervalColumns],
  ['pairs.csv', pairColumns],
] as const)('docs/report.md defines every column of %s, in order', (heading, columns) => {
  const declared = columns.map(({ name, kind, definition }) => [
    `\`${name
      .replace(/^node\d+_/, 'nodeN_')
      .replace(/^tier\d+_/, 'tierR_')
      .replace(/^vmstat_.*/, 'vmstat_X')}\``,
    kind,
    definition,
  ]);
  const once = [...new Map(declared.map((row) => [row[0], row])).values()];
  const section = sectionOf(readFileSync(file, 'utf8'), heading);
  if (process.env['UPDATE_DOCS'] === '1') update(section, once);
  expect(documented(sectionOf(readFileSync(file, 'utf8'), heading))).toEqual(once);
});
