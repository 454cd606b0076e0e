import { randomShares } from '@tierlab/core';
import type { RunRecord } from '@tierlab/core';
import { defineMigrationPolicy, nodeId } from '@tierlab/policy';
import type { MigrationContext, MigrationHooks, MigrationPolicy } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { numberTrace, replay, replayMany, tinyMemory } from '../index.ts';
import type { RunRequest } from '../index.ts';

const [near, far] = [nodeId(0), nodeId(1)];
const SIGNALS = ['accessedBits', 'hintFaults', 'allocation'] as const;
type Context = MigrationContext<(typeof SIGNALS)[number]>;
type Hooks = MigrationHooks<(typeof SIGNALS)[number]>;

function policyOf(name: string, create: (context: Context) => Hooks): MigrationPolicy {
  return defineMigrationPolicy({ name, doc: 'For one test.', signals: SIGNALS, create });
}

/** Moves a page to the other node. */
function swapNode({ moves, pages }: Context, page: number): void {
  moves.request(page, pages.nodeOf[page] === 0 ? far : near);
}

/** Policies that hear of touches, each in another way, and what they do with it shows in the record. */
const touching: readonly MigrationPolicy[] = [
  policyOf('reads-bits-at-ticks', (context) => {
    const { clock, pages, random, signals, count } = context;
    clock.every(3000, () => {
      for (let i = 0; i < 10 && pages.pageCount > 0; i++) {
        const page = Math.floor(pages.pageCount * random());
        const bits = signals.accessedBits.read(page, Math.floor(4 * random()));
        count(`bits_${bits}`, 1);
        if (bits === 3) swapNode(context, page);
      }
    });
    return {};
  }),
  policyOf('reads-bits-of-a-node-at-epochs', ({ signals, pages, count }) => ({
    epoch() {
      const bits = new Uint8Array(pages.pageCount);
      count('accessed_pages', signals.accessedBits.readNode(far, 1, bits));
      count('written_pages', bits.filter((bit) => (bit & 2) !== 0).length);
    },
  })),
  policyOf('protects-and-moves-what-faults', (context) => {
    const { clock, pages, random, signals } = context;
    clock.every(7000, () => {
      for (let i = 0; i < 5 && pages.pageCount > 0; i++) {
        signals.hintFaults.protect(Math.floor(pages.pageCount * random()));
      }
    });
    return { hintFault: ({ page }) => swapNode(context, page) };
  }),
  policyOf('protects-what-is-mapped', (context) => ({
    mapped(page) {
      if (page % 9 === 0) context.signals.hintFaults.protect(page);
    },
    hintFault({ page, timeNs, write, protectedNs }) {
      if (write) swapNode(context, page);
      context.count('fault_delay', Math.floor(timeNs - protectedNs));
    },
  })),
  policyOf('keeps-shadows', ({ clock, moves, pages, random, count }) => {
    clock.every(5000, () => {
      const page = Math.floor(pages.pageCount * random());
      if (page < pages.pageCount) {
        moves.enqueueTransaction(page, pages.nodeOf[page] === 0 ? far : near, true);
      }
    });
    return { moved: (page, _from, _to, refusal) => count(refusal ?? 'done', page) };
  }),
];

test.each([1, 2, 3])(
  'runs that hear of touches have the records of runs on their own (seed %i)',
  async (seed) => {
    const random = randomShares(seed);
    const pageCount = 300;
    const numbers = Array.from({ length: 25_000 }, () => Math.floor(pageCount * random() ** 4));
    const writes = numbers.map((page) => page % 3 === 0 && random() < 0.02);
    const trace = numberTrace(numbers, (i) => writes[i], 1 + Math.floor(9000 * random()));
    const requests = touching.flatMap((policy): RunRequest[] =>
      [0, 1].map((idleCores) => ({
        policy,
        memory: tinyMemory([
          { pages: 10 + Math.floor(200 * random()), latencyNs: 80 },
          { pages: pageCount + 10, latencyNs: 250 },
        ]),
        settings: { idleCores, intervalLength: 60_000, epochAccesses: 3500 },
        seed,
      })),
    );
    const together = await replayMany(trace, requests);
    for (const [i, request] of requests.entries()) {
      const { name } = request.policy;
      expect(together[i], `run ${i}: ${name}`).toEqual(await replay({ ...request, trace }));
    }
    const sum = (of: (record: RunRecord) => number): number =>
      together.reduce((total, record) => total + of(record), 0);
    expect(sum(({ totals }) => totals.movedRequests)).toBeGreaterThan(50);
    expect(sum(({ vmstat }) => vmstat['bits_1'] ?? 0)).toBeGreaterThan(10);
    expect(sum(({ vmstat }) => vmstat['bits_2'] ?? 0)).toBeGreaterThan(0);
    expect(sum(({ vmstat }) => vmstat['numa_hint_faults'] ?? 0)).toBeGreaterThan(50);
    expect(sum(({ vmstat }) => vmstat['written_pages'] ?? 0)).toBeGreaterThan(10);
  },
);
