import { bytes, defineMigrationPolicy, ratio } from '@tierlab/policy';
import type { MigrationPolicy, NodeId, PageIndex, PageSearch } from '@tierlab/policy';
import { addPair, createPairs, reservePairs, takePairs } from '../placement/page-pairs.ts';
import { movablePages, nodeWithRoom } from '../placement/tier-capacity.ts';
import { createUseOrder } from '../placement/use-order.ts';
import type { UseOrder, UseSegment } from '../placement/use-order.ts';

/**
 * The history page scheduler of Kleio and Cori: what was hot in the last period is taken to be hot
 * in the next one. At the end of each period the pages with the most accesses move into the fastest
 * tier, as many as it holds and the budget allows, the most accessed first, and as many that are not among them
 * leave it, those unused longest first.
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
  create({ params, memory, moves, pages, random, together }) {
    const [top] = memory.tiers;
    const capacity = (): number => Math.floor(params.fill * movablePages(memory, top));
    const withRoom = (): NodeId | undefined => nodeWithRoom(memory, top);
    const budgetPages = Math.floor(params.budget / memory.pageBytes);
    const seed = Math.floor(random() * 2 ** 32);
    const order = together(`use order ${seed}`, () => createUseOrder(seed));
    const victims = createVictims(order, pages, top);
    const pairs = createPairs();
    /** What `explain` is asked about: it is called while these move. */
    let arriving = new Uint32Array(0);
    /** The pages that make room for those. */
    let leaving = new Uint32Array(0);
    let period: { readonly epoch: number; readonly hotPages: number; readonly accesses: Counts };

    const bring = (page: number, target: NodeId): void => {
      arriving = Uint32Array.of(page);
      moves.request(page, target);
      // A huge page comes whole, with pages that were not used for long.
      if (pages.folioPages(page) > 1) victims.forget();
    };

    const swap = (): void => {
      ({ arriving, leaving } = takePairs(pairs));
      const swapped = moves.exchangeMany(arriving, leaving);
      // Refused where one of them is a huge page: it is still there.
      if (swapped < arriving.length) victims.forget();
    };

    return {
      epoch(view) {
        if (memory.tiers.length === 1) return;
        const { epoch, accesses } = view;
        order.follow(view);
        const { hottest } = order;
        const placed = pages.search(hottest, top);
        const hotPages = Math.min(hottest.length, capacity());
        victims.begin(hotPages);
        period = { epoch, hotPages, accesses };
        let left = budgetPages;
        let i = placed.nextElsewhere(0, hotPages);
        for (; i < hotPages && left > 0; left--) {
          const target = withRoom();
          // Exchanges leave the tier as full as it is.
          if (target === undefined) break;
          bring(hottest[i], target);
          i = placed.nextElsewhere(i + 1, hotPages);
        }
        reservePairs(pairs, Math.min(hotPages - i, left));
        for (; i < hotPages && left > 0; left--) {
          const victim = victims.next();
          if (victim < 0) break;
          const huge = pages.folioPages(hottest[i]) > 1 || pages.folioPages(victim) > 1;
          if (huge) swap();
          addPair(pairs, hottest[i], victim);
          // What comes with a huge page may be hot as well.
          if (huge) {
            swap();
            if (pages.folioPages(hottest[i]) > 1) victims.forget();
          }
          i = placed.nextElsewhere(i + 1, hotPages);
        }
        swap();
      },
      explain(page) {
        if (arriving.includes(page)) {
          const { accesses, epoch, hotPages } = period;
          return `${accesses[page]} accesses in period ${epoch}: among its ${hotPages} hottest pages`;
        }
        const arrival = arriving[leaving.indexOf(page)];
        return `made room for page ${arrival}; unused since period ${order.lastUse[page]}`;
      },
    };
  },
});

type Counts = Readonly<Uint32Array>;

/** The pages of the fastest tier that are not among the hottest, longest unused first. */
interface Victims {
  /** A period has ended in which `hotPages` pages are hot. */
  begin(hotPages: number): void;
  /** The next one; -1 if there is none. */
  next(): number;
  /** A page that was not used in the period is in the tier, wherever the search was. */
  forget(): void;
}

/**
 * Only pages of the last period come into the tier, so what was passed over as being elsewhere stays elsewhere until it
 * is used again: the search goes on where it ended in the period before.
 */
function createVictims(order: UseOrder, pages: PageIndex, top: readonly NodeId[]): Victims {
  let hot = 0;
  /** All pages before this one in the order are elsewhere. */
  const elsewhere = { use: 0, generation: 0, at: 0 };
  let neverUsed = 0;
  let newest = 0;
  let segment = 0;
  let at = 0;
  /** The search of the segment, and which of its pages may be victims. */
  let placed: PageSearch | undefined;
  let among: Uint32Array | undefined;

  const forget = (): void => {
    elsewhere.use = 0;
    elsewhere.at = 0;
  };

  return {
    begin(hotPages) {
      hot = hotPages;
      if (order.neverUsedCount > neverUsed) forget();
      neverUsed = order.neverUsedCount;
      const { use, generation } = elsewhere;
      const { segments } = order;
      newest = segments.at(-1)?.use ?? 0;
      segment = 0;
      while (segment < segments.length && segments[segment].use < use) segment++;
      const found = segments[segment] as UseSegment | undefined;
      const same = found?.use === use && found.generation === generation;
      at = same ? elsewhere.at : 0;
      placed = undefined;
    },
    next() {
      const { segments } = order;
      for (; segment < segments.length; segment++, at = 0, placed = undefined) {
        const here = segments[segment];
        const { pages: candidates, use, generation } = here;
        if (placed === undefined) {
          placed = pages.search(candidates, top);
          // Of the last period no entry is stale, and whatever was not used in it is not hot.
          among = use === newest ? order.colder(hot) : here.live;
        }
        for (;;) {
          at = placed.nextOn(at, candidates.length, among);
          if (at === candidates.length) break;
          const page = candidates[at++];
          if (pages.folioHead(page) !== page) continue;
          elsewhere.use = use;
          elsewhere.generation = generation;
          // What is hot now may be a victim in the next period: the last segment is searched again.
          elsewhere.at = segment < segments.length - 1 ? at : 0;
          return page;
        }
      }
      return -1;
    },
    forget,
  };
}
