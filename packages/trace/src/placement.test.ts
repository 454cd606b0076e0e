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
