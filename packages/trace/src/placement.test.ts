import { expect, test } from 'vitest';
import { openTrace } from './open.ts';
import { readPlacement } from './placement.ts';
import { sourceOf } from './testing.ts';

const MAPS = `55a279003000 default file=/usr/bin/head mapped=2 active=1 N0=2 kernelpagesize_kB=4
55a27a3de000 bind:1 heap anon=9 dirty=9 N0=2 N1=7 kernelpagesize_kB=4
7f0000000000 default huge anon=3 dirty=3 N2=3 kernelpagesize_kB=2048
7fff20000000 default
`;

test('ranges with their nodes, page sizes and policies', async () => {
  const ranges = await readPlacement(sourceOf(MAPS));
  const shown = ranges.map(
    ({ start, policy, mapping, pagesOfNode, pageBytes }) =>
      `${start.toString(16)} ${policy} ${mapping} ${[...pagesOfNode].map(([node, pages]) => `${node}:${pages}`).join(',')} ${pageBytes}`,
  );
  expect(shown).toEqual([
    '55a279003000 default /usr/bin/head 0:2 4096',
    '55a27a3de000 bind:1 heap 0:2,1:7 4096',
    '7f0000000000 default  2:3 2097152',
    '7fff20000000 default   4096',
  ]);
});

test('policies whose names have blanks, and their nodes', async () => {
  const text = 'a000 prefer (many):0-1 anon=1 N0=1\nb000 weighted interleave=static:0,2 N2=4\n';
  const ranges = await readPlacement(sourceOf(text));
  expect(ranges.map(({ policy }) => policy)).toEqual([
    'prefer (many):0-1',
    'weighted interleave=static:0,2',
  ]);
  expect(ranges.map(({ pagesOfNode }) => [...pagesOfNode])).toEqual([[[0, 1]], [[2, 4]]]);
});

test.each([
  'a000 default N1024=1',
  'a000 default N0=99999999999999999999',
  'a000 default N0=1 kernelpagesize_kB=0',
  'a000 default N0=1 kernelpagesize_kB=99999999999',
  '10000000000000000 default N0=1',
  'a000',
])('%s is no line of it', async (line) => {
  await expect(readPlacement(sourceOf(line))).rejects.toMatchObject({ code: 'TRACE_BAD_LINE' });
});

test('ranges that do not ascend are not of one process', async () => {
  await expect(readPlacement(sourceOf('b000 default N0=1\na000 default N0=1\n'))).rejects.toThrow(
    'trace.txt:2: 0xa000 does not come after the range before it',
  );
});

test('it has no accesses: as a trace it is refused with what to do', async () => {
  await expect(openTrace(sourceOf(MAPS))).rejects.toMatchObject({
    code: 'TRACE_UNSUPPORTED',
    message: expect.stringContaining('numa_maps'),
  });
});

test('any other line is an error that names it', async () => {
  await expect(readPlacement(sourceOf(`${MAPS}what\n`))).rejects.toThrow(
    /^trace\.txt:5: expected a line of numa_maps/,
  );
});
