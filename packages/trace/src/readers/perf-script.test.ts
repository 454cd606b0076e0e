import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { count, read, show, sourceOf } from '../testing.ts';

// Lines of perf mem on Intel, with and without a data source; 0x10268100142 is a load that hit L1.
const SCRIPT = ` chromium-browse   46572 [002] 544966.882384:      10000  cpu_core/MEM_UOPS_RETIRED.LOAD_LATENCY/: 7ffdf1391b0c     10268100142 |OP LOAD|LVL L1 hit|SNP None|TLB L1 or L2 hit|LCK No|BLK  N/A    5   7   0   7fad7c47425d [unknown] (/usr/lib64/libglib-2.0.so.0.8000.3)
 Web Content 2   46573/46580 [003] 544966.882390:      10000  cpu_core/mem-stores/P: 7ffdf1392fc0     1e05080144 |OP STORE|LVL RAM hit|SNP None|TLB L1 or L2 hit|LCK No|BLK  N/A    5
 Web Content 2   46573/46580 [003] 544966.882391:      10000  cpu_core/mem-loads,ldlat=30/P:            0     10268100142 |OP LOAD|LVL L1 hit|SNP None
\t    7fad7c47425d [unknown] (/usr/lib64/libglib-2.0.so.0.8000.3)

`;

test('loads and stores with thread, period and time; names with blanks and figures', async () => {
  const trace = await openTrace(sourceOf(SCRIPT));
  expect(await show(trace)).toBe(
    'R7ffdf1391:44@544966882384000#0*10000 W7ffdf1392:63@544966882390000#1*10000',
  );
  expect(trace.leftOut).toEqual(
    new Map([
      ['sample without an address', 1],
      ['call chain', 1],
    ]),
  );
  expect(trace.declaration).toMatchObject({
    format: 'perf-script',
    samplePeriod: 10_000,
    level: 'cpu',
    writes: true,
  });
});

test('what memory served, by the number of data_src', async () => {
  // 0x1e05080144 has level number 0xf (none) and LVL HIT|L1 ... 0x1a0508_0144: level number 0xd, RAM.
  const served = SCRIPT.replace('1e05080144', '1a05080144');
  const trace = await openTrace(sourceOf(served), { values: { 'served-by': 'memory' } });
  expect(await show(trace)).toBe('W7ffdf1392:63@544966882390000#0*10000');
  expect(trace.declaration.level).toBe('memory');
  expect(trace.leftOut?.get('served by a cache')).toBe(1);
});

test('nanoseconds where perf was asked for them; no period, no CPU', async () => {
  expect(
    await read('  hashjoin 17283/17283  1748.501065123: page-faults:     7f9bacc1bdb0\n'),
  ).toBe('R7f9bacc1b:54@1748501065123#0');
});

test('without the addr field', async () => {
  await expect(
    read('  prog 1 [000] 5.000001: 1 mem-loads: 10268100142 |OP LOAD|LVL L1 hit\n'),
  ).rejects.toThrow(/^trace\.txt:1: expected an address after the event \(perf script -F \+addr\)/);
});

test('400 page faults of a hash join', async () => {
  const text = await readFile(new URL('../../fixtures/perf-page-faults.txt', import.meta.url));
  const trace = await openTrace(sourceOf(text));
  // Pages by awk and sort -u over the fifth column.
  expect(await count(trace)).toEqual({ accesses: 400, reads: 400, pages: 269 });
});
