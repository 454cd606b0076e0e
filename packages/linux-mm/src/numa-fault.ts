import { isTiering, type Kernel, type NodeState } from './kernel.ts';
import { addToLru, isolateFromLru } from './lru.ts';
import { anyZoneAbove, folioPages, NODE_ABSENT } from './memory.ts';
import { wakeKswapd } from './kswapd-wake.ts';
import { adaptScanPeriod, type NumaScanner } from './numa-scan.ts';
import { moveFolio } from './reclaim.ts';
import { watermarkOk } from './zones.ts';

const PAGES_PER_MB = 256;
const PAGES_PER_GB = 262_144;

/** Steps in which the threshold moves over its range. Source: NUMA_MIGRATION_ADJUST_STEPS. */
const ADJUST_STEPS = 16;

/** A folio keeps its time of protection in as many bits as the CPU and task that touched it would take.
 *  Source: include/linux/mmzone.h, PAGE_ACCESS_TIME_MASK; 13 bits of CPU for CONFIG_NR_CPUS=8192 and 8 of the task. */
const ACCESS_TIME_MS = 2 ** 21;

/** Whether a folio of a slow tier that was just touched shall move to `target`. */
export type PromotionRule = (kernel: Kernel, folio: number, target: number) => boolean;

/** What a hint fault led to. */
export type FaultOutcome = 'stays' | 'refused' | 'promoted';

/**
 * Handles the touch of a protected folio by a task on `cpuNode`: unprotects it, and promotes it when it is hot and
 * there is room. Source: mm/memory.c, do_numa_page; kernel/sched/fair.c, should_numa_migrate_memory, task_numa_fault;
 * Linux 6.12.
 */
export function hintFault(
  kernel: Kernel,
  scanner: NumaScanner,
  folio: number,
  cpuNode: number,
  residentPages: number,
  rule: PromotionRule = shouldPromote,
): FaultOutcome {
  const { memory } = kernel;
  const node = memory.nodeOf[folio];
  memory.vmstat.numa_hint_faults++;
  if (node === cpuNode) memory.vmstat.numa_hint_faults_local++;
  memory.hintProtected[folio] = 0;
  noteActive(kernel, scanner, folio);
  const firstTouch = memory.lastNode[folio] === NODE_ABSENT;
  const outcome =
    node === cpuNode || !rule(kernel, folio, cpuNode)
      ? 'stays'
      : promote(kernel, folio, cpuNode)
        ? 'promoted'
        : 'refused';
  // What stays on a slow node leaves no statistics in tiering mode, nor where nobody was known to have touched it.
  const stillSlow = !memory.nodes[memory.nodeOf[folio]].topTier;
  if (stillSlow && (isTiering(kernel) || firstTouch)) return outcome;
  adaptScanPeriod(kernel, scanner, residentPages);
  const pages = folioPages(memory, folio);
  if (node === cpuNode) scanner.localFaults += pages;
  else scanner.remoteFaults += pages;
  scanner.privateFaults += pages;
  if (outcome === 'refused') scanner.failedPages += pages;
  return outcome;
}

/** Source: vma_set_access_pid_bit. */
function noteActive(kernel: Kernel, scanner: NumaScanner, folio: number): void {
  if (!kernel.rules.passesAreasOver) return;
  const position = kernel.space.positionOf(folio);
  if (position >= 0) scanner.areas[kernel.space.areaOf(position)].active[1] = true;
}

/** Whether a slow folio is hot enough, and the rate limit lets it pass. Source: should_numa_migrate_memory. */
export function shouldPromote(kernel: Kernel, folio: number, target: number): boolean {
  const { memory, settings, nowMs } = kernel;
  const fromTopTier = memory.nodes[memory.nodeOf[folio]].topTier;
  if (!isTiering(kernel) || fromTopTier) return touchedFromHere(kernel, folio, target, fromTopTier);
  const state = kernel.nodeState[target];
  if (freeSpaceIsEnough(kernel, target)) {
    state.hotThresholdMs = 0;
    if (kernel.rules.countsUnlimited)
      memory.vmstat.pgpromote_candidate_nrl += folioPages(memory, folio);
    return true;
  }
  const limit = settings.numa_balancing_promote_rate_limit_MBps * PAGES_PER_MB;
  adjustThreshold(kernel, state, limit);
  const threshold = state.hotThresholdMs === 0 ? settings.hot_threshold_ms : state.hotThresholdMs;
  const latency = (nowMs - memory.accessTimeMs[folio]) % ACCESS_TIME_MS;
  memory.accessTimeMs[folio] = nowMs;
  if (latency >= threshold) return false;
  return !rateLimited(kernel, state, limit, folioPages(memory, folio));
}

/**
 * The two-stage filter of placement by task: a folio follows the second touch in a row from one node, and in a top tier
 * the first touch ever. Tasks of one process count as one. Source: should_numa_migrate_memory, without groups.
 */
function touchedFromHere(
  kernel: Kernel,
  folio: number,
  target: number,
  fromTopTier: boolean,
): boolean {
  const { lastNode } = kernel.memory;
  const last = lastNode[folio];
  lastNode[folio] = target;
  if (last === NODE_ABSENT) return fromTopTier || isTiering(kernel);
  return last === target;
}

/** Source: pgdat_free_space_enough. */
function freeSpaceIsEnough(kernel: Kernel, node: number): boolean {
  const { presentPages, zones } = kernel.memory.nodes[node];
  const enough = Math.max(PAGES_PER_GB, Math.trunc(presentPages / 16));
  return zones.some((index) => {
    const zone = kernel.memory.zones[index];
    return watermarkOk(zone, zone.promo + enough);
  });
}

/** Source: numa_promotion_adjust_threshold. */
function adjustThreshold(kernel: Kernel, state: NodeState, limit: number): void {
  const { settings, nowMs } = kernel;
  if (nowMs - state.thresholdStartMs <= settings.scan_period_max_ms) return;
  state.thresholdStartMs = nowMs;
  const reference = Math.trunc((limit * settings.scan_period_max_ms) / 1000);
  const found = state.candidates - state.thresholdCandidates;
  const step = Math.trunc((settings.hot_threshold_ms * 2) / ADJUST_STEPS);
  let threshold = state.hotThresholdMs === 0 ? settings.hot_threshold_ms : state.hotThresholdMs;
  if (found > Math.trunc((reference * 11) / 10)) threshold = Math.max(threshold - step, step);
  else if (found < Math.trunc((reference * 9) / 10))
    threshold = Math.min(threshold + step, settings.hot_threshold_ms * 2);
  state.thresholdCandidates = state.candidates;
  state.hotThresholdMs = threshold;
}

/** Counts a candidate, and says whether this second's are spent. Source: numa_promotion_rate_limit. */
function rateLimited(kernel: Kernel, state: NodeState, limit: number, pages: number): boolean {
  state.candidates += pages;
  kernel.memory.vmstat.pgpromote_candidate += pages;
  if (kernel.nowMs - state.rateLimitStartMs > 1000) {
    state.rateLimitStartMs = kernel.nowMs;
    state.rateLimitCandidates = state.candidates;
  }
  return state.candidates - state.rateLimitCandidates >= limit;
}

/** Moves a folio to the faulting CPU's node when it has room. Source: mm/migrate.c, migrate_misplaced_folio. */
function promote(kernel: Kernel, folio: number, target: number): boolean {
  const { memory } = kernel;
  const pages = folioPages(memory, folio);
  if (!anyZoneAbove(memory, target, 'high', pages)) {
    if (isTiering(kernel)) wakeKswapd(kernel, target, memory.order[folio]);
    return false;
  }
  if (!isolateFromLru(kernel, folio)) return false;
  const fromTopTier = memory.nodes[memory.nodeOf[folio]].topTier;
  const moved = moveFolio(kernel, folio, target, 'low') || moveFolio(kernel, folio, target, 'min');
  addToLru(kernel, folio, true);
  if (!moved) {
    memory.vmstat.pgmigrate_fail += pages;
    return false;
  }
  memory.vmstat.numa_pages_migrated += pages;
  if (isTiering(kernel) && !fromTopTier && memory.nodes[target].topTier)
    memory.vmstat.pgpromote_success += pages;
  return true;
}
