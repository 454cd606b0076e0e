import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import { madeRecord } from '../test/made-records.ts';
import { intervalColumns } from './intervals.ts';
import { pairColumns } from './pairs.ts';
import { placementColumns } from './placement.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/report.md'), 'utf8');

/** The rows of the table of columns under the heading `heading`, cells without blanks around them. */
function documented(heading: string): string[][] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
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

test.each([
  ['placement.csv', placementColumns([madeRecord({ policy: 'a' })])],
  ['intervals.csv', intervalColumns],
  ['pairs.csv', pairColumns],
] as const)('docs/report.md defines every column of %s, in order', (heading, columns) => {
  const declared = columns.map(({ name, kind, definition }) => [
    `\`${name.replace(/^node\d+_/, 'nodeN_').replace(/^vmstat_.*/, 'vmstat_X')}\``,
    kind,
    definition,
  ]);
  const once = [...new Map(declared.map((row) => [row[0], row])).values()];
  expect(documented(heading)).toEqual(once);
});
