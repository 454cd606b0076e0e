import { coldest, defineMigrationPolicy, hottest } from '@tierlab/policy';
import type { MigrationPolicy, NodeId, Relaxation } from '@tierlab/policy';
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
      const isTop = (page: number): boolean => top.includes(pages.nodeOf[page] as NodeId);
      const plan = (future: Readonly<Uint32Array>): void => {
        const all = Uint32Array.from(future.keys());
        const chosen = hottest(future, all, all.length, room, random);
        wanted = new Uint8Array(Math.max(future.length, pages.pageCount));
        for (const page of chosen) wanted[page] = 1;
        if (lower.length === 0) return;
        const arrivals = chosen.filter((page) => page < pages.pageCount && !isTop(page));
        const unborn = chosen.filter((page) => page >= pages.pageCount).length;
        makeRoom(future, arrivals, unborn);
      };
      const makeRoom = (
        future: Readonly<Uint32Array>,
        arrivals: Uint32Array,
        unborn: number,
      ): void => {
        const idle = Uint32Array.from({ length: pages.pageCount }, (_, page) => page).filter(
          (page) => isTop(page) && wanted[page] === 0,
        );
        const free = Math.max(0, room - countTop(pages.pageCount, isTop));
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

function countTop(pageCount: number, isTop: (page: number) => boolean): number {
  let count = 0;
  for (let page = 0; page < pageCount; page++) if (isTop(page)) count++;
  return count;
}

/** `column` with zeros up to `length`. */
function padded(column: Readonly<Uint32Array>, length: number): Readonly<Uint32Array> {
  if (column.length >= length) return column;
  const longer = new Uint32Array(length);
  longer.set(column);
  return longer;
}
