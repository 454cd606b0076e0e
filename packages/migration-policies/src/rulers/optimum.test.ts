import { placementCostNs } from '@tierlab/core';
import type { RunRecord } from '@tierlab/core';
import { createRandom, drawAccesses, drawMemory, traceOf } from '@tierlab/testkit';
import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';
import { migrationPolicies } from '../registry.ts';
import { lowerBound } from './lower-bound.ts';
import { optimum } from './optimum.ts';

/** A page of 4096 bytes is copied in 1 ns. */
const quick = { bandwidthMbps: 4.096e6 };
const letters = Array.from({ length: 26 }, (_, i) => i);

/** `access page:from>to`. */
function showMoves({ watched = [] }: RunRecord): string {
  return watched
    .map(
      ({ access, pageNumber, from, to }) =>
        `${access} ${String.fromCharCode(97 + pageNumber)}:${from}>${to}`,
    )
    .join(', ');
}

test('it moves a page where the moves pay, and only there', async () => {
  // One frame of 100 ns; elsewhere 300 ns. A move takes 99 ns of work and 1 ns of copy.
  // accesses:  a a a b a b b b b b b b
  // The frame is a's first. When b is touched, a leaves (100 ns), so that b is mapped there and needs
  // no move; a's last access waits 200 ns longer. To keep a for it would cost 200 for b and two moves.
  const record = await replay({
    trace: letterTrace('aaab a bbbbbbb'),
    memory: tinyMemory([
      { pages: 1, latencyNs: 100, ...quick },
      { pages: 8, latencyNs: 300, ...quick },
    ]),
    policy: optimum,
    settings: { memoryParallelism: 1, movePage: 99, copyBandwidth: 4.096e12 },
    watchedPages: letters,
  });
  expect(showMoves(record)).toBe('3 a:0>1');
  expect(placementCostNs(record)).toBe(3 * 100 + 300 + 8 * 100 + 100);
  expect(record.bound).toEqual({ placementNs: placementCostNs(record), attained: true });
});

test('on three nodes pages change places in a ring', async () => {
  // One frame of 100 ns, one of 200 ns, the rest 900 ns; a move takes 1 ns of work and 1 ns of copy.
  // a and b take the fastest frame by turns: three times the one leaves it for the other, 4 ns each
  // (b's first place is free, and so a's way there costs 2). c is mapped there too, after b left.
  const record = await replay({
    trace: letterTrace('aaaa bbbb aaaa bbbb c'),
    memory: tinyMemory([
      { pages: 1, latencyNs: 100, ...quick },
      { pages: 1, latencyNs: 200, ...quick },
      { pages: 8, latencyNs: 900, ...quick },
    ]),
    policy: optimum,
    settings: { memoryParallelism: 1, movePage: 1, copyBandwidth: 4.096e12 },
    watchedPages: letters,
  });
  expect(record.totals.nodes.map(({ reads }) => reads)).toEqual([17, 0, 0]);
  expect(record.totals.migrationNs).toBe(2 + 4 + 4 + 2);
  expect(record.bound).toEqual({ placementNs: 17 * 100 + 12, attained: true });
});

/** Cost of every policy that keeps the machine's laws, on a drawn machine and trace. */
async function drawnCosts(seed: number): Promise<{
  readonly costs: readonly (readonly [string, number])[];
  readonly bound: number;
  readonly optimum: RunRecord;
}> {
  const random = createRandom(seed);
  const accesses = drawAccesses(random, { pagesMax: 60, accessesMax: 1500 });
  const memory = drawMemory(random, accesses.pageCount, false, seed % 2 === 0 ? 2 : 4);
  const trace = traceOf(accesses, 500);
  const settings = { epochAccesses: 100, movePage: Math.floor(2000 * random()) };
  const costs: [string, number][] = [];
  for (const policy of migrationPolicies.values()) {
    if (policy.relaxes.length > 0) continue;
    costs.push([
      policy.name,
      placementCostNs(await replay({ policy, memory, trace, settings, seed })),
    ]);
  }
  const { bound } = await replay({ policy: lowerBound, memory, trace, settings });
  return {
    costs,
    bound: bound!.placementNs,
    optimum: await replay({
      policy: memory.nodes.length === 2 ? optimum : lowerBound,
      memory,
      trace,
      settings,
    }),
  };
}

test('no policy costs less than the optimum, the optimum no less than the bound', async () => {
  let exact = 0;
  for (let seed = 1; seed <= 14; seed++) {
    const drawn = await drawnCosts(seed);
    for (const [name, costNs] of drawn.costs) {
      expect(costNs, `${name}, seed ${seed}`).toBeGreaterThanOrEqual(drawn.bound);
    }
    if (drawn.optimum.bound?.attained !== true) continue;
    exact++;
    const { placementNs } = drawn.optimum.bound;
    expect(placementCostNs(drawn.optimum), `seed ${seed}`).toBe(placementNs);
    expect(drawn.bound, `seed ${seed}`).toBeLessThanOrEqual(placementNs);
    for (const [name, costNs] of drawn.costs) {
      expect(costNs, `${name}, seed ${seed}`).toBeGreaterThanOrEqual(placementNs);
    }
  }
  expect(exact).toBeGreaterThan(3);
});

test('where the fastest node has room for every page it needs no search, however long the trace', async () => {
  // 500 pages, 150,000 runs of one access: far more than the search on three nodes takes.
  const numbers = Array.from({ length: 150_000 }, (_, i) => (i * 7919) % 500);
  const trace = traceOf({ numbers, pageCount: 500, isWrite: () => false });
  for (const nodes of [
    [{ pages: 500, latencyNs: 100 }],
    [
      { pages: 500, latencyNs: 100 },
      { pages: 9, latencyNs: 300 },
    ],
    [
      { pages: 9, latencyNs: 200 },
      { pages: 500, latencyNs: 100 },
      { pages: 900, latencyNs: 300 },
    ],
  ]) {
    const settings = { memoryParallelism: 1 };
    const record = await replay({ policy: optimum, memory: tinyMemory(nodes), trace, settings });
    expect(record.bound).toEqual({ placementNs: 150_000 * 100, attained: true });
    expect(placementCostNs(record)).toBe(150_000 * 100);
    expect(record.totals.movedRequests).toBe(0);
  }
});

test('what is too large, and what has no home, is told', async () => {
  const memory = tinyMemory([
    { pages: 2, latencyNs: 100 },
    { pages: 2, latencyNs: 300 },
  ]);
  const trace = letterTrace('abcabc');
  await expect(replay({ policy: optimum, memory, trace })).rejects.toMatchObject({
    code: 'POLICY_OUT_OF_REACH',
    message: expect.stringContaining('no node has room for all 3 pages'),
  });
});
