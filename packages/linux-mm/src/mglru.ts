import { addToHead, addToTail, isEmpty, remove, tailOf } from './page-lists.ts';
import { folioPages, type KernelMemory } from './memory.ts';
import type { AddressSpace } from './address-space.ts';
import type { Hardware } from './hardware.ts';
import type { KernelRules } from './versions.ts';

/** Source: include/linux/mmzone.h, MIN_NR_GENS and MAX_NR_GENS. */
const MIN_GENERATIONS = 2;
export const MAX_GENERATIONS = 4;

/** Folios isolated at a time. Source: mm/vmscan.c, MIN_LRU_BATCH. */
export const MIN_BATCH = 64;

/** Folios looked at before the LRU lock is given up. Source: mm/vmscan.c, MAX_LRU_BATCH. */
const MAX_BATCH = 4096;

/** PTEs in one cache line of 64 bytes: a table pays a walk when, on average, each line has a young entry. */
const PTES_PER_LINE = 8;

/**
 * Multi-generational LRU of one node: anonymous folios by age, oldest generation `minSeq`, youngest `maxSeq`.
 *
 * A page-table walk moves a folio to another generation in `generationOf` only; the folio stays on its old list until
 * eviction meets it there, as in the kernel. Source: mm/vmscan.c, struct lru_gen_folio, Linux 6.12.
 */
export interface Generations {
  readonly node: number;
  /** First of the node's lists: one for each generation and zone. */
  readonly firstList: number;
  readonly zoneCount: number;
  readonly rules: KernelRules;
  minSeq: number;
  maxSeq: number;
  /** Pages by generation (sequence number modulo {@link MAX_GENERATIONS}). */
  readonly pages: Int32Array;
  /** Sequence number up to which page tables were walked. */
  walkSeq: number;
  /** The address space is new to the node's walker: its first walk skips nothing. */
  walkEverything: boolean;
  /** Page tables worth a walk, by PMD, for the walks of even and odd sequence numbers; undefined: not set, walk all. */
  readonly worthWalking: [Uint8Array | undefined, Uint8Array | undefined];
}

/** What the walkers of all nodes share. */
export interface WalkedSpace {
  space: AddressSpace;
  readonly hardware: Hardware;
  /** The task ran since the node's last walk, by node. Source: struct mm_struct, lru_gen.bitmap. */
  readonly ranSinceWalk: Uint8Array;
  /** Called before a walk, where `space` has to be brought up to date first. */
  refresh?: () => void;
}

/** Makes the generations of one node. Source: mm/vmscan.c, lru_gen_init_lruvec. */
export function createGenerations(
  node: number,
  firstList: number,
  zoneCount: number,
  rules: KernelRules,
): Generations {
  return {
    node,
    firstList,
    zoneCount,
    rules,
    minSeq: 0,
    maxSeq: MIN_GENERATIONS + 1,
    pages: new Int32Array(MAX_GENERATIONS),
    walkSeq: MIN_GENERATIONS,
    walkEverything: true,
    worthWalking: [undefined, undefined],
  };
}

/** Generation of each folio plus one; 0: not on a generation's list. Column, length `pageCount`. */
export type GenerationColumn = Uint8Array;

function generationOfSeq(seq: number): number {
  return seq % MAX_GENERATIONS;
}

function listOf(generations: Generations, generation: number, zone: number): number {
  return generations.firstList + generation * generations.zoneCount + zone;
}

/** Whether the generation counts as active: one of the two youngest. Source: lru_gen_is_active. */
export function isActiveGeneration(generations: Generations, generation: number): boolean {
  return (
    generation === generationOfSeq(generations.maxSeq) ||
    generation === generationOfSeq(generations.maxSeq - 1)
  );
}

/** Pages that are in neither of the two youngest generations. */
export function inactivePages(generations: Generations): number {
  let pages = 0;
  for (let generation = 0; generation < MAX_GENERATIONS; generation++)
    if (!isActiveGeneration(generations, generation)) pages += generations.pages[generation];
  return pages;
}

/**
 * Puts an anonymous folio on the node's lists: the youngest generation when it is active (and of the working set, since
 * 6.14), the next one otherwise. Source: include/linux/mm_inline.h, lru_gen_add_folio; lru_gen_folio_seq since 6.14.
 */
export function addFolio(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  folio: number,
): void {
  const seq = isYoungest(memory, generations, folio) ? generations.maxSeq : generations.maxSeq - 1;
  memory.active[folio] = 0;
  const generation = generationOfSeq(seq);
  generationOf[folio] = generation + 1;
  generations.pages[generation] += folioPages(memory, folio);
  addToHead(memory.lists, listOf(generations, generation, memory.zoneOf[folio]), folio);
}

const isYoungest = (memory: KernelMemory, { rules }: Generations, folio: number): boolean =>
  memory.active[folio] === 1 && (!rules.secondTouchRejuvenates || memory.workingset[folio] === 1);

/**
 * Marks a folio that eviction rejected, so that it does not return to the oldest generation: until 6.14 as one of the
 * youngest, since then only where the oldest is where it would go. Source: evict_folios.
 */
export function keepOffOldest(memory: KernelMemory, generations: Generations, folio: number): void {
  if (generations.rules.secondTouchRejuvenates) {
    const youngest = isYoungest(memory, generations, folio);
    if (youngest || generations.maxSeq - 1 !== generations.minSeq) return;
    clearTouches(memory, folio);
  }
  memory.active[folio] = 1;
}

/** LRU_REFS_FLAGS. */
function clearTouches(memory: KernelMemory, folio: number): void {
  memory.referenced[folio] = 0;
  memory.workingset[folio] = 0;
}

/**
 * Notes that a folio was found touched; true: it becomes one of the youngest. Since 6.14 the first touch only marks it.
 * Source: lru_gen_set_refs.
 */
export function noteTouch(memory: KernelMemory, { rules }: Generations, folio: number): boolean {
  if (!rules.secondTouchRejuvenates) return true;
  const first = memory.referenced[folio] === 0 && memory.workingset[folio] === 0;
  memory.referenced[folio] = first ? 1 : 0;
  if (!first) memory.workingset[folio] = 1;
  return !first;
}

/** Takes a folio off the lists; it keeps PG_active when its generation was active. Source: lru_gen_del_folio. */
export function removeFolio(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  folio: number,
  reclaiming: boolean,
): void {
  const generation = generationOf[folio] - 1;
  generationOf[folio] = 0;
  generations.pages[generation] -= folioPages(memory, folio);
  memory.active[folio] = !reclaiming && isActiveGeneration(generations, generation) ? 1 : 0;
  remove(memory.lists, folio);
}

/** Moves a folio that was found young to `generation`, or since 6.14 marks it at the first time; its list position
 *  stays. Returns 1 where it was in another, 0 otherwise. Source: folio_update_gen. */
function updateGeneration(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  folio: number,
  generation: number,
): number {
  const old = generationOf[folio];
  if (old === 0) {
    memory.referenced[folio] = 1; // isolated: shrinking the list will see it
    return 0;
  }
  if (!noteTouch(memory, generations, folio)) return 0;
  if (old - 1 === generation) return 0;
  changeGeneration(memory, generations, generationOf, folio, generation);
  return 1;
}

/** Whether a walk or a look around looks at a folio: since 6.14 at none that is isolated. Source: get_pfn_folio. */
function isSeen(
  memory: KernelMemory,
  { node, rules }: Generations,
  generationOf: GenerationColumn,
  folio: number,
): boolean {
  if (memory.nodeOf[folio] !== node) return false;
  return !rules.secondTouchRejuvenates || generationOf[folio] !== 0;
}

function changeGeneration(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  folio: number,
  generation: number,
): void {
  const pages = folioPages(memory, folio);
  generations.pages[generationOf[folio] - 1] -= pages;
  generations.pages[generation] += pages;
  generationOf[folio] = generation + 1;
}

/** Whether the node should make a new generation before evicting more. Source: should_run_aging. */
export function shouldAge(generations: Generations): boolean {
  const { minSeq, maxSeq, pages, rules } = generations;
  if (minSeq + MIN_GENERATIONS > maxSeq) return true;
  if (minSeq + MIN_GENERATIONS < maxSeq) return false;
  if (rules.agesAtThreeGenerations) return true;
  let total = 0;
  for (let seq = minSeq; seq <= maxSeq; seq++) total += Math.max(pages[generationOfSeq(seq)], 0);
  const young = pages[generationOfSeq(maxSeq)];
  const old = pages[generationOfSeq(maxSeq - MIN_GENERATIONS)];
  return young * MIN_GENERATIONS > total || old * (MIN_GENERATIONS + 2) < total;
}

/** Pages that eviction may look at; none when no generation is old enough. */
export function evictablePages(generations: Generations): number {
  const { minSeq, maxSeq, pages } = generations;
  if (minSeq + MIN_GENERATIONS > maxSeq) return 0;
  let total = 0;
  for (let seq = minSeq; seq <= maxSeq; seq++) total += Math.max(pages[generationOfSeq(seq)], 0);
  return total;
}

/** Entries that a walk of page tables looked at, those of them that were young, and those whose folio it made younger. */
export interface Walk {
  entries: number;
  young: number;
  rejuvenated: number;
}

const newWalk = (): Walk => ({ entries: 0, young: 0, rejuvenated: 0 });

/**
 * Walks the page tables, then opens a new generation, unless this sequence number was walked before.
 * Source: try_to_inc_max_seq, walk_mm and walk_pte_range.
 */
export function age(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  walked: WalkedSpace,
): Walk {
  if (generations.maxSeq <= generations.walkSeq) return newWalk();
  walked.refresh?.();
  let walk = newWalk();
  const everything = generations.walkEverything;
  if (everything || walked.ranSinceWalk[generations.node] === 1) {
    walked.ranSinceWalk[generations.node] = 0;
    walk = walkPageTables(memory, generations, generationOf, walked, everything);
  }
  generations.walkEverything = false;
  generations.walkSeq++;
  openGeneration(memory, generations, generationOf);
  return walk;
}

/** Carries the filters over to `after`, which has every page that `before` had. A page table that is new is in none. */
export function extendFilters(
  generations: Generations,
  before: AddressSpace,
  after: AddressSpace,
): void {
  const { worthWalking } = generations;
  for (const [parity, filter] of worthWalking.entries()) {
    if (filter === undefined) continue;
    const extended = new Uint8Array(after.pmdAccessed.length);
    for (let pmd = 0; pmd < filter.length; pmd++)
      if (filter[pmd] === 1)
        extended[after.pmdOf(after.positionOf[before.pageAt[before.pmdStart[pmd]]])] = 1;
    worthWalking[parity] = extended;
  }
}

function walkPageTables(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  walked: WalkedSpace,
  everything: boolean,
): Walk {
  const { space, hardware } = walked;
  const pmdCount = space.pmdAccessed.length;
  const seq = generations.maxSeq;
  const generation = generationOfSeq(seq);
  const filter = generations.worthWalking[seq % 2];
  const next = new Uint8Array(pmdCount);
  generations.worthWalking[(seq + 1) % 2] = next;
  const walk = newWalk();
  for (let pmd = 0; pmd < pmdCount; pmd++) {
    if (space.pmdAccessed[pmd] === 0) continue;
    if (space.pmdHuge[pmd] === 1) {
      walk.entries++;
      const folio = memory.folioOf[space.pageAt[space.pmdStart[pmd]]];
      if (!isSeen(memory, generations, generationOf, folio) || !hardware.takeAccessed(folio))
        continue;
      walk.young++;
      walk.rejuvenated += updateGeneration(memory, generations, generationOf, folio, generation);
      continue;
    }
    space.pmdAccessed[pmd] = 0;
    if (!everything && filter !== undefined && filter[pmd] === 0) continue;
    let young = 0;
    const end = space.pmdStart[pmd + 1];
    const start = space.pmdStart[pmd];
    for (let position = start; position < end; position++) {
      const folio = space.pageAt[position];
      if (!isSeen(memory, generations, generationOf, folio) || !hardware.takeAccessed(folio))
        continue;
      young++;
      walk.rejuvenated += updateGeneration(memory, generations, generationOf, folio, generation);
    }
    walk.entries += end - start;
    walk.young += young;
    if (young * PTES_PER_LINE >= end - start) next[pmd] = 1;
  }
  return walk;
}

/** Source: inc_max_seq and inc_min_seq. */
function openGeneration(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
): void {
  if (generations.maxSeq - generations.minSeq + 1 === MAX_GENERATIONS) {
    const from = generationOfSeq(generations.minSeq);
    const to = generationOfSeq(generations.minSeq + 1);
    for (let zone = 0; zone < generations.zoneCount; zone++) {
      for (;;) {
        const folio = tailOf(memory.lists, listOf(generations, from, zone));
        if (folio < 0) break;
        let generation = generationOf[folio] - 1;
        if (generation === from) {
          // Source: folio_inc_gen.
          if (generations.rules.secondTouchRejuvenates) clearTouches(memory, folio);
          changeGeneration(memory, generations, generationOf, folio, to);
          generation = to;
        }
        remove(memory.lists, folio);
        addToTail(memory.lists, listOf(generations, generation, zone), folio);
      }
    }
    generations.minSeq++;
  }
  generations.maxSeq++;
}

/** Drops oldest generations that are empty. Source: try_to_inc_min_seq. */
function dropEmptyGenerations(memory: KernelMemory, generations: Generations): boolean {
  let moved = false;
  while (generations.minSeq + MIN_GENERATIONS <= generations.maxSeq) {
    const generation = generationOfSeq(generations.minSeq);
    for (let zone = 0; zone < generations.zoneCount; zone++)
      if (!isEmpty(memory.lists, listOf(generations, generation, zone))) return moved;
    generations.minSeq++;
    moved = true;
  }
  return moved;
}

/** What one pass of isolation found: pages looked at, and the isolated folios, oldest first. */
export interface Isolated {
  scannedPages: number;
  isolatedPages: number;
  readonly folios: number[];
}

/**
 * Isolates up to {@link MIN_BATCH} pages of the oldest generation, the highest zone first; folios that a walk made
 * younger go to their generation's list instead. `scannedPages` 0: nothing to evict. Source: isolate_folios,
 * scan_folios, sort_folio.
 */
export function isolateOldest(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  zoneOrder: readonly number[],
): Isolated {
  const found: Isolated = { scannedPages: 0, isolatedPages: 0, folios: [] };
  if (generations.maxSeq - generations.minSeq + 1 > MIN_GENERATIONS)
    scanOldest(memory, generations, generationOf, zoneOrder, found);
  if (dropEmptyGenerations(memory, generations)) found.scannedPages++;
  if (generations.maxSeq - generations.minSeq + 1 === MIN_GENERATIONS) found.scannedPages = 0;
  return found;
}

function scanOldest(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  zoneOrder: readonly number[],
  found: Isolated,
): void {
  const oldest = generationOfSeq(generations.minSeq);
  let remaining = MAX_BATCH;
  let scanned = 0;
  for (const zone of zoneOrder) {
    const list = listOf(generations, oldest, zone);
    for (;;) {
      const folio = tailOf(memory.lists, list);
      if (folio < 0) break;
      const pages = folioPages(memory, folio);
      scanned += pages;
      const generation = generationOf[folio] - 1;
      if (generation === oldest) {
        if (!generations.rules.secondTouchRejuvenates) memory.referenced[folio] = 0;
        removeFolio(memory, generations, generationOf, folio, true);
        found.folios.push(folio);
        found.isolatedPages += pages;
      } else {
        remove(memory.lists, folio);
        addToHead(memory.lists, listOf(generations, generation, zone), folio);
      }
      if (--remaining === 0 || found.isolatedPages >= MIN_BATCH) break;
    }
    if (remaining === 0 || found.isolatedPages >= MIN_BATCH) break;
  }
  if (found.isolatedPages > 0 || remaining === 0) found.scannedPages = scanned;
}

/**
 * Tests and clears the accessed bit of an isolated folio; a young one makes the up to {@link MIN_BATCH} entries around
 * it be looked at too. Source: folio_referenced_one, lru_gen_look_around.
 */
export function testReferenced(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  walked: WalkedSpace,
  folio: number,
): boolean {
  const { space, hardware } = walked;
  if (!hardware.takeAccessed(folio)) return false;
  if (!generations.rules.secondTouchRejuvenates) memory.referenced[folio] = 1;
  const position = space.positionOf[folio];
  if (position < 0) return true;
  const area = space.areas[space.areaOf(position)];
  const pmd = space.pmdOf(position);
  if (space.pmdHuge[pmd] === 1) return true;
  let start = Math.max(space.pmdStart[pmd], area.start);
  let end = Math.min(space.pmdStart[pmd + 1], area.start + area.pageCount);
  if (end - start > MIN_BATCH) {
    if (position - start < MIN_BATCH / 2) end = start + MIN_BATCH;
    else if (end - position < MIN_BATCH / 2) start = end - MIN_BATCH;
    else {
      start = position - MIN_BATCH / 2;
      end = position + MIN_BATCH / 2;
    }
  }
  const youngest = generationOfSeq(generations.maxSeq);
  let young = 1;
  for (let near = start; near < end; near++) {
    const neighbour = space.pageAt[near];
    if (!isSeen(memory, generations, generationOf, neighbour)) continue;
    if (!hardware.takeAccessed(neighbour)) continue;
    young++;
    updateGeneration(memory, generations, generationOf, neighbour, youngest);
  }
  const filter = generations.worthWalking[generations.maxSeq % 2];
  if (filter !== undefined && young * PTES_PER_LINE >= end - start) filter[pmd] = 1;
  return true;
}
