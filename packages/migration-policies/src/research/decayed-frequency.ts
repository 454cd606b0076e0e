import { bytes, defineMigrationPolicy, ratio } from '@tierlab/policy';
import type { MigrationContext, MigrationPolicy, NodeId, PageSearch } from '@tierlab/policy';
import { createDecayedScores } from '../placement/decayed-scores.ts';
import type { DecayedScores } from '../placement/decayed-scores.ts';
import { addPair, createPairs, reservePairs, takePairs } from '../placement/page-pairs.ts';
import { movablePages, nodeWithRoom } from '../placement/tier-capacity.ts';

/**
 * Frequency with exponential decay, classified as MEMTIS does it: a histogram of the pages' scores in bins of powers of two says from
 * which bin on a page is hot, such that the hot pages just fit the fastest tier. At the end of each epoch the hot ones among those
 * that were accessed in it move there, of the highest bin first, as many as the budget allows. Where there is no room, each changes places with a page of
 * the tier that a clock's hand finds: one that is at least two bins colder than hot or, where there is none, one that is one
 * bin colder, which MEMTIS calls warm.
 *
 * MEMTIS counts samples, halves all counts after a number of them and moves pages by threads of its own (`memtis-ns`); this one counts
 * all accesses, forgets by epochs, and moves at their ends.
 *
 * Source: Lee et al., "MEMTIS: Efficient Memory Tiering with Dynamic Page Classification and Page Size Determination",
 * SOSP 2023, sections 4.1 and 4.2.
 */
export const decayedFrequency: MigrationPolicy = defineMigrationPolicy({
  name: 'decayed-frequency',
  doc: 'At the end of each epoch, moves pages into the fastest tier whose decayed access counts are in the bins that just fit it.',
  signals: ['accesses'],
  params: {
    halfLife: ratio({
      default: 4,
      min: 0.01,
      max: 1e6,
      doc: 'Epochs after which an access counts half as much.',
    }),
    fill: ratio({ default: 1, doc: 'Share of the fastest tier that hot pages may take.' }),
    budget: bytes({
      default: 2 ** 40,
      doc: 'Bytes moved into the fastest tier in one epoch at most.',
    }),
  },
  create({ params, memory, moves, pages, random, together }) {
    const [top] = memory.tiers;
    const budgetPages = Math.floor(params.budget / memory.pageBytes);
    const seed = Math.floor(random() * 2 ** 32);
    const scores = together(`decayed scores ${params.halfLife} ${seed}`, () =>
      createDecayedScores(params.halfLife, seed),
    );
    const hand = createHand(scores, pages, top, random());
    const pairs = createPairs();
    let hotBin = 0;
    /** Asked of by `explain`, which is called while pages move: what the pages that leave make room for. */
    let arriving = new Uint32Array(0);
    let leaving = new Uint32Array(0);

    const swap = (): void => {
      ({ arriving, leaving } = takePairs(pairs));
      const swapped = moves.exchangeMany(arriving, leaving);
      // Refused where one of them is a huge page: it is still there.
      if (swapped < arriving.length) hand.forget();
    };

    return {
      epoch(view) {
        if (memory.tiers.length === 1) return;
        scores.follow(view);
        hotBin = scores.lowestOf(Math.floor(params.fill * movablePages(memory, top)));
        const { accessed } = scores;
        const hotPages = scores.accessedFrom(hotBin);
        const placed = pages.search(accessed, top);
        let left = budgetPages;
        let i = placed.nextElsewhere(0, hotPages);
        for (; i < hotPages && left > 0; left--) {
          const target = nodeWithRoom(memory, top);
          if (target === undefined) break;
          moves.request(accessed[i], target);
          if (pages.folioPages(accessed[i]) > 1) hand.forget();
          i = placed.nextElsewhere(i + 1, hotPages);
        }
        hand.begin(hotBin);
        reservePairs(pairs, Math.min(hotPages - i, left));
        for (; i < hotPages && left > 0; left--) {
          const victim = hand.next();
          if (victim < 0) break;
          addPair(pairs, accessed[i], victim);
          // What comes and goes with a huge page is found where it is then.
          if (pages.folioPages(accessed[i]) > 1 || pages.folioPages(victim) > 1) {
            swap();
            hand.forget();
          }
          i = placed.nextElsewhere(i + 1, hotPages);
        }
        swap();
      },
      explain(page) {
        const score = scores.scoreOf(page).toFixed(2);
        const arrival = arriving[leaving.indexOf(page)];
        if (arrival !== undefined) return `made room for page ${arrival}; score ${score}`;
        return `score ${score}: among the pages from bin ${hotBin} on, which fit the fastest tier`;
      },
    };
  },
});

/** A hand that goes round all pages and stops at those of the fastest tier that may leave it. */
interface Hand {
  /** An epoch has ended after which pages are hot from this bin on. */
  begin(hotBin: number): void;
  /** The next page to leave, each once an epoch; -1 if there is none. */
  next(): number;
  /** Pages have come into the tier that are not hot. */
  forget(): void;
}

/**
 * Only hot pages come into the tier, and pages get into lower bins in no other way than that the hot ones are higher: what was looked for all round and is
 * gone need not be looked for again, until pages are mapped there.
 *
 * The hand first stands at this share of the pages that there are then.
 */
function createHand(
  scores: DecayedScores,
  pages: MigrationContext['pages'],
  top: readonly NodeId[],
  startShare: number,
): Hand {
  /** Where it stands: -1 before the first epoch. */
  let part = -1;
  let at = 0;
  /** Bins that it looks for, and pages to go until it was round. */
  let from = 0;
  let end = 0;
  let left = 0;
  let hot = 0;
  /** No page of the tier is below this bin, of those up to `seen`. */
  let goneBelow = 0;
  let seen = 0;
  const isTop = new Uint8Array(256);
  for (const id of top) isTop[id] = 1;
  /** The search of the part, and which of its pages are in those bins. */
  let placed: PageSearch | undefined;
  let among: Uint32Array | undefined;

  const leavePart = (): void => {
    placed = undefined;
    among = undefined;
  };

  const goRound = (fromBin: number, endBin: number): void => {
    from = fromBin;
    end = endBin;
    left = from < end ? pages.pageCount : 0;
    leavePart();
  };

  const haveCome = (): boolean => {
    const { nodeOf, pageCount } = pages;
    let page = seen;
    while (page < pageCount && isTop[nodeOf[page]] === 0) page++;
    seen = pageCount;
    return page < pageCount;
  };

  const stand = (): void => {
    const { parts } = scores;
    part = Math.floor(startShare * parts.length);
    at = Math.floor((startShare * parts.length - part) * parts[part].length);
  };

  return {
    begin(hotBin) {
      if (part < 0) stand();
      // All bins are lower after scores were made smaller.
      if (haveCome() || hotBin < hot) goneBelow = 0;
      hot = hotBin;
      goRound(goneBelow, Math.max(goneBelow, hot - 1));
    },
    next() {
      const { parts } = scores;
      for (;;) {
        if (left === 0) {
          goneBelow = end;
          if (end >= hot) return -1;
          goRound(end, hot);
        }
        const list = parts[part];
        placed ??= pages.search(list, top);
        among ??= scores.inBins(from, end, part);
        const stop = Math.min(list.length, at + left);
        const found = placed.nextOn(at, stop, among);
        left -= found - at;
        at = found;
        if (found < stop) {
          at++;
          left--;
          if (pages.folioHead(list[found]) === list[found]) return list[found];
        } else if (at === list.length) {
          part = (part + 1) % parts.length;
          at = 0;
          leavePart();
        }
      }
    },
    forget() {
      seen = 0;
    },
  };
}
