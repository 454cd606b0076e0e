import { createPageLists } from '../cache/page-list.ts';

/** The lists that a page can be in; each is first in, first out. */
const FAST_HOT = 1;
const FAST_COLD = 2;
const SLOW_HOT = 3;
const SLOW_COLD = 4;

/** Every page in one of four lists: hot or cold, of fast or of slow memory. */
export interface HotLists {
  isHot(page: number): boolean;
  /** Puts a page at the end of the hot or the cold list of the memory where it is now. */
  put(page: number, hot: boolean): void;
  /** The first page of a list; -1 if there is none. */
  firstHotOfSlow(): number;
  firstColdOfFast(): number;
  /** From now on the hot lists are looked through, once round each. */
  beginCooling(): void;
  /** Looks at up to `limit` pages of each hot list that has not been looked through. */
  cool(limit: number, isStillHot: (page: number) => boolean): void;
}

/** No page yet. */
export function createHotLists(isFast: (page: number) => boolean): HotLists {
  const lists = createPageLists(SLOW_COLD);
  const put = (page: number, hot: boolean): void => {
    if (lists.listOf(page) !== 0) lists.remove(page);
    const list = isFast(page) ? [FAST_COLD, FAST_HOT] : [SLOW_COLD, SLOW_HOT];
    lists.pushHead(list[hot ? 1 : 0], page);
  };
  const sweeps = [createSweep(FAST_HOT), createSweep(SLOW_HOT)];
  const look = (sweep: Sweep, isStillHot: (page: number) => boolean): void => {
    const page = lists.tail(sweep.list);
    // Once round: the first page that stayed has come back.
    if (page < 0 || page === sweep.stayed) {
      sweep.underWay = false;
      return;
    }
    const hot = isStillHot(page);
    if (hot && sweep.stayed < 0) sweep.stayed = page;
    put(page, hot);
  };
  return {
    isHot: (page) => [FAST_HOT, SLOW_HOT].includes(lists.listOf(page)),
    put,
    firstHotOfSlow: () => lists.tail(SLOW_HOT),
    firstColdOfFast: () => lists.tail(FAST_COLD),
    beginCooling() {
      for (const sweep of sweeps) Object.assign(sweep, { underWay: true, stayed: -1 });
    },
    cool(limit, isStillHot) {
      for (const sweep of sweeps)
        for (let i = 0; i < limit && sweep.underWay; i++) look(sweep, isStillHot);
    },
  };
}

/** A walk through a hot list that sorts out what has cooled. */
interface Sweep {
  readonly list: number;
  underWay: boolean;
  /** The first page of this sweep that stayed; -1 before. */
  stayed: number;
}

const createSweep = (list: number): Sweep => ({ list, underWay: false, stayed: -1 });
