import { assert } from '@tierlab/core';
import type { Kernel } from './kernel.ts';
import { wakeKswapd } from './kswapd-wake.ts';
import { addToLru } from './lru.ts';
import { allocateOnNode, HUGE_ORDER, PAGES_PER_PMD, type KernelMemory } from './memory.ts';

/**
 * Maps a page that was touched for the first time by a task on `cpuNode`: the first node of the zone list above its
 * low watermark; else kswapd is woken everywhere and a node above its minimum will do; false: no memory left.
 * Source: mm/page_alloc.c, get_page_from_freelist and __alloc_pages_slowpath.
 */
export function mapPage(kernel: Kernel, page: number, cpuNode: number): boolean {
  populate(kernel, page, cpuNode);
  const { memory } = kernel;
  const { zonelist } = memory.nodes[cpuNode];
  for (const mark of ['low', 'min'] as const) {
    for (const node of zonelist) {
      const zone = allocateOnNode(memory, node, mark, 'movable');
      if (zone < 0) continue;
      placeFolio(kernel, page, zone, 0);
      return true;
    }
    if (mark === 'low') for (const node of zonelist) wakeKswapd(kernel, node);
  }
  return false;
}

/** Takes the page-table page that the page's PMD needs. Source: mm/memory.c, pte_alloc. */
function populate(kernel: Kernel, page: number, cpuNode: number): void {
  const { memory, space } = kernel;
  const position = space.positionOf(page);
  if (position < 0) return;
  const pmd = space.pmdOf(position);
  if (space.pmdPopulated[pmd] === 1) return;
  space.pmdPopulated[pmd] = 1;
  for (const node of memory.nodes[cpuNode].zonelist)
    if (allocateOnNode(memory, node, 'low', 'unmovable') >= 0) return;
}

/**
 * Maps the huge page that starts at `page`, of a mapping that asked for huge pages, with one block; false: no node has
 * one, and base pages must do. The local node may go down to its minimum before another is asked; without direct
 * reclaim, which gives up at once where compaction has nothing to work with. A page-table page is put by for the day
 * when it is split. Source: mm/mempolicy.c, alloc_pages_mpol; mm/huge_memory.c, vma_thp_gfp_mask,
 * __do_huge_pmd_anonymous_page.
 */
export function mapHugePage(kernel: Kernel, page: number, cpuNode: number): boolean {
  const { memory, space } = kernel;
  const zone = takeBlock(memory, cpuNode);
  if (zone < 0) return false;
  populate(kernel, page, cpuNode);
  for (let i = 0; i < PAGES_PER_PMD; i++) memory.folioOf[page + i] = page;
  const position = space.positionOf(page);
  assert(position >= 0, `huge page ${page} is not of the address space`);
  space.pmdHuge[space.pmdOf(position)] = 1;
  placeFolio(kernel, page, zone, HUGE_ORDER);
  memory.vmstat.thp_fault_alloc++;
  return true;
}

/** Zone of a huge page's block; -1: there is none. */
function takeBlock(memory: KernelMemory, cpuNode: number): number {
  const { zonelist } = memory.nodes[cpuNode];
  for (const nodes of [[cpuNode], zonelist])
    for (const mark of ['low', 'min'] as const)
      for (const node of nodes) {
        const zone = allocateOnNode(memory, node, mark, 'huge');
        if (zone >= 0) return zone;
      }
  return -1;
}

/** A page that was mapped, or brought in from a file, before the program started. */
export interface ResidentPage {
  /** PG_active: it starts among the youngest of the LRU, as what a fault brought in. */
  readonly active: boolean;
  /** Its entry's accessed bit; that it has an entry. */
  readonly accessed: boolean;
}

/** Puts a page that is resident already on a zone's LRU, without taking free memory. */
export function placeResident(
  kernel: Kernel,
  page: number,
  zone: number,
  { active, accessed }: ResidentPage,
): void {
  const { memory, space } = kernel;
  memory.active[page] = active ? 1 : 0;
  placeFolio(kernel, page, zone, 0, false);
  memory.accessed[page] = accessed ? 1 : 0;
  const position = space.positionOf(page);
  if (accessed && position >= 0) space.pmdAccessed[space.pmdOf(position)] = 1;
}

function placeFolio(
  kernel: Kernel,
  page: number,
  zone: number,
  order: number,
  inFault = true,
): void {
  const { memory } = kernel;
  memory.order[page] = order;
  memory.zoneOf[page] = zone;
  memory.nodeOf[page] = memory.zones[zone].node;
  memory.accessed[page] = 1;
  addToLru(kernel, page, inFault);
}
