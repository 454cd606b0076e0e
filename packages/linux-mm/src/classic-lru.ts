import type { Hardware } from './hardware.ts';
import { addToHead, isOnList, remove, tailOf } from './page-lists.ts';
import { folioPages, type KernelMemory } from './memory.ts';

/** Folios taken off a list at a time. Source: include/linux/swap.h, SWAP_CLUSTER_MAX. */
export const CLUSTER = 32;

/** Active and inactive anonymous folios of one node. Source: include/linux/mmzone.h, struct lruvec. */
export interface ClassicLists {
  readonly node: number;
  readonly inactiveList: number;
  readonly activeList: number;
  inactivePages: number;
  activePages: number;
  /** Both as the memory controller last added them up; see {@link showCounts}. */
  shownInactivePages: number;
  shownActivePages: number;
  /** What reclaiming anonymous memory has cost, against file memory. Source: struct lruvec, anon_cost. */
  anonCost: number;
}

export function createClassicLists(node: number, firstList: number): ClassicLists {
  return {
    node,
    inactiveList: firstList,
    activeList: firstList + 1,
    inactivePages: 0,
    activePages: 0,
    shownInactivePages: 0,
    shownActivePages: 0,
    anonCost: 0,
  };
}

export function addFolio(memory: KernelMemory, lists: ClassicLists, folio: number): void {
  const pages = folioPages(memory, folio);
  if (memory.active[folio] === 1) {
    lists.activePages += pages;
    addToHead(memory.lists, lists.activeList, folio);
  } else {
    lists.inactivePages += pages;
    addToHead(memory.lists, lists.inactiveList, folio);
  }
}

export function removeFolio(memory: KernelMemory, lists: ClassicLists, folio: number): boolean {
  if (!isOnList(memory.lists, folio)) return false;
  const pages = folioPages(memory, folio);
  if (memory.active[folio] === 1) lists.activePages -= pages;
  else lists.inactivePages -= pages;
  remove(memory.lists, folio);
  return true;
}

/**
 * Whether the inactive list was short against the active one when the counts were last shown.
 * Source: mm/vmscan.c, inactive_is_low; mm/memcontrol.c, lruvec_page_state.
 */
export function inactiveIsLow({ shownInactivePages, shownActivePages }: ClassicLists): boolean {
  const gigabytes = Math.trunc((shownInactivePages + shownActivePages) / 2 ** 18);
  const ratio = gigabytes > 0 ? Math.floor(Math.sqrt(10 * gigabytes)) : 1;
  return shownInactivePages * ratio < shownActivePages;
}

/** Adds up how many pages are on each of the lists now. Source: mm/memcontrol.c, mem_cgroup_css_rstat_flush. */
export function showCounts(lists: ClassicLists): void {
  lists.shownInactivePages = lists.inactivePages;
  lists.shownActivePages = lists.activePages;
}

/** Takes up to `pageLimit` pages off the tail of a list, oldest first. Source: isolate_lru_folios. */
export function isolateTail(
  memory: KernelMemory,
  lists: ClassicLists,
  fromActive: boolean,
  pageLimit: number,
): number[] {
  const list = fromActive ? lists.activeList : lists.inactiveList;
  const folios: number[] = [];
  let taken = 0;
  while (taken < pageLimit) {
    const folio = tailOf(memory.lists, list);
    if (folio < 0) break;
    const pages = folioPages(memory, folio);
    taken += pages;
    remove(memory.lists, folio);
    if (fromActive) lists.activePages -= pages;
    else lists.inactivePages -= pages;
    folios.push(folio);
  }
  return folios;
}

/**
 * Moves up to `pageLimit` pages from the tail of the active list to the inactive list, clearing their accessed bits;
 * anonymous folios go whether referenced or not. Returns the pages moved. Source: shrink_active_list.
 */
export function deactivate(
  memory: KernelMemory,
  hardware: Hardware,
  lists: ClassicLists,
  pageLimit: number,
): number {
  const folios = isolateTail(memory, lists, true, pageLimit);
  for (const folio of folios) {
    hardware.takeAccessed(folio);
    memory.active[folio] = 0;
    addFolio(memory, lists, folio);
  }
  return folios.length;
}

/** Notes folios that a scan looked at in vain; what was long ago counts less. Source: mm/swap.c, lru_note_cost. */
export function noteCost(lists: ClassicLists, pages: number): void {
  lists.anonCost += pages;
  if (lists.anonCost > Math.trunc((lists.inactivePages + lists.activePages) / 4))
    lists.anonCost = Math.trunc(lists.anonCost / 2);
}

/**
 * Pages of a list to scan at a priority: its size shifted, in anonymous memory's share of the reclaim, or, where there is
 * next to nothing but anonymous memory, all of it. Source: get_scan_count, SCAN_FRACT and SCAN_ANON, with file lists that
 * cost nothing.
 */
export function scanTarget(
  lists: ClassicLists,
  pages: number,
  priority: number,
  swappiness: number,
  anonOnly: boolean,
): number {
  const scan = Math.trunc(pages / 2 ** priority);
  if (anonOnly) return scan;
  const share = 2 * lists.anonCost;
  const total = 3 * lists.anonCost;
  const anon = Math.trunc((swappiness * (total + 1)) / (share + 1));
  const file = Math.trunc(((200 - swappiness) * (total + 1)) / (lists.anonCost + 1));
  return Math.trunc((scan * anon) / (anon + file));
}

/** Folios that wait for activation together. Source: include/linux/pagevec.h, PAGEVEC_SIZE, Linux 5.13. */
export const ACTIVATION_BATCH = 15;

/**
 * Notes one more reference to a folio: unreferenced becomes referenced, referenced and inactive waits in `waiting`
 * until a batch is full, then becomes active. Source: mm/swap.c, mark_page_accessed and activate_page.
 */
export function markAccessed(
  memory: KernelMemory,
  listsOf: (folio: number) => ClassicLists,
  waiting: number[],
  folio: number,
): void {
  if (memory.referenced[folio] === 0) {
    memory.referenced[folio] = 1;
    return;
  }
  if (memory.active[folio] === 1) return;
  waiting.push(folio);
  memory.referenced[folio] = 0;
  if (waiting.length < ACTIVATION_BATCH) return;
  for (const ready of waiting) {
    const lists = listsOf(ready);
    if (memory.active[ready] === 1 || !removeFolio(memory, lists, ready)) continue;
    memory.active[ready] = 1;
    addFolio(memory, lists, ready);
  }
  waiting.length = 0;
}
