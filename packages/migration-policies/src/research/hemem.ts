import { bytes, count, defineMigrationPolicy, duration } from '@tierlab/policy';
import type { MigrationPolicy, NodeId, SampleBatch } from '@tierlab/policy';
import { createHotLists } from '../hemem/hot-lists.ts';
import { roomiest } from '../placement/tier-capacity.ts';
import { createSampleHeat } from '../hemem/sample-heat.ts';

/**
 * HeMem: pages are counted by samples of loads and stores, hot ones are those whose counts reach a threshold, and a
 * policy thread moves hot pages of slow memory up in the order in which they became hot, into free memory or in place
 * of a page that is not hot. A hot page is never evicted for another.
 *
 * When a count passes the cooling threshold a clock ticks: counts halve once for each tick that they missed, and a sweep
 * over the hot lists sorts out what is no longer hot.
 *
 * The published system manages mappings of a gigabyte and more in 2 MiB pages; here every page is managed, and a page
 * is what the run maps: base pages, or huge pages where the run has them.
 *
 * Source: Raybuck et al., "HeMem: Scalable Tiered Memory Management for Big Data Applications and Real NVM", SOSP 2021;
 * webglider/hemem, branch baseline-hemem, src/policies/pebs.c.
 */
export const hemem: MigrationPolicy = defineMigrationPolicy({
  name: 'hemem',
  doc: 'HeMem: pages whose samples reach a threshold move up, into free memory or in place of a page that is not hot.',
  signals: ['samples', 'allocation'],
  params: {
    sample_period: count({ default: 5003, min: 1, doc: 'Events of one kind for each sample.' }),
    hot_read_threshold: count({ default: 8, min: 1, doc: 'Sampled loads of a hot page.' }),
    hot_write_threshold: count({ default: 4, min: 1, doc: 'Sampled stores of a hot page.' }),
    cooling_threshold: count({ default: 18, min: 1, doc: 'A count above it halves all counts.' }),
    interval: duration({
      default: 10e6,
      min: 1e3,
      doc: 'Between two passes of the policy thread.',
    }),
    migrate_cap: bytes({ default: 10 * 2 ** 30, doc: 'Bytes that a pass moves up at most.' }),
    hot_requests: count({
      default: 2 ** 20,
      doc: 'Pages that a pass takes to a hot list at most.',
    }),
    cold_requests: count({ default: 128, doc: 'Pages that a pass takes to a cold list at most.' }),
    cooling_pages: count({ default: 8192, doc: 'Pages of each hot list that a pass looks at.' }),
  },
  create({ params, memory, pages, moves, signals, clock, cpu }) {
    const [top, ...lower] = memory.tiers;
    if (lower.length === 0) return {};
    const samplers = [
      { event: 'loads' as const, nodes: top },
      { event: 'loads' as const, nodes: lower.flat() },
      { event: 'stores' as const },
    ].map((spec) => signals.samples.open({ ...spec, period: params.sample_period }));
    const heat = createSampleHeat(params);
    const lists = createHotLists((page) => top.includes(memory.node(pages.nodeOf[page]).id));
    /** Pages that became hot and cold, and are in the list of the other kind until the next pass. */
    const requests = { hot: createQueue(), cold: createQueue() };
    const requested = new Set<number>();

    const sampled = (page: number, write: boolean): void => {
      const head = pages.folioHead(page);
      const hot = heat.add(head, write);
      if (hot !== lists.isHot(head) && !requested.has(head)) {
        requested.add(head);
        (hot ? requests.hot : requests.cold).push(head);
      }
      heat.settle(head, write);
    };

    const drainRequests = (queue: Queue, limit: number, hot: boolean): void => {
      for (let i = 0; i < limit; i++) {
        const page = queue.shift();
        if (page < 0) return;
        requested.delete(page);
        lists.put(page, hot);
      }
    };

    /** Where a page can come to in the fastest tier; undefined: it is full. */
    const room = (from: readonly NodeId[], folioPages: number): NodeId | undefined => {
      const node = roomiest(memory, from);
      return memory.freePages(node) - folioPages >= memory.watermarks(node).minPages
        ? node
        : undefined;
    };
    /** What `explain` is asked about. */
    const last = { page: -1, victim: -1 };

    /** Makes room in the fastest tier by its page that is cold for the longest time; whether it did. */
    const demoteOne = (): boolean => {
      const victim = lists.firstColdOfFast();
      if (victim < 0) return false;
      const target = lower.map((nodes) => room(nodes, pages.folioPages(victim))).find(isNode);
      last.victim = victim;
      if (target === undefined || !moves.request(victim, target)) return false;
      lists.put(victim, false);
      return true;
    };

    const promote = (): void => {
      let left = Math.floor(params.migrate_cap / memory.pageBytes);
      while (left > 0) {
        const page = lists.firstHotOfSlow();
        if (page < 0) return;
        if (!heat.isHot(page)) {
          lists.put(page, false);
          continue;
        }
        const folioPages = pages.folioPages(page);
        Object.assign(last, { page, victim: -1 });
        if (room(top, folioPages) === undefined && !demoteOne()) return;
        const target = room(top, folioPages);
        if (target === undefined || !moves.request(page, target)) return;
        lists.put(page, true);
        left -= folioPages;
      }
    };

    clock.every(params.interval, () => {
      // One thread reads samples all the time; the passes are charged as the work that they are.
      cpu.charge(params.interval);
      const clockBefore = heat.clock();
      inOrderOfTime(
        samplers.map((sampler) => sampler.drain()),
        sampled,
      );
      if (heat.clock() > clockBefore) lists.beginCooling();
      drainRequests(requests.hot, params.hot_requests, true);
      drainRequests(requests.cold, params.cold_requests, false);
      lists.cool(params.cooling_pages, (page) => heat.isHot(page));
      promote();
    });

    return {
      mapped: (page) => lists.put(page, false),
      explain: (page) =>
        page === last.victim
          ? `longest in the cold list of its tier; made room for page ${last.page}`
          : `first in the hot list: ${heat.show(page)} at clock ${heat.clock()}`,
    };
  },
});

const isNode = (node: NodeId | undefined): node is NodeId => node !== undefined;

/** Pages, first in, first out. */
interface Queue {
  push(page: number): void;
  /** The first; -1 if there is none. */
  shift(): number;
}

function createQueue(): Queue {
  let waiting: number[] = [];
  let next = 0;
  return {
    push: (page) => void waiting.push(page),
    shift() {
      if (next === waiting.length) {
        waiting = [];
        next = 0;
        return -1;
      }
      return waiting[next++];
    },
  };
}

/** Visits the samples of several batches by their time; of the same time, in the order of the batches. */
function inOrderOfTime(
  batches: readonly SampleBatch[],
  visit: (page: number, write: boolean) => void,
): void {
  const at = batches.map(() => 0);
  for (;;) {
    let first = -1;
    for (const [i, { length, timeNs }] of batches.entries()) {
      if (at[i] === length) continue;
      if (first < 0 || timeNs[at[i]] < batches[first].timeNs[at[first]]) first = i;
    }
    if (first < 0) return;
    const { page, write } = batches[first];
    const i = at[first]++;
    visit(page[i], write[i] === 1);
  }
}
