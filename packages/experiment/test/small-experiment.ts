import { randomShares } from '@tierlab/core';
import { count, defineMigrationPolicy, hottest, type MigrationPolicy } from '@tierlab/policy';
import { numberTrace, tinyMemory } from '@tierlab/simulator';

import type { Experiment, ExperimentMachine, ExperimentTrace } from '../src/matrix.ts';

const PAGE_BYTES = 4096;

export const stayPut: MigrationPolicy = defineMigrationPolicy({
  name: 'stay-put',
  doc: 'Nothing moves.',
  create: () => ({}),
});

/** Everything fits into the fastest tier. */
export const allFast: MigrationPolicy = defineMigrationPolicy({
  name: 'all-fast',
  doc: 'Every page in the fastest tier.',
  relaxes: ['capacity'],
  create: () => ({}),
});

/** At the end of an epoch, swaps the hottest pages of the slower node with random ones of the faster. */
export const swapHot: MigrationPolicy = defineMigrationPolicy({
  name: 'swap-hot',
  doc: 'Exchanges hot pages of node 1 with pages of node 0.',
  signals: ['accesses'],
  params: { pages: count({ default: 4, min: 0, doc: 'Pages swapped in an epoch.' }) },
  create: ({ params, random, moves }) => ({
    epoch({ pageCount, nodeOf, accesses }) {
      const on = (node: number): number[] =>
        Array.from({ length: pageCount }, (_, page) => page).filter(
          (page) => nodeOf[page] === node,
        );
      const upper = on(0);
      for (const page of hottest(accesses, on(1), on(1).length, params.pages, random)) {
        if (upper.length === 0) return;
        const victim = upper[Math.floor(random() * upper.length)];
        if (accesses[victim] < accesses[page]) moves.exchange(page, victim);
      }
    },
  }),
});

/**
 * `length` accesses to `pages` pages, where a page is the rarer the higher its number: skew 0 is uniform. Page
 * numbers are shuffled, so that first touch is no oracle.
 */
export function skewedTrace(
  name: string,
  { length, pages, skew, seed = 2 }: { length: number; pages: number; skew: number; seed?: number },
): ExperimentTrace {
  const random = randomShares(seed);
  // The coldest pages first: first touch then fills the fastest tier with what matters least.
  const numbers = Array.from({ length }, (_, i) =>
    i < pages ? pages - 1 - i : Math.floor(pages * random() ** (1 + skew)),
  );
  return { name, open: () => numberTrace(numbers, (i) => i % 5 === 0, 512) };
}

/** DRAM of 100 ns and a second tier of 400 ns that holds anything. */
export const twoTiers: ExperimentMachine = {
  name: 'two-tiers',
  memory: (capacities) =>
    tinyMemory([
      { pages: Math.floor((capacities[0] ?? 64 * PAGE_BYTES) / PAGE_BYTES), latencyNs: 100 },
      { pages: 1_000_000, latencyNs: 400 },
    ]),
};

export const smallExperiment: Experiment = {
  traces: [
    skewedTrace('skewed', { length: 2000, pages: 100, skew: 4 }),
    skewedTrace('uniform', { length: 2000, pages: 100, skew: 0 }),
  ],
  machines: [twoTiers],
  policies: [
    { policy: allFast },
    { policy: stayPut },
    { policy: swapHot, params: { pages: [2, '8'] } },
  ],
  capacities: [{ 0: 20 * PAGE_BYTES }, { 0: 50 * PAGE_BYTES }],
  seeds: [1, 2, 3],
  settings: { epochAccesses: 250 },
  tool: { name: 'test', version: '1' },
};
