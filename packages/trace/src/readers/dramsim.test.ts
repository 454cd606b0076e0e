import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { count, read, sourceOf } from '../testing.ts';

test('DRAMsim3: address, operation, cycle', async () => {
  expect(await read('0x2000D5C0 READ  30\n0x1FF96FC0 WRITE   160\n0x2000D600 READ  165\n')).toBe(
    'R2000d:23@30 W1ff96:63@160 R2000d:24@165',
  );
});

test('DRAMSim2: mase fetches are reads, k6 has names of its own', async () => {
  expect(await read('0x1000 IFETCH 1\n0x1000 P_MEM_RD 2\n0x1000 P_MEM_WR 3\n0x1000 BOFF 4\n')).toBe(
    'R1:0@1 R1:0@2 W1:0@3 W1:0@4',
  );
});

test('the beginning of mase_art', async () => {
  const text = await readFile(new URL('../../fixtures/dramsim2-mase.txt', import.meta.url));
  const trace = await openTrace(sourceOf(text));
  // By awk: 300 lines, 59 of them WRITE, 39 pages.
  expect(await count(trace)).toEqual({ accesses: 300, reads: 241, pages: 39 });
  expect(trace.declaration).toMatchObject({ format: 'dramsim', level: 'memory', clock: 'cycles' });
});
