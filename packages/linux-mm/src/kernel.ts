import type { AddressSpace } from './address-space.ts';
import { showCounts, type ClassicLists } from './classic-lru.ts';
import type { Hardware } from './hardware.ts';
import type { KernelMemory } from './memory.ts';
import type { KernelWork } from './kernel-work.ts';
import type { WalkedSpace } from './generation-walks.ts';
import type { GenerationColumn, Generations } from './generations.ts';
import type { KernelRules, KernelVersion } from './versions.ts';

/** Bits of `/proc/sys/kernel/numa_balancing`. Source: include/linux/sched/sysctl.h. */
export const NUMA_BALANCING_NORMAL = 1;
export const NUMA_BALANCING_MEMORY_TIERING = 2;

/** Settings under their names in sysfs, debugfs and `/proc/sys`, in the kernel's units. */
export interface KernelSettings {
  readonly kernel: KernelVersion;
  /** Bit mask: 1 places pages near the task, 2 promotes hot pages of slow tiers. */
  readonly numa_balancing: number;
  readonly numa_balancing_promote_rate_limit_MBps: number;
  readonly demotion_enabled: boolean;
  /** Multi-generational LRU in use; otherwise the active and inactive lists. */
  readonly lru_gen_enabled: boolean;
  readonly hot_threshold_ms: number;
  readonly scan_delay_ms: number;
  readonly scan_period_min_ms: number;
  readonly scan_period_max_ms: number;
  readonly scan_size_mb: number;
  readonly swappiness: number;
}

/** Source: kernel/sched/fair.c and mm/vmscan.c, Linux 6.12. */
export const DEFAULT_SETTINGS: KernelSettings = {
  kernel: '6.12',
  numa_balancing: 0,
  numa_balancing_promote_rate_limit_MBps: 65_536,
  demotion_enabled: false,
  lru_gen_enabled: true,
  hot_threshold_ms: 1000,
  scan_delay_ms: 1000,
  scan_period_min_ms: 1000,
  scan_period_max_ms: 60_000,
  scan_size_mb: 256,
  swappiness: 60,
};

/** What a node remembers of promotions to it and of its kswapd. Source: include/linux/mmzone.h, struct pglist_data. */
export interface NodeState {
  /** Milliseconds below which a hint fault's latency is hot; 0: the default. */
  hotThresholdMs: number;
  /** When the threshold was last adjusted, and when the second of the rate limit began. */
  thresholdStartMs: number;
  thresholdCandidates: number;
  rateLimitStartMs: number;
  rateLimitCandidates: number;
  /** Pages that passed the threshold, of which the rate limit may have refused some. */
  candidates: number;
  kswapdFailures: number;
  kswapdWanted: boolean;
  /** Largest order that anyone asked kswapd for since it last started. */
  kswapdOrder: number;
  /**
   * Order for which the node must be balanced before kswapd sleeps: 0 where its last run fell back to that, else what
   * was asked for meanwhile.
   */
  kswapdSleepOrder: number;
  kswapdRunning: boolean;
}

/** One task's memory under one kernel: everything that the machinery's functions read and change. */
export interface Kernel {
  readonly memory: KernelMemory;
  readonly hardware: Hardware;
  readonly settings: KernelSettings;
  /** What holds in the kernel of that version. */
  readonly rules: KernelRules;
  readonly nodeState: readonly NodeState[];
  space: AddressSpace;
  /** Seeded; draws what the kernel draws at random. */
  readonly random: () => number;
  readonly generations: readonly Generations[];
  generationOf: GenerationColumn;
  readonly walked: WalkedSpace;
  readonly classic: readonly ClassicLists[];
  /** Milliseconds of jiffies when the memory controller adds up again what is on the classic lists. */
  countsDueMs: number;
  /** Node of the CPUs where only one task shares the memory: its scanner skips that node; -1: several tasks. */
  localNode: number;
  /** Milliseconds since boot, in jiffies' steps; whoever drives the kernel sets it. */
  nowMs: number;
  /** Called when a sleeping kswapd is woken. */
  onKswapdWake?: (node: number) => void;
  /**
   * Told of work that more of the same batch follows, by a machine on which nothing else happens meanwhile; elsewhere such
   * work is yielded as all other is.
   */
  onBatchedWork?: (work: KernelWork) => void;
  /** Called when reclaim has moved a folio to a lower tier. */
  onDemoted?: (folio: number) => void;
}

/**
 * State of a node when tiering is turned on. The threshold's minute starts then; the rate limit's second is long over,
 * since jiffies start 300 s before they wrap. Source: kernel/sched/core.c, reset_memory_tiering; INITIAL_JIFFIES.
 */
export function createNodeState(): NodeState {
  return {
    hotThresholdMs: 0,
    thresholdStartMs: 0,
    thresholdCandidates: 0,
    rateLimitStartMs: -Infinity,
    rateLimitCandidates: 0,
    candidates: 0,
    kswapdFailures: 0,
    kswapdWanted: false,
    kswapdOrder: 0,
    kswapdSleepOrder: 0,
    kswapdRunning: false,
  };
}

/**
 * Milliseconds from boot, and from one time to the next, at which the memory controller adds up its counters: 500 ticks, which
 * the timer wheel rounds to 504. A traced 6.12 does so at 2,016 and 4,032 ms of jiffies.
 * Source: mm/memcontrol.c, FLUSH_TIME, flush_memcg_stats_dwork; kernel/time/timer.c, calc_index; CONFIG_HZ=250.
 */
const FLUSH_MS = 2016;

/** The kernel's clock has come to `nowMs`; what is due by then is done. */
export function advanceTo(kernel: Kernel, nowMs: number): void {
  kernel.nowMs = nowMs;
  if (nowMs < kernel.countsDueMs) return;
  kernel.countsDueMs = nowMs - (nowMs % FLUSH_MS) + FLUSH_MS;
  for (const lists of kernel.classic) showCounts(lists);
}

/** Whether reclaim on the node moves folios down instead of dropping them. Source: mm/vmscan.c, can_demote. */
export function canDemote(kernel: Kernel, node: number): boolean {
  return kernel.settings.demotion_enabled && kernel.memory.nodes[node].preferredTargets.length > 0;
}

export function isTiering(kernel: Kernel): boolean {
  return (kernel.settings.numa_balancing & NUMA_BALANCING_MEMORY_TIERING) !== 0;
}
