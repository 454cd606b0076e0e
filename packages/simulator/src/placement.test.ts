import { defineMigrationPolicy } from '@tierlab/policy';
import { mergeTraces, type AccessTrace, type PlacedRange } from '@tierlab/trace';
import { expect, test } from 'vitest';
import { letterTrace, numberTrace, replay, tinyMemory } from './index.ts';
import type { ReplayRequest } from './index.ts';

const stay = defineMigrationPolicy({ name: 'stay', doc: 'Nothing moves.', create: () => ({}) });
const roomy = tinyMemory([
  { pages: 9, latencyNs: 100 },
  { pages: 9, latencyNs: 300 },
]);

/** A range from `page` on, of which node i had `held[i]` pages. */
const range = (page: number, held: readonly number[], pageBytes = 4096): PlacedRange => ({
  start: page * 4096,
  policy: 'default',
  mapping: '',
  pagesOfNode: new Map(held.entries()),
  pageBytes,
});

/** The record of `letters`, and the node of each page in the order of first touch, as moves out of it would tell. */
async function placed(
  letters: string,
  placement: readonly PlacedRange[],
  more: Partial<ReplayRequest> = {},
): Promise<{ nodes: string; record: Awaited<ReturnType<typeof replay>> }> {
  const nodes: number[] = [];
  const look = defineMigrationPolicy({
    name: 'look',
    doc: 'Notes where pages are mapped.',
    signals: ['allocation'],
    create: ({ pages }) => ({ mapped: (page) => void (nodes[page] = pages.nodeOf[page]) }),
  });
  const record = await replay({
    trace: letterTrace(letters),
    memory: roomy,
    policy: look,
    placement: [placement],
    ...more,
  });
  return { nodes: nodes.join(' '), record };
}

test('pages are found on the nodes of their range, in the order of first touch', async () => {
  // Range a to d, N0=1 N1=3: after k first touches node 1 should have 3/4 k of them, node 0 1/4 k.
  //   touch  c    a    d    b
  //   due    .25  .5   .75  1    of node 0
  //          .75  1.5  2.25 3    of node 1
  //   told   1    0    1    1    the one that is further behind; node 0 where both are as far
  // e has a range of its own, all of it on node 1; f and g are of that range, and nobody says that they were there.
  const { nodes, record } = await placed('c a d b c c e f g', [range(0, [1, 3]), range(4, [0, 1])]);
  expect(nodes).toBe('1 0 1 1 1 0 0');
  expect(record.placement).toEqual({ namedPages: 5, placedPages: 5 });
  // Accesses: c three times, d, b, e on node 1; a, f, g on node 0.
  expect(record.totals.nodes.map(({ reads }) => reads)).toEqual([3, 6]);
});

test('a page below every range is allocated as any other', async () => {
  const { nodes, record } = await placed('a b', [range(5, [0, 9])]);
  expect(nodes).toBe('0 0');
  expect(record).not.toHaveProperty('placement');
});

test('a node that is full takes no more, and that is told', async () => {
  const memory = tinyMemory([
    { pages: 9, latencyNs: 100 },
    { pages: 2, latencyNs: 300 },
  ]);
  const { nodes, record } = await placed('a b c d', [range(0, [0, 4])], { memory });
  expect(nodes).toBe('1 1 0 0');
  expect(record.placement).toEqual({ namedPages: 4, placedPages: 2 });
});

test('pages of a range may be of another size', async () => {
  // One page of 16 KiB on node 1: four of 4 KiB.
  const { nodes } = await placed('a b c d e', [range(0, [0, 1], 16_384)]);
  expect(nodes).toBe('1 1 1 1 0');
});

test('a huge page is found whole where its range was', async () => {
  const memory = tinyMemory([
    { pages: 2048, latencyNs: 100 },
    { pages: 2048, latencyNs: 300 },
  ]);
  const { record } = await placed('a b', [range(0, [0, 1], 2 ** 21)], {
    memory,
    settings: { hugePages: 'always' },
  });
  expect(record.totals.nodes.map(({ pages }) => pages)).toEqual([0, 512]);
  expect(record.placement).toEqual({ namedPages: 512, placedPages: 512 });
});

test('a policy that says itself where pages go does not start from it', async () => {
  const bind = defineMigrationPolicy({
    name: 'bind-0',
    doc: 'Everything on node 0.',
    signals: ['allocation'],
    create: ({ memory }) => ({ allocate: () => memory.tiers[0] }),
  });
  const { record } = await placed('a b', [range(0, [0, 2])], { policy: bind });
  expect(record.totals.nodes.map(({ pages }) => pages)).toEqual([2, 0]);
  expect(record).not.toHaveProperty('placement');
});

test('the compiled loop and the one in TypeScript find the same pages on the same nodes', async () => {
  const trace = letterTrace('abcdefghij'.repeat(50), 64);
  const run = (interpreted: boolean) =>
    replay({ trace, memory: roomy, policy: stay, placement: [[range(2, [3, 4])]], interpreted });
  const compiled = await run(false);
  expect(compiled).toEqual(await run(true));
  expect(compiled.placement).toEqual({ namedPages: 7, placedPages: 7 });
});

/** Reads of pages 0, 1, ..., one a nanosecond. */
const timed = (pages: number): AccessTrace => {
  const ascending = Array.from({ length: pages }, (_, i) => i);
  return numberTrace(ascending, () => false, 9, Float64Array.from(ascending));
};

test('each process has its own', async () => {
  const record = await replay({
    trace: mergeTraces([{ trace: timed(2) }, { trace: timed(3) }]),
    memory: roomy,
    policy: stay,
    placement: [[range(0, [2, 0])], [range(0, [1, 2])]],
  });
  expect(record.totals.nodes.map(({ pages }) => pages)).toEqual([3, 2]);
});

const refused = (message: string, request: Partial<ReplayRequest>) =>
  expect(placed('a', [range(0, [0, 0, 1])], request)).rejects.toMatchObject({
    code: 'SIM_BAD_PLACEMENT',
    message: expect.stringContaining(message),
  });

test('a placement that is not of this trace and machine is refused', async () => {
  await refused('pages from 0x0 on were on node 2, and the machine has memory on 0, 1', {});
  await refused('of 2 processes, and the trace of 1', { placement: [[], []] });
  const virtual = letterTrace('a');
  const declaration = { ...virtual.declaration, addressSpace: 'physical' as const };
  const trace = { ...virtual, declaration };
  await refused('the trace has physical ones', { trace });
});
