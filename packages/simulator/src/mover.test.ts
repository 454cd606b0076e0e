import { nodeId } from '@tierlab/policy';
import type { MigrationContext } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { letterTrace, numberTrace, replay, tinyMemory } from './index.ts';
import { bare, far, letters, near, policyOf, show } from './policy-of.testing.ts';

test('refusals have a reason and a counter, and requests are moves and refusals', async () => {
  const seen: unknown[] = [];
  const ask = policyOf([], ({ moves, clock }) => {
    clock.after(350, () => {
      seen.push(
        moves.request(2, near),
        moves.lastRefusal,
        moves.request(0, near),
        moves.lastRefusal,
      );
      seen.push(moves.exchange(0, 2), moves.exchange(0, 1), moves.lastRefusal);
    });
    return {};
  });
  const record = await replay({
    trace: letterTrace('abcabc'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 8, latencyNs: 100 },
    ]),
    policy: ask,
    settings: bare,
    watchedPages: letters,
  });
  expect(seen).toEqual([false, 'dst_node_full', false, 'same_node', true, true, 'same_node']);
  expect(show(record)).toBe('a:0>1 c:1>0 a:1>0 b:0>1');
  expect(record.refusals).toEqual({ dst_node_full: 1, same_node: 1 });
  expect(record.totals).toMatchObject({ requests: 4, movedRequests: 2, refusedRequests: 2 });
});

test('a page or node that is not there is a mistake of the policy', async () => {
  for (const ask of [
    ({ moves, clock }: MigrationContext) => clock.after(1, () => void moves.request(7, far)),
    ({ moves, clock }: MigrationContext) => clock.after(1, () => void moves.request(0, nodeId(9))),
  ]) {
    const policy = policyOf([], (context) => (ask(context as MigrationContext), {}));
    const memory = tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 8, latencyNs: 100 },
    ]);
    const run = replay({ trace: letterTrace('aaa'), memory, policy });
    await expect(run).rejects.toThrow(/page 7 is not mapped|no node 9 has memory/);
  }
});

test('a transaction fails on a write, and a shadow lasts until one', async () => {
  const outcomes: string[] = [];
  const nomad = policyOf([], ({ moves, clock }) => {
    clock.after(150, () => void moves.enqueueTransaction(0, far, true));
    clock.after(1200, () => void moves.enqueueTransaction(0, far, true));
    clock.after(2050, () => outcomes.push(`shadow on ${moves.shadowNode(0)}`));
    clock.after(2350, () => outcomes.push(`shadow on ${moves.shadowNode(0)}`));
    return {
      moved: (page, from, to, refusal) =>
        void outcomes.push(`${page}:${from}>${to} ${refusal ?? 'moved'}`),
    };
  });
  // A copy takes 500 ns. The write at 400 ns falls in the first one; the second one, 1200 to 1700,
  // sees reads only; the write at 2200 discards the shadow.
  const record = await replay({
    trace: letterTrace('aaaa Aaaaaa aaaaaa aaaaaa Aaaa'),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 8, latencyNs: 100 },
    ]),
    policy: nomad,
    settings: { ...bare, movePage: 500, copyBandwidth: '1 TB' },
  });
  expect(outcomes).toEqual(['0:0>1 dirty', '0:0>1 moved', 'shadow on 0', 'shadow on undefined']);
  expect(record.refusals).toEqual({ dirty: 1 });
  expect(record.totals.nodes.map(({ pages }) => pages)).toEqual([0, 1]);
});

test('a demotion to a live shadow copies nothing', async () => {
  const back = policyOf([], ({ moves, clock }) => {
    clock.after(100, () => void moves.enqueueTransaction(0, far, true));
    clock.after(1000, () => void moves.remapToShadow(0));
    clock.after(1100, () => void moves.remapToShadow(0));
    return {};
  });
  const record = await replay({
    trace: letterTrace('a'.repeat(20)),
    memory: tinyMemory([
      { pages: 2, latencyNs: 100 },
      { pages: 8, latencyNs: 100 },
    ]),
    policy: back,
    settings: { ...bare, movePage: 500 },
    watchedPages: letters,
  });
  expect(show(record)).toBe('a:0>1 a:1>0');
  expect(record.totals.nodes[0].writeBytes).toBe(0);
  expect(record.refusals).toEqual({ no_shadow: 1 });
});

test('a huge page is mapped whole, moves whole, and gives back what nobody touched when split', async () => {
  const held: number[][] = [];
  const split = policyOf([], ({ moves, clock, memory, pages }) => {
    const note = (): void => {
      held.push([512 * 4 - memory.freePages(near), 512 * 4 - memory.freePages(far)]);
    };
    clock.after(350, () => {
      note();
      moves.request(1, far);
      note();
      moves.splitHugePage(0);
      note();
      expect(pages.folioPages(0)).toBe(1);
    });
    return {};
  });
  // Pages 0, 1 and 2 of one huge page, then page 600 of the next one.
  const record = await replay({
    trace: numberTrace([0, 1, 2, 600, 0, 1]),
    memory: tinyMemory([
      { pages: 512 * 4, latencyNs: 100 },
      { pages: 512 * 4, latencyNs: 100 },
    ]),
    policy: split,
    settings: { ...bare, hugePages: 'always' },
  });
  expect(held).toEqual([
    [1024, 0],
    [512, 512],
    [512, 3],
  ]);
  expect(record.vmstat).toMatchObject({ thp_fault_alloc: 2, thp_split_page: 1, pgfault: 2 });
  expect(record.totals).toMatchObject({ demotedPages: 512, requests: 1 });
});
