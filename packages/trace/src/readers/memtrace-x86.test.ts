import { expect, test } from 'vitest';
import { openTrace } from '../open.ts';
import { read, show, sourceOf } from '../testing.ts';

test('instruction, operation, size, address', async () => {
  const log = `Format: <instr address>,<(r)ead/(w)rite>,<data size>,<data address>
0x7f59c2d002d3,w,8,0x7ffeacab0ec8
0x7f59c2d00be0,r,8,0x7ffeacab1000
`;
  expect(await read(log)).toBe('W7ffeacab0:59 R7ffeacab1:0');
});

// mem_ref_t: bool write and 7 bytes between, void *addr, size_t size, app_pc pc.
const RECORDS = Buffer.from(
  ['01', '00', '01']
    .map(
      (write, i) => `${write}00000000000000 c${i}0eabacfe7f0000 0800000000000000 d302d0c2597f0000`,
    )
    .join('')
    .replaceAll(' ', ''),
  'hex',
);

test('the buffer as it is', async () => {
  const trace = await openTrace(sourceOf(RECORDS));
  expect(trace.declaration.format).toBe('memtrace-x86');
  expect(await show(trace)).toBe('W7ffeacab0:59 R7ffeacab0:59 W7ffeacab0:59');
});

test('a record that is none, and one that is cut', async () => {
  const broken = Buffer.concat([RECORDS, RECORDS]);
  broken[96] = 2;
  const format = 'memtrace-x86';
  await expect(read(broken, { format })).rejects.toThrow(
    'trace.txt: byte 96: expected a write flag of 0 or 1, got 2',
  );
  await expect(read(broken.subarray(0, 70), { format })).rejects.toThrow(
    'trace.txt: byte 64: expected a record of 32 bytes',
  );
});
