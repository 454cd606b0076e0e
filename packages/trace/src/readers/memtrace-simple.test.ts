import { expect, test } from 'vitest';
import { read } from '../testing.ts';

test('r and w are accesses, every other word an instruction that the clock counts', async () => {
  const log = `Format: <data address>: <data size>, <(r)ead/(w)rite/opcode>
0x00007f59c2d002d3:  5, call
0x00007ffeacab0ec8:  8, w
0x00007f59c2d00be0:  1, push
0x00007ffeacab0ec0:  8, r
`;
  expect(await read(log)).toBe('W7ffeacab0:59@1 R7ffeacab0:59@2');
});
