import {
  folioPages,
  KERNEL_SIGNALS,
  NUMA_BALANCING_MEMORY_TIERING,
  simulateKernel,
  wakeKswapd,
  type Kernel,
  type NodeState,
  type PromotionRule,
  type Zone,
} from '@tierlab/linux-mm';
import { count, defineMigrationPolicy, flag, type MigrationPolicy } from '@tierlab/policy';
import { promotionParams, reclaimParams, scannerParams } from './kernel-params.ts';
import { createPageSet, type PageSet } from './page-set.ts';

const PAGES_PER_MB = 256;
/** Recommended with the tree. Source: README-tiering.txt. */
const RATE_LIMIT_MBPS = 30;
/** Headroom that kswapd keeps above the high mark: 10 MB, at most a 64th of the node. */
const HEADROOM_PAGES = 10 * PAGES_PER_MB;
/** kswapd is woken early when less than this is left above the high mark. */
const EARLY_PAGES = 5 * PAGES_PER_MB;

/**
 * Intel's tree `tiering-0.8`, the base of Chrono: thresholds follow the number of candidates sooner and by factors,
 * demoted pages that are touched again soon lower it, and kswapd keeps 10 MB above the high mark.
 *
 * Source: SJTU-DDST/chrono-project, kernel/sched/fair.c, mm/vmscan.c and README-tiering.txt.
 */
export const linuxTiering08: MigrationPolicy = defineMigrationPolicy({
  name: 'linux-tiering-0.8',
  doc: 'Intel tiering-0.8: promotion by hint-fault latency, with a threshold that adapts as soon as candidates abound.',
  signals: KERNEL_SIGNALS,
  params: {
    scan_demoted: flag({
      default: true,
      doc: 'Protect pages as they are demoted, to see them touched again.',
    }),
    hot_demoted_factor: count({
      default: 16,
      doc: 'Lower the threshold when this times the demoted pages touched again soon exceeds the pages demoted.',
    }),
    ...reclaimParams(true),
    ...promotionParams(RATE_LIMIT_MBPS),
    ...scannerParams(),
  },
  create(context) {
    const { scan_demoted, hot_demoted_factor, ...settings } = context.params;
    const thrash: Thrash = {
      demoted: createPageSet(),
      demotedPages: 0,
      hotPages: 0,
      factor: hot_demoted_factor,
    };
    return simulateKernel(context, {
      // The tree is older than 6.4: its scanner looks into every mapping.
      settings: { ...settings, kernel: '6.1', numa_balancing: NUMA_BALANCING_MEMORY_TIERING },
      demotionMark: (zone) =>
        zone.high + Math.min(HEADROOM_PAGES, Math.trunc(zone.managedPages / 64)),
      promotionRule: promotionRule(thrash),
      onDemoted(kernel, folio) {
        if (!scan_demoted) return;
        thrash.demotedPages++;
        thrash.demoted.add(folio);
        kernel.memory.accessTimeMs[folio] = kernel.nowMs;
        kernel.hardware.protect(folio);
      },
      onTick: wakeEarly,
    });
  },
});

/** Pages demoted since the threshold was last set, and those of them touched again within it. */
interface Thrash {
  readonly demoted: PageSet;
  demotedPages: number;
  hotPages: number;
  readonly factor: number;
}

function promotionRule(thrash: Thrash): PromotionRule {
  return (kernel, folio, target) => {
    const { memory, settings, nowMs } = kernel;
    const state = kernel.nodeState[target];
    const pages = folioPages(memory, folio);
    const limit = settings.numa_balancing_promote_rate_limit_MBps * PAGES_PER_MB;
    adjustThreshold(kernel, state, limit, thrash);
    const threshold = state.hotThresholdMs === 0 ? settings.hot_threshold_ms : state.hotThresholdMs;
    const latency = nowMs - memory.accessTimeMs[folio];
    memory.accessTimeMs[folio] = nowMs;
    if (latency >= threshold) return false;
    if (thrash.demoted.take(folio)) {
      thrash.hotPages += pages;
      memory.vmstat.pgpromote_demoted += pages;
    }
    state.candidates += pages;
    memory.vmstat.pgpromote_candidate += pages;
    if (nowMs - state.rateLimitStartMs > 1000) {
      state.rateLimitStartMs = nowMs;
      state.rateLimitCandidates = state.candidates;
    }
    return state.candidates - state.rateLimitCandidates < limit;
  };
}

/** Once in `scan_period_max_ms`, or as soon as there are a tenth more candidates than the rate limit would let pass. */
function adjustThreshold(kernel: Kernel, state: NodeState, limit: number, thrash: Thrash): void {
  const { settings, nowMs } = kernel;
  const reference = (limit * settings.scan_period_max_ms) / 1000;
  const found = state.candidates - state.thresholdCandidates;
  const elapsed = nowMs - state.thresholdStartMs > settings.scan_period_max_ms;
  if (!elapsed && found <= reference * 1.1) return;
  const threshold = state.hotThresholdMs === 0 ? settings.hot_threshold_ms : state.hotThresholdMs;
  const thrashing = thrash.factor * thrash.hotPages > thrash.demotedPages;
  let next = threshold;
  if (found > reference * 1.1 || thrashing) next = Math.trunc(threshold * 0.9);
  else if (found < reference * 0.2) next = Math.max(Math.trunc(threshold * 1.5), threshold + 10);
  else if (found < reference * 0.9) next = Math.max(Math.trunc(threshold * 1.1), threshold + 1);
  state.hotThresholdMs = Math.max(1, Math.min(next, 2 * settings.hot_threshold_ms));
  state.thresholdStartMs = nowMs;
  state.thresholdCandidates = state.candidates;
  thrash.demotedPages = 0;
  thrash.hotPages = 0;
  thrash.demoted.clear();
}

/** Source: wake_up_kswapd_early. */
function wakeEarly(kernel: Kernel): void {
  for (const [node, { topTier, zones }] of kernel.memory.nodes.entries()) {
    if (!topTier) continue;
    for (const index of zones) {
      const zone: Zone = kernel.memory.zones[index];
      if (zone.freePages < zone.high + EARLY_PAGES) wakeKswapd(kernel, node);
    }
  }
}
