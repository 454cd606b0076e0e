import { randomShares } from '@tierlab/core';
import { defineMigrationPolicy } from '@tierlab/policy';
import type { ExclusiveCache, MigrationPolicy } from '@tierlab/policy';
import type { AccessBlock, AccessTrace } from '@tierlab/trace';
import { expect, test } from 'vitest';
import { replay, tinyMemory } from './index.ts';
import type { GivenSettings } from './index.ts';

type Random = () => number;

/** Caches that are large enough for the compiled loop's groups, of pages that come back, are swept, and are used in a row. */
function drawTrace(random: Random, pageCount: number, timed: boolean): AccessTrace {
  const blocks: AccessBlock[] = [];
  const skew = 1 + 4 * random();
  const sweeps = random() < 0.5 ? 0.002 : 0;
  let known = 0;
  let now = 0;
  let sweep = -1;
  for (let b = 0; b < 6; b++) {
    const page = new Uint32Array(Math.floor(6000 * random()));
    const newPageFirst = known;
    for (let i = 0; i < page.length; i++) {
      if (sweep < 0 && random() < sweeps) sweep = 0;
      const inRow = i > 0 && random() < 0.1;
      const drawn = sweep >= 0 ? sweep++ : Math.floor(pageCount * random() ** skew);
      page[i] = inRow ? page[i - 1] : Math.min(drawn, known);
      if (sweep >= known) sweep = -1;
      if (page[i] === known) known++;
    }
    blocks.push({
      length: page.length,
      page,
      write: Uint8Array.from(page, () => (random() < 0.3 ? 1 : 0)),
      newPageFirst,
      newPageNumber: Float64Array.from(
        { length: known - newPageFirst },
        (_, i) => newPageFirst + i,
      ),
      ...(timed && {
        time: Float64Array.from(page, () => (now += Math.floor(300 * random() ** 3))),
      }),
    });
  }
  return {
    declaration: {
      format: 'drawn',
      level: 'cpu',
      addressSpace: 'virtual',
      clock: timed ? 'nanoseconds' : 'accesses',
      pageShift: 12,
      threads: false,
      writes: true,
    },
    async *blocks() {
      yield* blocks;
    },
  };
}

/** A cache on the first node or, where it is on two, on these; now and then something else moves a page, if it is disturbed. */
const cacheOf = (
  order: ExclusiveCache['order'],
  nodeCount: number,
  slots: number,
  disturbed: boolean,
): MigrationPolicy =>
  defineMigrationPolicy({
    name: 'cache',
    doc: '',
    signals: ['accessStream'],
    create({ memory, clock, pages, moves, random }) {
      const nodes = memory.nodes.slice(0, nodeCount).map(({ id }) => id);

      if (disturbed) {
        clock.every(40_000, () => {
          if (pages.pageCount === 0) return;
          const { id } = memory.nodes[Math.floor(memory.nodes.length * random())];
          moves.request(Math.floor(pages.pageCount * random()), id);
        });
      }
      return { cache: { order, pages: slots, nodes } };
    },
  });

test('caches replayed in groups of accesses have the records of the loop in TypeScript, to the bit', async () => {
  let moved = 0;
  let comebacks = 0;
  let wasted = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const random = randomShares(seed);
    const slots = 128 + Math.floor(200 * random());
    const pageCount = slots + Math.floor(1500 * random());
    const timed = random() < 0.4;
    const trace = drawTrace(random, pageCount, timed);
    const latencies = random() < 0.3 ? [90, 400, 130] : [90, 250, 300 * (1 + random())];
    const memory = tinyMemory(
      latencies.map((latencyNs, i) => ({
        pages: i === 2 ? pageCount + 16 : slots + Math.floor(100 * random()),
        latencyNs,
        bandwidthMbps: 20_000 - 4000 * i,
      })),
    );
    const settings: GivenSettings = {
      intervalLength: 2000 + Math.floor(500_000 * random()),
      pingPongWindow: 10 ** (3 + 5 * random()),
      loop: timed && random() < 0.4 ? 'open' : 'closed',
      fault: random() < 0.5 ? 0 : 500,
      movePage: [1500, 1500, 6000, 15_000][Math.floor(4 * random())],
    };
    const orders = ['recency', 'recency', 'arrival', 'second-chance'] as const;
    const nodeCount = random() < 0.15 ? 2 : 1;
    const policy = cacheOf(orders[seed % 4], nodeCount, slots, random() < 0.4);
    const request = { policy, memory, trace, settings, seed };
    const compiled = await replay(request);
    expect(compiled, `seed ${seed}`).toEqual(await replay({ ...request, interpreted: true }));
    moved += compiled.totals.movedRequests;
    comebacks += compiled.totals.moveOutcome!.demotedThenPromotedPages;
    wasted += compiled.totals.moveOutcome!.wastedPromotionPages;
  }
  expect(moved).toBeGreaterThan(40_000);
  expect(comebacks).toBeGreaterThan(1000);
  expect(wasted).toBeGreaterThan(1000);
});
