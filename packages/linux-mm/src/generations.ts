import { folioPages, type KernelMemory } from './memory.ts';
import { addToHead, addToTail, isEmpty, moveToHead, remove, tailOf } from './page-lists.ts';
import type { KernelRules } from './versions.ts';

/** Source: include/linux/mmzone.h, MIN_NR_GENS and MAX_NR_GENS. */
const MIN_GENERATIONS = 2;
export const MAX_GENERATIONS = 4;

/** Folios isolated at a time. Source: mm/vmscan.c, MIN_LRU_BATCH. */
export const MIN_BATCH = 64;

/** Folios looked at before the LRU lock is given up. Source: mm/vmscan.c, MAX_LRU_BATCH. */
const MAX_BATCH = 4096;

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

export function generationOfSeq(seq: number): number {
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

export function changeGeneration(
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

/** Source: inc_max_seq and inc_min_seq. */
export function openGeneration(
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

/** What one pass of isolation found: pages looked at, folios sorted, and the isolated ones, oldest first. */
export interface Isolated {
  scannedPages: number;
  sorted: number;
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
  const found: Isolated = { scannedPages: 0, sorted: 0, isolatedPages: 0, folios: [] };
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
        moveToHead(memory.lists, listOf(generations, generation, zone), folio);
        found.sorted++;
      }
      if (--remaining === 0 || found.isolatedPages >= MIN_BATCH) break;
    }
    if (remaining === 0 || found.isolatedPages >= MIN_BATCH) break;
  }
  if (found.isolatedPages > 0 || remaining === 0) found.scannedPages = scanned;
}
