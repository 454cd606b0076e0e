import { randomShares } from '@tierlab/core';
import { defineMigrationPolicy } from '@tierlab/policy';
import type { AccessBlock, AccessTrace } from '@tierlab/trace';
import { expect, test } from 'vitest';
import { numberTrace, replay, replayEach, tinyMemory } from '../index.ts';
import type { GivenSettings, MemorySystem, RunRequest } from '../index.ts';

const lru = defineMigrationPolicy({
  name: 'recency',
  doc: 'For one test.',
  signals: ['accessStream'],
  create({ memory }) {
    const [nodes] = memory.tiers;
    const { capacityPages, id } = memory.nodes[0];
    const pages = Math.max(0, capacityPages - memory.watermarks(id).lowPages);
    return { cache: { order: 'recency', pages, nodes } };
  },
});

function memoryOf(near: number, far: number, lowPages = 0): MemorySystem {
  const watermarks = {
    minPages: Math.floor(lowPages / 2),
    lowPages,
    highPages: lowPages,
    promoPages: lowPages,
  };
  return tinyMemory([
    { pages: near, latencyNs: 80, writeLatencyNs: 110, watermarks },
    { pages: far, latencyNs: 250, writeLatencyNs: 400, watermarks },
  ]);
}

interface Case {
  readonly name: string;
  readonly settings?: GivenSettings;
  /** Pages of the far node, of so many in the trace. */
  readonly far?: (pageCount: number, random: () => number) => number;
  readonly lowPages?: number;
  readonly change?: (block: AccessBlock, index: number) => AccessBlock;
}

const cases: readonly Case[] = [
  { name: 'as it is' },
  { name: 'intervals of a few accesses', settings: { intervalLength: 2000 } },
  { name: 'watermarks', lowPages: 3 },
  { name: 'moves that soon come back', settings: { pingPongWindow: 3000 } },
  { name: 'every promotion has to pay for long', settings: { movePage: 100_000 } },
  {
    name: 'too little memory for some',
    far: (pages, random) => Math.floor(pages * random()) + 2,
  },
  { name: 'and watermarks', far: (pages, random) => Math.floor(pages * random()) + 5, lowPages: 4 },
  {
    name: 'records that stand for several accesses from some block on',
    change: (block, index) =>
      index < 3 ? block : { ...block, weight: new Uint32Array(block.length).fill(2) },
  },
];

/** Accesses to pages near the front of those used last, and now and then to any or to a new one. */
function drawTrace(random: () => number, change: Case['change']): AccessTrace & { pages: number } {
  const recent: number[] = [];
  const reach = 2 + Math.floor(300 * random());
  const numbers = Array.from({ length: 6000 }, () => {
    const depth = random() < 0.05 ? Infinity : Math.floor(reach * random() ** 4);
    const at = depth < recent.length ? depth : Math.floor(recent.length * random());
    const isNew = recent.length === 0 || random() < 0.03;
    const [number] = isNew ? [recent.length] : recent.splice(at, 1);
    recent.unshift(number);
    return number;
  });
  const writes = numbers.map(() => random() < 0.3);
  const trace = numberTrace(numbers, (i) => writes[i], 1 + Math.floor(2500 * random()));
  return {
    ...trace,
    pages: recent.length,
    async *blocks() {
      let index = 0;
      for await (const block of trace.blocks()) yield change?.(block, index++) ?? block;
    },
  };
}

test.each(cases)(
  'caches in one list have the records of runs on their own: $name',
  async (each) => {
    let moved = 0;
    let judged = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const random = randomShares(seed);
      const trace = drawTrace(random, each.change);
      const far = each.far?.(trace.pages, random) ?? trace.pages + 20;
      const requests = Array.from({ length: 3 + Math.floor(40 * random()) }, (_, i): RunRequest => {
        const near =
          (i === 0 ? 1 : 1 + Math.floor(1.1 * trace.pages * random() ** 2)) + (each.lowPages ?? 0);
        return {
          policy: lru,
          memory: memoryOf(near, far, each.lowPages),
          ...(each.settings && { settings: each.settings }),
        };
      });
      const together = await replayEach(trace, requests);
      for (const [i, request] of requests.entries()) {
        const alone = await replay({ ...request, trace }).catch((error: unknown) => error);
        expect(together[i], `seed ${seed}, run ${i}`).toEqual(alone);
        expect(JSON.stringify(together[i])).toBe(JSON.stringify(alone));
        if (together[i] instanceof Error) continue;
        const { totals } = together[i];
        moved += totals.movedRequests;
        judged +=
          (totals.moveOutcome?.wastedPromotionPages ?? 0) +
          (totals.moveOutcome?.unpaidPromotionPages ?? 0);
      }
    }
    expect(moved).toBeGreaterThan(1000);
    expect(judged).toBeGreaterThan(100);
  },
);
