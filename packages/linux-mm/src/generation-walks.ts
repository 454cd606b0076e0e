import type { AddressSpace } from './address-space.ts';
import {
  changeGeneration,
  type GenerationColumn,
  generationOfSeq,
  type Generations,
  MIN_BATCH,
  noteTouch,
  openGeneration,
} from './generations.ts';
import type { Hardware } from './hardware.ts';
import { PAGES_PER_PMD, type KernelMemory } from './memory.ts';

/** PTEs in one cache line of 64 bytes: a table pays a walk when, on average, each line has a young entry. */
const PTES_PER_LINE = 8;

/** What the walkers of all nodes share. */
export interface WalkedSpace {
  space: AddressSpace;
  readonly hardware: Hardware;
  /** The task ran since the node's last walk, by node. Source: struct mm_struct, lru_gen.bitmap. */
  readonly ranSinceWalk: Uint8Array;
  /** Folios of one page table that a walk looks at, and those of them that it found young; meaningless between walks. */
  readonly seen: Uint32Array;
  readonly young: Uint32Array;
  /** Called before a walk, where `space` has to be brought up to date first. */
  refresh?: () => void;
}

/** The walkers' space before any of them has walked. */
export function createWalkedSpace(
  space: AddressSpace,
  hardware: Hardware,
  nodeCount: number,
): WalkedSpace {
  return {
    space,
    hardware,
    ranSinceWalk: new Uint8Array(nodeCount),
    seen: new Uint32Array(PAGES_PER_PMD),
    young: new Uint32Array(PAGES_PER_PMD),
  };
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
  nodeOf: Uint8Array,
  { node, rules }: Generations,
  generationOf: GenerationColumn,
  folio: number,
): boolean {
  if (nodeOf[folio] !== node) return false;
  return !rules.secondTouchRejuvenates || generationOf[folio] !== 0;
}

/** What visits to entries found: young ones that they leave alone, as of another node, and folios made younger. */
interface Visits {
  leftAlone: number;
  rejuvenated: number;
}

/** Entries that a walk of page tables looked at, and those of them that were young. */
export interface Walk extends Visits {
  entries: number;
  young: number;
}

const newWalk = (): Walk => ({ entries: 0, leftAlone: 0, young: 0, rejuvenated: 0 });

/** Looks around folios that eviction met, and the young neighbours that they found. */
export interface Looks extends Visits {
  looks: number;
  young: number;
}

export const newLooks = (): Looks => ({ looks: 0, leftAlone: 0, young: 0, rejuvenated: 0 });

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
  // No page table goes: as many as before are the same.
  if (after.pmdHuge.length === before.pmdHuge.length) return;
  for (const [parity, filter] of worthWalking.entries()) {
    if (filter === undefined) continue;
    const extended = new Uint8Array(after.pmdAccessed.length);
    for (let pmd = 0; pmd < filter.length; pmd++)
      if (filter[pmd] === 1)
        extended[after.pmdOf(after.positionOf(before.pageAt[before.pmdStart[pmd]]))] = 1;
    worthWalking[parity] = extended;
  }
}

/**
 * Looks into the page tables whose own accessed bit is set, and clears it, as far as they are worth it; `everything`: into
 * all of them, and since 6.12 leaves these bits alone, so that the next walk goes there again.
 * Source: walk_pmd_range, walk_pmd_range_locked, force_scan.
 */
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
  const byTablesBits = !everything || !generations.rules.firstWalkSeesAll;
  for (let pmd = 0; pmd < pmdCount; pmd++) {
    if (byTablesBits && space.pmdAccessed[pmd] === 0) continue;
    if (space.pmdHuge[pmd] === 1) {
      walk.entries++;
      const folio = memory.folioOf[space.pageAt[space.pmdStart[pmd]]];
      if (!isSeen(memory.nodeOf, generations, generationOf, folio) || !hardware.takeAccessed(folio))
        continue;
      walk.young++;
      walk.rejuvenated += updateGeneration(memory, generations, generationOf, folio, generation);
      continue;
    }
    if (byTablesBits) space.pmdAccessed[pmd] = 0;
    if (!everything && filter !== undefined && filter[pmd] === 0) continue;
    const end = space.pmdStart[pmd + 1];
    const start = space.pmdStart[pmd];
    const young = visitEntries(memory, generations, generationOf, walked, start, end, walk);
    walk.entries += end - start;
    walk.young += young;
    if (young * PTES_PER_LINE >= end - start) next[pmd] = 1;
  }
  return walk;
}

/** Makes the young folios of the entries at positions `[start, end)` the youngest; returns how many were young. */
function visitEntries(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  { space, hardware, seen, young }: WalkedSpace,
  start: number,
  end: number,
  visits: Visits,
): number {
  const { node, rules } = generations;
  let count: number;
  if (rules.secondTouchRejuvenates) {
    const listed = listOnLists(generationOf, space.pageAt, start, end, seen);
    count = hardware.takeAccessedOn(node, seen, 0, listed, young);
  } else count = hardware.takeAccessedOn(node, space.pageAt, start, end, young);
  if (hardware.isAccessed)
    for (let position = start; position < end; position++)
      if (hardware.isAccessed(space.pageAt[position])) visits.leftAlone++;
  const youngest = generationOfSeq(generations.maxSeq);
  let rejuvenated = 0;
  for (let i = 0; i < count; i++)
    rejuvenated += updateGeneration(memory, generations, generationOf, young[i], youngest);
  visits.rejuvenated += rejuvenated;
  return count;
}

/** Lists those of the folios at positions `[start, end)` that are on a generation's list; returns how many. */
function listOnLists(
  generationOf: GenerationColumn,
  pageAt: Uint32Array,
  start: number,
  end: number,
  seen: Uint32Array,
): number {
  let count = 0;
  for (let position = start; position < end; position++) {
    const folio = pageAt[position];
    seen[count] = folio;
    if (generationOf[folio] !== 0) count++;
  }
  return count;
}

/**
 * Tests and clears the accessed bit of an isolated folio; a young one makes the up to {@link MIN_BATCH} entries around
 * it be looked at too, which is added to `found`. Source: folio_referenced_one, lru_gen_look_around.
 */
export function testReferenced(
  memory: KernelMemory,
  generations: Generations,
  generationOf: GenerationColumn,
  walked: WalkedSpace,
  folio: number,
  found: Looks = newLooks(),
): boolean {
  const { space, hardware } = walked;
  if (!hardware.takeAccessed(folio)) return false;
  if (!generations.rules.secondTouchRejuvenates) memory.referenced[folio] = 1;
  const position = space.positionOf(folio);
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
  const neighbours = visitEntries(memory, generations, generationOf, walked, start, end, found);
  found.looks++;
  found.young += neighbours;
  const young = 1 + neighbours;
  const filter = generations.worthWalking[generations.maxSeq % 2];
  if (filter !== undefined && young * PTES_PER_LINE >= end - start) filter[pmd] = 1;
  return true;
}
