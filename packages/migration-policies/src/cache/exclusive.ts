import { defineMigrationPolicy, PolicyError } from '@tierlab/policy';
import type { ExclusiveCache, MigrationPolicy } from '@tierlab/policy';
import { fillablePages, roomiest } from '../placement/tier-capacity.ts';

/** The pages of the fastest tier as a cache: which page leaves when another one comes. */
export interface Replacement {
  /**
   * Takes accesses `from` to `to` while they hit, and returns the index of the first one that does
   * not; `to` if all do. The loop is inside, so that an access costs no call.
   */
  readonly hits: (page: Readonly<Uint32Array>, from: number, to: number) => number;
  /** Takes a page that is not in the cache; returns the page that leaves for it, or -1. */
  readonly admit: (page: number) => number;
}

/**
 * A cache replacement algorithm as exclusive tiering: the cache is the fastest tier, a miss is served
 * where the page is, and then the page and the victim change places. Every access is seen at once,
 * which no hardware offers: a bound on what recency and frequency can do, not a policy to run.
 *
 * The cache holds what first touch can fill of the fastest tier. Base pages only.
 */
export function exclusiveTiering(spec: {
  readonly name: string;
  readonly doc: string;
  readonly create: (capacity: number) => Replacement;
}): MigrationPolicy {
  return defineMigrationPolicy({
    name: spec.name,
    doc: spec.doc,
    signals: ['accessStream', 'allocation'],
    create({ memory, moves, pages }) {
      const [top] = memory.tiers;
      const cache = spec.create(Math.max(1, fillablePages(memory, top)));
      const isTop = new Uint8Array(256);
      for (const id of top) isTop[id] = 1;
      const swap = (page: number, victim: number): void => {
        if (pages.folioPages(page) > 1) throw needsBasePages(spec.name);
        const inside = isTop[pages.nodeOf[page]] === 1;
        if (victim >= 0) moves.exchange(page, victim);
        else if (!inside) moves.request(page, roomiest(memory, top));
      };
      return {
        allocate: () => top,
        block({ page, length, replayThrough }) {
          for (
            let i = cache.hits(page, 0, length);
            i < length;
            i = cache.hits(page, i + 1, length)
          ) {
            const missed = page[i];
            const victim = cache.admit(missed);
            if (victim < 0 && missed < pages.pageCount && isTop[pages.nodeOf[missed]]) continue;
            replayThrough(i);
            if (victim !== missed) swap(missed, victim);
          }
        },
      };
    },
  });
}

/** As {@link exclusiveTiering}, in an order that the engine knows and runs itself. */
export function orderedTiering(spec: {
  readonly name: string;
  readonly doc: string;
  readonly order: ExclusiveCache['order'];
}): MigrationPolicy {
  return defineMigrationPolicy({
    name: spec.name,
    doc: spec.doc,
    signals: ['accessStream'],
    create({ memory }) {
      const [nodes] = memory.tiers;
      return { cache: { order: spec.order, pages: fillablePages(memory, nodes), nodes } };
    },
  });
}

function needsBasePages(name: string): PolicyError {
  return new PolicyError(
    'POLICY_BAD_DEFINITION',
    `${name}: works on base pages only; run it with hugePages never`,
  );
}
