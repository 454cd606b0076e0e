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
    const isTop = new Uint8Array(256);
    for (const id of top) isTop[id] = 1;
    const capacity = (): number =>
      Math.floor(
        params.fill *
          top.reduce(
            (sum, id) => sum + memory.node(id).capacityPages - memory.watermarks(id).minPages,
            0,
          ),
      );
    const withRoom = (): NodeId | undefined => {
      const target = roomiest(memory, top);
      return memory.freePages(target) > memory.watermarks(target).minPages ? target : undefined;
    };
    const budgetPages = Math.floor(params.budget / memory.pageBytes);
    /** Epoch in which a page was last accessed, plus 1. */
    let lastUse = new Uint32Array(0);
    /** 1 for the pages that the period makes hot, while its moves are chosen. */
    let isHot = new Uint8Array(0);
    /** What `explain` is asked about: it is called while a page moves. */
    const last = {
      page: 0,
      epoch: 0,
      hotPages: 0,
      accesses: new Uint32Array(0) as Readonly<Uint32Array>,
    };
    return {
      epoch({ epoch, accesses, touched, touchedCount, pageCount, nodeOf }) {
        if (memory.tiers.length === 1) return;
        if (lastUse.length < pageCount) {
          lastUse = grown(lastUse, pageCount);
          isHot = new Uint8Array(lastUse.length);
        }
        for (let i = 0; i < touchedCount; i++) lastUse[touched[i]] = epoch + 1;
        const hot = hottest(accesses, touched, touchedCount, capacity(), random);
        const arrivals: number[] = [];
        for (const page of hot) {
          isHot[page] = 1;
          if (isTop[nodeOf[page]] === 0 && arrivals.length < budgetPages) arrivals.push(page);
        }
        const candidates: number[] = [];
        for (let page = 0; page < pageCount; page++) {
          if (isTop[nodeOf[page]] === 0 || isHot[page] === 1) continue;
          if (pages.folioHead(page) === page) candidates.push(page);
        }
        for (const page of hot) isHot[page] = 0;
        const victims = oldestFirst(candidates, lastUse, random);
        let nextVictim = 0;
        // Exchanges leave the tier as full as it is.
        let full = false;
        last.epoch = epoch;
        last.hotPages = hot.length;
        last.accesses = accesses;
        for (const page of arrivals) {
          last.page = page;
          const target: NodeId | undefined = full ? undefined : withRoom();
          full = target === undefined;
          if (target !== undefined) moves.request(page, target);
          else if (nextVictim < victims.length) moves.exchange(page, victims[nextVictim++]);
          else return;
        }
      },
      explain: (page) =>
        page === last.page
          ? `${last.accesses[page]} accesses in period ${last.epoch}: among its ${last.hotPages} hottest pages`
          : `made room for page ${last.page}; unused since period ${lastUse[page]}`,
    };
  },
});

/** These pages, longest unused first; those unused equally long in random order. */
function oldestFirst(
  pages: readonly number[],
  lastUse: Uint32Array,
  random: () => number,
): Uint32Array {
  // Of the two digits of a key the random one is the lower: 32 bits, in halves.
  const share = Uint32Array.from(pages, () => random() * 2 ** 32);
  const low = share.map((value) => value & 0xffff);
  const high = share.map((value) => value >>> 16);
  const use = Uint32Array.from(pages, (page) => lastUse[page]);
  const order = [low, high, use].reduce(sortedBy, Uint32Array.from(pages.keys()));
  return order.map((i) => pages[i]);
}

/** `order` sorted by `digit[order[i]]`; where that is equal, it stays. */
function sortedBy(order: Uint32Array, digit: Uint32Array): Uint32Array {
  let largest = 0;
  for (const value of digit) if (value > largest) largest = value;
  const place = new Uint32Array(largest + 2);
  for (const value of digit) place[value + 1]++;
  for (let value = 1; value <= largest; value++) place[value] += place[value - 1];
  const sorted = new Uint32Array(order.length);
  for (const i of order) sorted[place[digit[i]]++] = i;
  return sorted;
}

function grown(column: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const next = new Uint32Array(Math.max(length, column.length * 2));
  next.set(column);
  return next;
}
