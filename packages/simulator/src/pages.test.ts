import { NO_NODE } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { createColumnMemory } from './kernels/column-memory.ts';
import { createPageTable, growPageTable } from './pages.ts';

test('a table whose page numbers others keep reads those of pages that are in the longer column alone', () => {
  const shared = { pageNumber: new Float64Array(1024), processOf: new Uint8Array(1024) };
  const table = createPageTable(createColumnMemory(), {
    hugePages: false,
    accesses: false,
    writes: false,
    protection: false,
    numbers: shared,
  });
  growPageTable(table, 100);
  // The column gets longer, and page 700 is told in the new one, where the old one would have had room as well.
  shared.pageNumber = new Float64Array(4096);
  shared.processOf = new Uint8Array(4096);
  shared.pageNumber[700] = 0x7f00;
  growPageTable(table, 701);
  expect(table.pageNumber[700]).toBe(0x7f00);
  expect(table.processOf.length).toBe(4096);
  expect(table.nodeOf[700]).toBe(NO_NODE);
});
