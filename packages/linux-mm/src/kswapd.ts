import * as classic from './classic-lru.ts';
import { canDemote, isTiering, type Kernel } from './kernel.ts';
import { isBalanced } from './kswapd-wake.ts';
import * as mglru from './generations.ts';
import * as walks from './generation-walks.ts';
import { folioPages } from './memory.ts';
import { NO_WORK, type KernelWork } from './kernel-work.ts';
import { shrinkFolios } from './reclaim.ts';
import { watermarkOk } from './zones.ts';

/** Priority at which reclaim starts: it looks at a list's size shifted right by it. Source: DEF_PRIORITY. */
const DEFAULT_PRIORITY = 12;

/** Source: struct scan_control. */
interface ScanControl {
  /** Order of the block that is wanted; 0 once enough was reclaimed for compaction to make one. */
  order: number;
  priority: number;
  reclaimTarget: number;
  reclaimed: number;
  scanned: number;
}

/**
 * One run of kswapd on a node, as a coroutine: it yields what it has just done, and may be left there for as long as
 * others have the CPU. It ends when a zone is above its mark or when priority 1 brought nothing.
 * Source: mm/vmscan.c, balance_pgdat, Linux 6.12.
 */
export function* balanceNode(kernel: Kernel, node: number): Generator<KernelWork, void> {
  const { memory } = kernel;
  const zones = memory.nodes[node].zones;
  for (const index of zones) memory.zones[index].reclaimActive = true;
  const state = kernel.nodeState[node];
  const order = state.kswapdOrder;
  state.kswapdOrder = 0;
  const control: ScanControl = {
    order,
    priority: DEFAULT_PRIORITY,
    reclaimTarget: 0,
    reclaimed: 0,
    scanned: 0,
  };
  do {
    if (isBalanced(kernel, node, control.order)) break;
    const before = control.reclaimed;
    control.scanned = 0;
    // Source: kswapd_shrink_node.
    control.reclaimTarget = 0;
    for (const index of zones)
      control.reclaimTarget += Math.max(memory.zones[index].high, classic.CLUSTER);
    if (kernel.settings.lru_gen_enabled) yield* shrinkGenerations(kernel, node, control);
    else {
      yield* refillInactive(kernel, node); // kswapd_age_node
      yield* shrinkClassic(kernel, node, control);
    }
    // Source: compact_gap.
    if (control.order > 0 && control.reclaimed >= 2 << control.order) control.order = 0;
    const raise = control.scanned < control.reclaimTarget;
    if (raise || control.reclaimed === before) control.priority--;
  } while (control.priority >= 1);
  if (control.reclaimed > 0) state.kswapdFailures = 0;
  else if (!isBalanced(kernel, node)) state.kswapdFailures++;
  for (const index of zones) memory.zones[index].reclaimActive = false;
  state.kswapdSleepOrder = control.order < order ? control.order : state.kswapdOrder;
}

/** Source: lru_gen_shrink_node, try_to_shrink_lruvec, evict_folios. */
function* shrinkGenerations(
  kernel: Kernel,
  node: number,
  control: ScanControl,
): Generator<KernelWork, void> {
  const { memory } = kernel;
  const generations = kernel.generations[node];
  setInitialPriority(kernel, node, control);
  if (!canDemote(kernel, node)) return; // no swap either: nothing of anonymous memory can go
  const reclaimedBefore = control.reclaimed;
  control.reclaimed = 0;
  let scanned = 0;
  for (;;) {
    const target = mglru.evictablePages(generations) >> control.priority;
    if (mglru.shouldAge(generations) && control.priority !== DEFAULT_PRIORITY) {
      // Source: walk_pud_range: a walk looks whether others want the CPU at the end of each GiB.
      const walk = walks.age(memory, generations, kernel.generationOf, kernel.walked);
      yield { ...NO_WORK, ...walk, firm: true };
      break;
    }
    if (target <= 0) break;
    const found = mglru.isolateOldest(
      memory,
      generations,
      kernel.generationOf,
      memory.nodes[node].zones,
    );
    memory.vmstat.pgscan_kswapd += found.isolatedPages;
    control.scanned += found.isolatedPages;
    // Source: evict_folios: under the lock of the LRU, with interrupts off.
    if (found.sorted > 0) yield { ...NO_WORK, sorted: found.sorted, firm: true, goesOn: true };
    if (found.folios.length > 0) {
      const shrunk = yield* shrinkFolios(kernel, node, found.folios);
      control.reclaimed += shrunk.reclaimedPages;
      memory.vmstat.pgsteal_kswapd += shrunk.reclaimedPages;
    }
    if (found.scannedPages === 0) break;
    scanned += found.scannedPages;
    if (scanned >= target || shouldAbort(kernel, node, control)) break;
  }
  control.reclaimed += reclaimedBefore;
}

/** Starts nearer to the goal when much is to be reclaimed of little that is inactive. Source: set_initial_priority. */
function setInitialPriority(kernel: Kernel, node: number, control: ScanControl): void {
  if (control.priority !== DEFAULT_PRIORITY || control.reclaimTarget < mglru.MIN_BATCH) return;
  const reclaimable = canDemote(kernel, node) ? mglru.inactivePages(kernel.generations[node]) : 0;
  const priority = bitLength(reclaimable) - 1 - bitLength(control.reclaimTarget - 1);
  control.priority = Math.min(Math.max(priority, DEFAULT_PRIORITY / 2), DEFAULT_PRIORITY);
}

function bitLength(value: number): number {
  return value === 0 ? 0 : 32 - Math.clz32(value);
}

/** Source: should_abort_scan. */
function shouldAbort(kernel: Kernel, node: number, control: ScanControl): boolean {
  if (control.reclaimed >= Math.max(control.reclaimTarget, 2 << control.order)) return true;
  if (control.order > 0) return false;
  const mark = isTiering(kernel) ? 'promo' : 'high';
  for (const index of kernel.memory.nodes[node].zones) {
    const zone = kernel.memory.zones[index];
    if (!watermarkOk(zone, (mark === 'promo' ? zone.promo : zone.high) + mglru.MIN_BATCH))
      return false;
  }
  return true;
}

/** Source: shrink_lruvec, shrink_inactive_list, get_scan_count. */
function* shrinkClassic(
  kernel: Kernel,
  node: number,
  control: ScanControl,
): Generator<KernelWork, void> {
  const { memory } = kernel;
  const lists = kernel.classic[node];
  if (!canDemote(kernel, node)) return;
  const mayDeactivate = inactiveIsLow(kernel, node);
  const anonOnly = !mayDeactivate && filesAreTiny(kernel, node, control.priority);
  const { swappiness } = kernel.settings;
  const target = (pages: number): number =>
    classic.scanTarget(lists, pages, control.priority, swappiness, anonOnly);
  let inactive = target(lists.inactivePages);
  let active = target(lists.activePages);
  const reclaimedBefore = control.reclaimed;
  while (inactive > 0) {
    const take = Math.min(inactive, classic.CLUSTER);
    inactive -= take;
    const folios = classic.isolateTail(memory, lists, false, take);
    if (folios.length > 0) {
      let pages = 0;
      for (const folio of folios) pages += folioPages(memory, folio);
      memory.vmstat.pgscan_kswapd += pages;
      control.scanned += pages;
      const shrunk = yield* shrinkFolios(kernel, node, folios);
      control.reclaimed += shrunk.reclaimedPages;
      memory.vmstat.pgsteal_kswapd += shrunk.reclaimedPages;
      classic.noteCost(lists, shrunk.keptPages);
    }
    if (active > 0) {
      const deactivated = Math.min(active, classic.CLUSTER);
      active -= deactivated;
      if (mayDeactivate) {
        const moved = classic.deactivate(memory, kernel.hardware, lists, deactivated);
        yield { ...NO_WORK, scanned: moved };
      }
    }
    if (control.reclaimed - reclaimedBefore >= control.reclaimTarget) break;
  }
  yield* refillInactive(kernel, node);
}

/** Whether the free pages would not make up the marks, though there were no files left to take: there are none.
 *  Source: prepare_scan_control, file_is_tiny. */
function filesAreTiny({ memory, classic: lists }: Kernel, node: number, priority: number): boolean {
  let free = 0;
  let high = 0;
  for (const index of memory.nodes[node].zones) {
    free += memory.zones[index].freePages;
    high += memory.zones[index].high;
  }
  return free <= high && lists[node].inactivePages >> priority > 0;
}

function inactiveIsLow(kernel: Kernel, node: number): boolean {
  const lists = kernel.classic[node];
  if (!kernel.rules.showsCountsLate) classic.showCounts(lists);
  return classic.inactiveIsLow(lists);
}

/** Moves a cluster to the inactive list where that is short. */
function* refillInactive(kernel: Kernel, node: number): Generator<KernelWork, void> {
  const lists = kernel.classic[node];
  if (!canDemote(kernel, node) || !inactiveIsLow(kernel, node)) return;
  const { memory, hardware } = kernel;
  yield { ...NO_WORK, scanned: classic.deactivate(memory, hardware, lists, classic.CLUSTER) };
}
