import { coldest, defineMigrationPolicy, hottest } from '@tierlab/policy';
import type { MigrationPolicy, Relaxation } from '@tierlab/policy';
import { fillablePages, roomiest } from './tier-capacity.ts';

/**
 * Before each epoch, the pages with the most accesses in it are brought into the fastest tier, and
 * pages that it first touches are mapped there if they are among them.
 */
export function windowPlacement(spec: {
  readonly name: string;
  readonly doc: string;
  readonly relaxes: readonly Relaxation[];
}): MigrationPolicy {
  return defineMigrationPolicy({
    ...spec,
    signals: ['futureAccesses', 'allocation'],
    create({ memory, moves, pages, random }) {
      const [top, ...others] = memory.tiers;
      const lower = others.flat();
      const room = fillablePages(memory, top);
      let wanted = new Uint8Array(0);
      const isTop = new Uint8Array(256);
      for (const id of top) isTop[id] = 1;
      /** 0, 1, 2 and so on. */
      let all = new Uint32Array(0);
      const plan = (future: Readonly<Uint32Array>): void => {
        if (all.length < future.length) all = pagesBelow(2 * future.length);
        const chosen = hottest(future, all, future.length, room, random);
        wanted = new Uint8Array(Math.max(future.length, pages.pageCount));
        for (const page of chosen) wanted[page] = 1;
        if (lower.length === 0) return;
        const { pageCount, nodeOf } = pages;
        const arrivals = chosen.filter((page) => page < pageCount && isTop[nodeOf[page]] === 0);
        const unborn = chosen.reduce((count, page) => count + (page < pageCount ? 0 : 1), 0);
        makeRoom(future, arrivals, unborn);
      };
      /** Pages of the fastest tier that are not wanted there, and how many pages it has. */
      const lookAround = (): { readonly idle: Uint32Array; readonly topPages: number } => {
        const { pageCount, nodeOf } = pages;
        const idle = new Uint32Array(pageCount);
        let count = 0;
        let topPages = 0;
        for (let page = 0; page < pageCount; page++) {
          if (isTop[nodeOf[page]] === 0) continue;
          topPages++;
          if (wanted[page] === 0) idle[count++] = page;
        }
        return { idle: idle.subarray(0, count), topPages };
      };
      const makeRoom = (
        future: Readonly<Uint32Array>,
        arrivals: Uint32Array,
        unborn: number,
      ): void => {
        const { idle, topPages } = lookAround();
        const free = Math.max(0, room - topPages);
        const leave = Math.min(idle.length, Math.max(0, arrivals.length + unborn - free));
        const victims = coldest(padded(future, pages.pageCount), idle, idle.length, leave, random);
        let next = 0;
        for (const page of arrivals) {
          if (next < victims.length) moves.exchange(page, victims[next++]);
          else moves.request(page, roomiest(memory, top));
        }
        for (; next < victims.length; next++) moves.request(victims[next], roomiest(memory, lower));
      };
      return {
        start: ({ futureAccesses }) => plan(futureAccesses),
        epoch: ({ futureAccesses }) => plan(futureAccesses),
        allocate: ({ page }) => (wanted[page] === 1 || lower.length === 0 ? top : lower),
      };
    },
  });
}

function pagesBelow(length: number): Uint32Array<ArrayBuffer> {
  const pages = new Uint32Array(length);
  for (let page = 0; page < length; page++) pages[page] = page;
  return pages;
}

/** `column` with zeros up to `length`. */
function padded(column: Readonly<Uint32Array>, length: number): Readonly<Uint32Array> {
  if (column.length >= length) return column;
  const longer = new Uint32Array(length);
  longer.set(column);
  return longer;
}
