import { expect, test } from 'vitest';
import { read } from '../testing.ts';

test('instruction, operation, size, address', async () => {
  const log = `Format: <instr address>,<(r)ead/(w)rite>,<data size>,<data address>
0x7f59c2d002d3,w,8,0x7ffeacab0ec8
0x7f59c2d00be0,r,8,0x7ffeacab1000
`;
  expect(await read(log)).toBe('W7ffeacab0:59 R7ffeacab1:0');
});
