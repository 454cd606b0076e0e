import * as classic from './classic-lru.ts';
import type { Kernel } from './kernel.ts';
import * as mglru from './generations.ts';

/** Puts a folio on its node's LRU, whichever is in use. `inFault`: a user's page fault made or moved it. */
export function addToLru(kernel: Kernel, folio: number, inFault: boolean): void {
  const node = kernel.memory.nodeOf[folio];
  if (kernel.settings.lru_gen_enabled) {
    // Source: mm/swap.c, folio_add_lru: what a fault brings in is active from the start.
    if (inFault) kernel.memory.active[folio] = 1;
    mglru.addFolio(kernel.memory, kernel.generations[node], kernel.generationOf, folio);
  } else {
    classic.addFolio(kernel.memory, kernel.classic[node], folio);
  }
}

/** Isolates a folio from its node's LRU for a migration; false: it is not on one. Source: folio_isolate_lru. */
export function isolateFromLru(kernel: Kernel, folio: number): boolean {
  const { memory } = kernel;
  const node = memory.nodeOf[folio];
  if (kernel.settings.lru_gen_enabled) {
    if (kernel.generationOf[folio] === 0) return false;
    mglru.removeFolio(memory, kernel.generations[node], kernel.generationOf, folio, false);
    return true;
  }
  return classic.removeFolio(memory, kernel.classic[node], folio);
}

/** Share of the pages on all LRUs that are active, ten-thousandths. Source: mm/damon/core.c, damos_get_in_active_mem_bp, 7.0. */
export function activeMemoryBp({ settings, generations, classic }: Kernel): number {
  let active = 0;
  let inactive = 0;
  for (const [node, lists] of classic.entries()) {
    if (settings.lru_gen_enabled) {
      const all = generations[node].pages.reduce((sum, pages) => sum + pages, 0);
      const old = mglru.inactivePages(generations[node]);
      active += all - old;
      inactive += old;
    } else {
      active += lists.activePages;
      inactive += lists.inactivePages;
    }
  }
  return active + inactive === 0 ? 0 : Math.trunc((active * 10_000) / (active + inactive));
}
