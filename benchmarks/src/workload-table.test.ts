import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import { publishedTable, README_MACHINES, withTable, workloadTable } from './workload-table.ts';

const root = resolve(import.meta.dirname, '../..');
const text = (path: string): string => readFileSync(resolve(root, path), 'utf8');

test.each([
  ['README.md', 'workloads', 'machine', README_MACHINES],
  ['docs/workloads.md', 'workloads', 'machine', undefined],
  ['README.md', 'minutes', 'trace', undefined],
  ['docs/workloads.md', 'minutes', 'trace', undefined],
] as const)('in %s, the table of %s is that of the committed results', (path, suite, by, shown) => {
  expect(publishedTable(text(path), suite)).toBe(
    workloadTable(text(`benchmarks/results/${suite}.csv`), by, shown).trim(),
  );
});

test('the report stays under five megabytes', () => {
  expect(statSync(resolve(root, 'docs/workloads.html')).size).toBeLessThan(5e6);
});

test('means are geometric, wins and losses count one case each, the quickest policy comes first', () => {
  const columns =
    'trace,machine,policy,ruler,slowdown,promotions_pages,wasted_promotions_pages,accesses';
  const csv = [
    columns,
    't,m,stay-put,false,2,0,0,1000',
    'u,n,stay-put,false,1.5,0,0,1000',
    't,m,mover,false,1,10,5,1000',
    'u,n,mover,false,1.6,30,5,1000',
    't,m,bound,true,1,0,0,1000',
    'u,n,bound,true,1,0,0,1000',
  ].join('\r\n');
  expect(workloadTable(csv, 'machine', ['n']).trim().split('\n')).toEqual([
    '| policy   | all machines |     n | quicker / slower | promoted | wasted |',
    '| -------- | -----------: | ----: | ---------------: | -------: | -----: |',
    '| mover    |        1.265 | 1.600 |            1 / 1 |    20.00 |   25 % |',
    '| stay-put |        1.732 | 1.500 |            0 / 0 |     0.00 |        |',
    '| _bound_  |        1.000 | 1.000 |            2 / 0 |     0.00 |        |',
  ]);
  expect(workloadTable(csv, 'trace')).toContain('all traces |     t |     u |');
});

test('a table goes between the markers and comes back', () => {
  const readme =
    'a\n<!-- workloads: made by `pnpm bench:workloads` -->\nold\n<!-- /workloads -->\nb\n';
  const updated = withTable(readme, 'workloads', '| new |\n');
  expect(publishedTable(updated, 'workloads')).toBe('| new |');
  expect([updated.startsWith('a\n'), updated.endsWith('\nb\n')]).toEqual([true, true]);
  expect(withTable(updated, 'workloads', '| new |\n')).toBe(updated);
});
