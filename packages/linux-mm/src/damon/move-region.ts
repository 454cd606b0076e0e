import type { Kernel } from '../kernel.ts';
import { wakeKswapd } from '../kswapd-wake.ts';
import { addToLru, isolateFromLru } from '../lru.ts';
import { folioPages } from '../memory.ts';
import { moveFolio } from '../reclaim.ts';

/** What a scheme's move of one region did, in pages. */
export interface RegionMove {
  readonly movedPages: number;
  /** Taken off their LRU, and put back there as no room was left. */
  readonly keptPages: number;
}

/**
 * Moves the folios of a region, given in order of address, to `target`, without reclaim: the one at the highest address
 * first. The first that finds no room there ends it; that one and all below go back to their LRU, the lowest first.
 *
 * Until 6.17, once a page has found room on `target`, those that find none may go to any node: also to another frame of the
 * one they are on. Source: mm/vmscan.c, alloc_migrate_folio, which loses the mask of allowed nodes at its first success.
 *
 * The kernel splits a huge folio that finds no room, and goes on; that is not done here.
 * Source: mm/damon/paddr.c, damon_pa_migrate, whose list is turned round three times, and
 * damon_pa_migrate_folio_list, which puts back from its tail; mm/migrate.c, migrate_pages_batch, -ENOMEM, Linux 6.12.
 */
export function moveRegion(kernel: Kernel, folios: readonly number[], target: number): RegionMove {
  const { memory } = kernel;
  const isolated = folios.filter((folio) => isolateFromLru(kernel, folio));
  let left = isolated.length;
  let movedPages = 0;
  const anywhere = !kernel.rules.restoresAllowedNodes;
  while (left > 0) {
    const folio = isolated[left - 1];
    const moved =
      moveToNode(kernel, folio, target) ||
      (anywhere && movedPages > 0 && moveAnywhere(kernel, folio, target));
    if (!moved) break;
    left--;
    movedPages += folioPages(memory, folio);
  }
  for (const folio of isolated.slice(left).toReversed()) addToLru(kernel, folio, false);
  let keptPages = 0;
  for (const folio of isolated.slice(0, left)) {
    addToLru(kernel, folio, false);
    keptPages += folioPages(memory, folio);
  }
  if (left > 0) memory.vmstat.pgmigrate_fail += folioPages(memory, isolated[left - 1]);
  return { movedPages, keptPages };
}

/** Above the low mark, else kswapd is woken and the minimum will do. Source: mm/page_alloc.c, __alloc_pages_slowpath. */
function moveToNode(kernel: Kernel, folio: number, target: number): boolean {
  if (moveFolio(kernel, folio, target, 'low')) return true;
  wakeKswapd(kernel, target);
  return moveFolio(kernel, folio, target, 'min');
}

/** To the first node with room in the order in which allocation on `target` tries them. */
function moveAnywhere(kernel: Kernel, folio: number, target: number): boolean {
  const { zonelist } = kernel.memory.nodes[target];
  if (zonelist.some((node) => moveFolio(kernel, folio, node, 'low'))) return true;
  for (const node of zonelist) wakeKswapd(kernel, node);
  return zonelist.some((node) => moveFolio(kernel, folio, node, 'min'));
}
