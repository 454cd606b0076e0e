import { randomShares } from '@tierlab/core';
import { defineMigrationPolicy } from '@tierlab/policy';
import type { NodeId } from '@tierlab/policy';
import { expect, test } from 'vitest';
import { numberTrace, replay, replayMany, tinyMemory } from '../index.ts';
import type { RunRequest } from '../index.ts';

/**
 * Looks through lists of the touched pages, all lists of the epochs so far among them, and moves some of what it finds meanwhile. What
 * the counters say depends on each answer.
 */
const searching = defineMigrationPolicy({
  name: 'searching',
  doc: 'For one test.',
  signals: ['accesses'],
  create({ pages, memory, moves, random, count, together }) {
    const lists = together('lists', () => new Map<number, Uint32Array>());
    const nodeSets: (readonly NodeId[])[] = [
      ...memory.nodes.map(({ id }) => [id]),
      memory.nodes.slice(1).map(({ id }) => id),
      [],
    ];
    return {
      epoch({ epoch, touched, touchedCount }) {
        if (!lists.has(epoch)) lists.set(epoch, touched.slice(0, touchedCount));
        for (const list of lists.values()) {
          const nodes = nodeSets[Math.floor(nodeSets.length * random())];
          const search = pages.search(list, nodes);
          const end = random() < 0.5 ? list.length : Math.floor(list.length * random());
          const moving = random() < 0.5;
          for (let i = Math.floor(end * random()), found = 0; found < 30; found++, i++) {
            const on = random() < 0.5;
            i = on ? search.nextOn(i, end) : search.nextElsewhere(i, end);
            count(`at_${epoch}`, found * i);
            if (i >= end) break;
            if (nodes.includes(pages.nodeOf[list[i]] as NodeId) !== on) count('wrong', 1);
            if (moving && random() < 0.3) {
              moves.request(list[i], memory.nodes[found % memory.nodes.length].id);
            }
            if (random() < 0.2 && i > 0) moves.exchangeMany([list[i]], [list[i - 1]]);
          }
        }
      },
    };
  },
});

test.each([2, 3])(
  'runs find pages together where each would by itself, on %i nodes',
  async (nodeCount) => {
    const random = randomShares(nodeCount);
    const pageCount = 12_000;
    const numbers = Array.from({ length: 90_000 }, () => Math.floor(pageCount * random() ** 2));
    const trace = numberTrace(numbers, () => false, 7000);
    const requests = [1, 2, 3, 4, 5].map((seed): RunRequest => ({
      policy: searching,
      memory: tinyMemory([
        ...Array.from({ length: nodeCount - 1 }, (_, i) => ({
          pages: 400 + Math.floor(4000 * random()),
          latencyNs: 80 + 40 * i,
        })),
        { pages: pageCount + 10, latencyNs: 250 },
      ]),
      settings: { epochAccesses: 15_000, intervalLength: 300_000 },
      seed,
    }));
    const together = await replayMany(trace, requests);
    for (const [i, request] of requests.entries()) {
      expect(together[i], `run ${i}`).toEqual(await replay({ ...request, trace }));
      expect(together[i].vmstat['wrong']).toBeUndefined();
      expect(together[i].totals.movedRequests).toBeGreaterThan(20);
    }
  },
);
