import { defineMigrationPolicy, nodeId } from '@tierlab/policy';
import type { MigrationContext, MigrationHooks, MigrationPolicy } from '@tierlab/policy';
import { randomShares } from '@tierlab/core';
import { expect, test } from 'vitest';
import { numberTrace, replay, replayMany, tinyMemory } from '../index.ts';
import type { MemorySystem, RunRequest } from '../index.ts';

const [near, far] = [nodeId(0), nodeId(1)];
const SIGNALS = ['allocation', 'pressure', 'telemetry'] as const;
type Context = MigrationContext<(typeof SIGNALS)[number]>;
type Hooks = MigrationHooks<(typeof SIGNALS)[number]>;

function policyOf(name: string, create: (context: Context) => Hooks): MigrationPolicy {
  return defineMigrationPolicy({ name, doc: 'For one test.', signals: SIGNALS, create });
}

/** Policies whose answer for a new page takes more than the page, each by another way to learn of the run or to change it. */
const curious: readonly MigrationPolicy[] = [
  policyOf('asks-the-page', () => ({
    allocate: ({ page, write }) => [write || page % 3 === 0 ? near : far],
  })),
  policyOf('asks-the-clock', ({ clock }) => ({
    allocate: () => [Math.floor(clock.nowNs() / 777) % 2 === 0 ? near : far],
  })),
  policyOf('asks-the-cpu-now-and-then', ({ cpu, random }) => ({
    allocate: () => [random() < 0.1 && Math.floor(cpu.runtimeNs(0)) % 2 === 0 ? near : far],
  })),
  policyOf('asks-the-traffic', ({ signals }) => ({
    allocate: () => [signals.telemetry.reads(near) % 3 === 0 ? near : far],
  })),
  policyOf('moves-another-page', ({ moves, pages }) => ({
    allocate({ page }) {
      if (page > 5 && page % 7 === 0)
        moves.request(page - 5, pages.nodeOf[page - 5] === 0 ? far : near);
      return undefined;
    },
  })),
  policyOf('moves-what-was-mapped', ({ moves, pages }) => ({
    mapped(page) {
      if (page % 11 === 0) moves.request(page, pages.nodeOf[page] === 0 ? far : near);
    },
  })),
  policyOf('frees-under-pressure', ({ clock, moves, pages }) => {
    let next = 0;
    return {
      pressure() {
        clock.after(50, () => {
          for (let i = 0; i < 3 && next < pages.pageCount; i++, next++) moves.request(next, far);
        });
      },
    };
  }),
  policyOf('bills-the-application', ({ cpu }) => ({
    allocate({ page }) {
      if (page % 4 === 0) cpu.charge(100);
      return [far];
    },
  })),
];

/** The last pages come under pressure where both nodes together have room for few more than there are. */
function memoryOf(nearPages: number, farPages: number): MemorySystem {
  const watermarks = { minPages: 2, lowPages: 4, highPages: 6, promoPages: 8 };
  return tinyMemory([
    { pages: nearPages, latencyNs: 80, watermarks },
    { pages: farPages, latencyNs: 250, writeLatencyNs: 300, watermarks },
  ]);
}

test.each([1, 2, 3])(
  'pages mapped ahead of their accesses are where they would be (seed %i)',
  async (seed) => {
    const random = randomShares(seed);
    // New pages come all the time, in bursts, among accesses to those that are there.
    let known = 0;
    let burst = 0;
    const numbers = Array.from({ length: 20_000 }, () => {
      if (burst === 0 && random() < 0.01) burst = Math.floor(20 * random());
      if (burst > 0) burst--;
      else if (known > 0) return Math.floor(known * random() ** 3);
      return known++;
    });
    const writes = numbers.map(() => random() < 0.3);
    const trace = numberTrace(numbers, (i) => writes[i], 1 + Math.floor(9000 * random()));
    const requests = curious.flatMap((policy): RunRequest[] =>
      [0, 1].map((idleCores) => {
        const nearPages = 20 + Math.floor(0.8 * known * random());
        return {
          policy,
          memory: memoryOf(nearPages, known + 4 - nearPages),
          settings: { idleCores, intervalLength: 40_000 },
          seed,
        };
      }),
    );
    const together = await replayMany(trace, requests);
    for (const [i, request] of requests.entries()) {
      const { name } = request.policy;
      expect(together[i], `run ${i}: ${name}`).toEqual(await replay({ ...request, trace }));
    }
    const moved = together.filter(({ totals }) => totals.movedRequests > 0);
    expect(moved.length).toBe(6);
  },
);
