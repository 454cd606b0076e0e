import type { MigrationPolicy } from '@tierlab/policy';
import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { createRandom } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { clock } from '../rulers/clock.ts';
import { fifo } from '../rulers/fifo.ts';
import { lru } from '../rulers/lru.ts';
import { exclusiveTiering } from './exclusive.ts';

/** A queue of pages, first the one that leaves next; `hit` and `pass` say what moves to its end. */
function queued(
  policy: MigrationPolicy,
  hit: (queue: number[], used: Set<number>, page: number) => void,
  pass: (queue: number[], used: Set<number>) => void,
): MigrationPolicy {
  return exclusiveTiering({
    name: policy.name,
    doc: policy.doc,
    create(capacity) {
      const queue: number[] = [];
      const used = new Set<number>();
      return {
        hits(page, from, to) {
          let i = from;
          for (; i < to && queue.includes(page[i]); i++) hit(queue, used, page[i]);
          return i;
        },
        admit(page) {
          if (queue.push(page) <= capacity) return -1;
          pass(queue, used);
          return queue.shift()!;
        },
      };
    },
  });
}

const asBlocks: readonly (readonly [MigrationPolicy, MigrationPolicy])[] = [
  [
    lru,
    queued(
      lru,
      (queue, _, page) => queue.push(...queue.splice(queue.indexOf(page), 1)),
      () => {},
    ),
  ],
  [
    fifo,
    queued(
      fifo,
      () => {},
      () => {},
    ),
  ],
  [
    clock,
    queued(
      clock,
      (_, used, page) => used.add(page),
      (queue, used) => {
        // The page that comes is at the end, and those passed over go before it.
        const coming = queue.pop()!;
        while (used.delete(queue[0])) queue.push(queue.shift()!);
        queue.push(coming);
      },
    ),
  ],
];

test.each(asBlocks.map((pair) => [pair[0].name, ...pair] as const))(
  '%s: what the engine runs is what a policy does that walks the accesses, to the bit',
  async (_, engineRun, walked) => {
    let moved = 0;
    for (let seed = 1; seed <= 24; seed++) {
      const random = createRandom(seed);
      const pageCount = 2 + Math.floor(200 * random());
      const numbers = Array.from({ length: 4000 }, () => Math.floor(pageCount * random() ** 3));
      const clocked = random() < 0.4;
      const time = clocked ? Float64Array.from(numbers, (__, i) => 200 * i) : undefined;
      const trace = numberTrace(numbers, (i) => i % 4 === 0, 1 + Math.floor(3000 * random()), time);
      const curve = { kind: 'knee', knee: 0.1, saturation: 5 } as const;
      const memory = tinyMemory([
        { pages: 1 + Math.floor(pageCount * random()), latencyNs: 90, bandwidthMbps: 3000, curve },
        { pages: Math.ceil(pageCount / 2), latencyNs: 160, bandwidthMbps: 2000, curve },
        { pages: pageCount, latencyNs: 300, bandwidthMbps: 1000 },
      ]);
      const settings = {
        contentionWindow: 20_000,
        intervalLength: 100_000,
        idleCores: seed % 3 === 0 ? 0 : 1,
      };
      const watchedPages = seed % 5 === 0 ? [0, 1, 2] : [];
      const request = { memory, trace, settings, watchedPages };
      const record = await replay({ ...request, policy: engineRun });
      expect(record, `seed ${seed}`).toEqual(await replay({ ...request, policy: walked }));
      expect(record, `seed ${seed}`).toEqual(
        await replay({ ...request, policy: engineRun, interpreted: true }),
      );
      moved += record.totals.movedRequests;
    }
    expect(moved).toBeGreaterThan(1000);
  },
);

test.each(asBlocks.map((pair) => [pair[0].name, ...pair] as const))(
  '%s: dates of moves outlast what a frame has room for',
  async (_, engineRun, walked) => {
    const random = createRandom(7);
    const numbers = Array.from({ length: 4000 }, () => Math.floor(60 * random() ** 2));
    // Moves are dated in steps of 1/32 ns here, and 2^31 of them are 67 ms: one access in fifty comes 40 ms after the last.
    let now = 0;
    const time = Float64Array.from(numbers, () => (now += random() < 0.02 ? 40e6 : 300));
    const trace = numberTrace(numbers, (i) => i % 4 === 0, 700, time);
    const memory = tinyMemory([
      { pages: 10, latencyNs: 90 },
      { pages: 60, latencyNs: 300 },
    ]);
    const request = { memory, trace, settings: { pingPongWindow: 20_000 } };
    const record = await replay({ ...request, policy: engineRun });
    expect(record).toEqual(await replay({ ...request, policy: walked }));
    expect(record.totals.timeNs).toBeGreaterThan(30 * 67e6);
    expect(record.totals.moveOutcome?.demotedThenPromotedPages).toBeGreaterThan(100);
  },
);
