import { bytes, defineMigrationPolicy, hottest, ratio } from '@tierlab/policy';
import type { MigrationPolicy, NodeId } from '@tierlab/policy';
import { roomiest } from '../placement/tier-capacity.ts';

/**
 * The history page scheduler of Kleio and Cori: what was hot in the last period is taken to be hot
 * in the next one. At the end of each period the pages with the most accesses move into the fastest
 * tier, as many as it holds, and as many that are not among them leave it, those unused longest first.
 *
 * Two things differ from the published scheduler: it could evict a page that it had just predicted
 * to be hot, and it counted accesses in steps of 20; neither helps it.
 *
 * Source: Doudali et al., "Kleio: A Hybrid Memory Page Scheduler with Machine Intelligence",
 * HPDC 2019; "Cori: Dancing to the Right Beat of Periodic Data Movements", IPDPS 2021;
 * GTkernel/cori-sim.
 */
export const kleioHistory: MigrationPolicy = defineMigrationPolicy({
  name: 'kleio-history',
  doc: "At the end of each period, moves the period's most accessed pages into the fastest tier (Kleio, Cori: history page scheduler).",
  signals: ['accesses'],
  params: {
    fill: ratio({ default: 1, doc: 'Share of the fastest tier that is filled with hot pages.' }),
    budget: bytes({
      default: 2 ** 40,
      doc: 'Bytes moved into the fastest tier in one period at most.',
    }),
  },
  create({ params, memory, moves, pages, random }) {
    const [top] = memory.tiers;
    const isTop = (node: number): boolean => top.includes(node as NodeId);
    const capacity = (): number =>
      Math.floor(
        params.fill *
          top.reduce(
            (sum, id) => sum + memory.node(id).capacityPages - memory.watermarks(id).minPages,
            0,
          ),
      );
    const budgetPages = Math.floor(params.budget / memory.pageBytes);
    /** Epoch in which a page was last accessed, plus 1. */
    let lastUse = new Uint32Array(0);
    const last = { page: 0, accesses: 0, epoch: 0, hotPages: 0, victim: -1, unusedSince: 0 };
    return {
      epoch({ epoch, accesses, touched, touchedCount, pageCount, nodeOf }) {
        if (memory.tiers.length === 1) return;
        if (lastUse.length < pageCount) lastUse = grown(lastUse, pageCount);
        for (let i = 0; i < touchedCount; i++) lastUse[touched[i]] = epoch + 1;
        const hot = hottest(accesses, touched, touchedCount, capacity(), random);
        const predicted = new Set(hot);
        const arrivals = hot.filter((page) => !isTop(nodeOf[page])).slice(0, budgetPages);
        const victims = oldestFirst(pageCount, lastUse, random, (page) => {
          return isTop(nodeOf[page]) && !predicted.has(page) && pages.folioHead(page) === page;
        });
        let nextVictim = 0;
        for (const page of arrivals) {
          const target = roomiest(memory, top);
          Object.assign(last, { page, accesses: accesses[page], epoch, hotPages: hot.length });
          if (memory.freePages(target) > memory.watermarks(target).minPages) {
            moves.request(page, target);
          } else if (nextVictim < victims.length) {
            last.victim = victims[nextVictim++];
            last.unusedSince = lastUse[last.victim];
            moves.exchange(page, last.victim);
          } else return;
        }
      },
      explain: (page) =>
        page === last.page
          ? `${last.accesses} accesses in period ${last.epoch}: among its ${last.hotPages} hottest pages`
          : `made room for page ${last.page}; unused since period ${last.unusedSince}`,
    };
  },
});

/** The pages that `take` takes, longest unused first; those unused equally long in random order. */
function oldestFirst(
  pageCount: number,
  lastUse: Uint32Array,
  random: () => number,
  take: (page: number) => boolean,
): Uint32Array {
  const keys: number[] = [];
  const taken: number[] = [];
  for (let page = 0; page < pageCount; page++) {
    if (!take(page)) continue;
    taken.push(page);
    keys.push(lastUse[page] + random());
  }
  const order = Uint32Array.from(taken.keys()).sort((a, b) => keys[a] - keys[b]);
  return order.map((i) => taken[i]);
}

function grown(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(Math.max(length, column.length * 2));
  next.set(column);
  return next;
}
