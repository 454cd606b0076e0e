import { canDemote, isTiering, type Kernel } from './kernel.ts';
import { NO_WORK, type KernelWork } from './kernel-work.ts';
import { addToLru } from './lru.ts';
import { folioPages, NODE_ABSENT, type AllocationMark } from './memory.ts';
import * as mglru from './generations.ts';
import * as walks from './generation-walks.ts';
import { wakeKswapd } from './kswapd-wake.ts';

/** One folio's way down, by whether it is huge and whether others of its batch follow. */
const MOVE = [false, true].map((huge) =>
  [false, true].map((goesOn) => ({ ...NO_WORK, moved: 1, movedHuge: huge ? 1 : 0, goesOn })),
);

/** The target of a huge folio, made before the folio is out of reach. Source: mm/migrate.c, migrate_folio_unmap. */
const ALLOCATE_HUGE = { ...NO_WORK, allocatedHuge: 1, firm: true, goesOn: true };

/** Result of shrinking a list: pages that left the node, and pages that were kept. */
export interface Shrunk {
  reclaimedPages: number;
  keptPages: number;
}

/**
 * Decides over isolated folios, oldest first, as reclaim does: a referenced one stays, the others are demoted.
 * Without swap, what cannot be demoted goes back to the young end. Each piece of work is yielded before it takes
 * effect: meanwhile, the folios on their way down are out of reach. Source: mm/vmscan.c, shrink_folio_list.
 */
export function* shrinkFolios(
  kernel: Kernel,
  node: number,
  folios: readonly number[],
): Generator<KernelWork, Shrunk> {
  const { memory } = kernel;
  const shrunk: Shrunk = { reclaimedPages: 0, keptPages: 0 };
  const cold: number[] = [];
  const kept: number[] = [];
  const looks = walks.newLooks();
  for (const folio of folios) {
    if (checkReferences(kernel, node, folio, looks) === 'reclaim') cold.push(folio);
    else kept.push(folio);
  }
  cold.reverse(); // the demotion list is built by adding to its head
  yield {
    ...NO_WORK,
    leftAlone: looks.leftAlone,
    young: looks.young,
    rejuvenated: looks.rejuvenated,
    looks: looks.looks,
    scanned: folios.length,
    goesOn: cold.length > 0,
  };
  const left = yield* demote(kernel, node, cold, shrunk);
  for (const folio of left) memory.active[folio] = 1; // no swap to write it to: activated
  for (const folio of kept) putBack(kernel, folio, shrunk);
  for (const folio of left) putBack(kernel, folio, shrunk);
  return shrunk;
}

function putBack(kernel: Kernel, folio: number, shrunk: Shrunk): void {
  shrunk.keptPages += folioPages(kernel.memory, folio);
  if (kernel.settings.lru_gen_enabled)
    mglru.keepOffOldest(kernel.memory, kernel.generations[kernel.memory.nodeOf[folio]], folio);
  addToLru(kernel, folio, false);
}

/** Source: folio_check_references. */
function checkReferences(
  kernel: Kernel,
  node: number,
  folio: number,
  looks: walks.Looks,
): 'reclaim' | 'keep' | 'activate' {
  const { memory } = kernel;
  if (kernel.settings.lru_gen_enabled) {
    const generations = kernel.generations[node];
    // Until 6.14: a look around a neighbour found it young after it was isolated.
    if (!kernel.rules.secondTouchRejuvenates && memory.referenced[folio] === 1) return 'keep';
    const { generationOf, walked } = kernel;
    if (!walks.testReferenced(memory, generations, generationOf, walked, folio, looks))
      return 'reclaim';
    if (!mglru.noteTouch(memory, generations, folio)) return 'keep';
    memory.active[folio] = 1;
    return 'activate';
  }
  const young = kernel.hardware.takeAccessed(folio);
  const referenced = memory.referenced[folio] === 1;
  memory.referenced[folio] = 0;
  if (!young) return 'reclaim';
  memory.referenced[folio] = 1;
  if (!referenced) return 'keep';
  memory.active[folio] = 1;
  return 'activate';
}

/** Moves folios to the next lower tier; returns those for which no node had room. Source: demote_folio_list, migrate_pages_batch. */
function* demote(
  kernel: Kernel,
  node: number,
  folios: readonly number[],
  shrunk: Shrunk,
): Generator<KernelWork, number[]> {
  if (!canDemote(kernel, node)) return [...folios];
  const { memory, hardware } = kernel;
  const targets = memory.nodes[node].preferredTargets;
  const target = targets[targets.length === 1 ? 0 : Math.floor(kernel.random() * targets.length)];
  const left: number[] = [];
  if (hardware.unmap)
    for (const folio of folios) if (folioPages(memory, folio) === 1) hardware.unmap(folio);
  for (let i = 0; i < folios.length; i++) {
    const folio = folios[i];
    const pages = folioPages(memory, folio);
    if (pages > 1) {
      yield ALLOCATE_HUGE;
      hardware.unmap?.(folio);
    }
    const work = MOVE[pages > 1 ? 1 : 0][i + 1 < folios.length ? 1 : 0];
    if (work.goesOn && kernel.onBatchedWork) kernel.onBatchedWork(work);
    else yield work;
    const moved = moveDown(kernel, node, target, folio);
    hardware.remap?.(folio);
    if (!moved) {
      left.push(folio);
      continue;
    }
    addToLru(kernel, folio, false);
    shrunk.reclaimedPages += pages;
    kernel.onDemoted?.(folio);
    memory.vmstat.pgdemote_kswapd += pages;
  }
  return left;
}

/** To the preferred node alone, then to any lower one, nearest first. Source: alloc_demote_folio. */
function moveDown(kernel: Kernel, node: number, target: number, folio: number): boolean {
  return (
    moveToAny(kernel, [target], folio) ||
    moveToAny(kernel, kernel.memory.nodes[node].fallbackTargets, folio)
  );
}

/**
 * Moves above a low watermark; else a minimum will do, and the nodes' kswapd is woken, but not for a huge folio, which is
 * asked for as in a fault. Source: mm/migrate.c, alloc_migration_target (GFP_TRANSHUGE).
 */
function moveToAny(kernel: Kernel, nodes: readonly number[], folio: number): boolean {
  if (nodes.some((node) => moveFolio(kernel, folio, node, 'low'))) return true;
  if (kernel.memory.order[folio] === 0) for (const node of nodes) wakeKswapd(kernel, node);
  return nodes.some((node) => moveFolio(kernel, folio, node, 'min'));
}

/** Moves an isolated folio to `node` when a zone there stays above `mark`. */
export function moveFolio(
  kernel: Kernel,
  folio: number,
  node: number,
  mark: AllocationMark,
): boolean {
  const { memory } = kernel;
  const from = memory.nodes[memory.nodeOf[folio]];
  if (!kernel.hardware.move(folio, node, mark)) return false;
  // Source: mm/migrate.c, folio_migrate_flags: a slow tier keeps a time where a top tier keeps who touched the folio.
  if (isTiering(kernel) && from.topTier !== memory.nodes[node].topTier)
    memory.lastNode[folio] = NODE_ABSENT;
  memory.vmstat.pgmigrate_success += folioPages(memory, folio);
  return true;
}
