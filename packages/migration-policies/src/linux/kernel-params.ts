import { DEFAULT_SETTINGS, KERNEL_VERSIONS, type KernelVersion } from '@tierlab/linux-mm';
import { count, flag, oneOf, type Param } from '@tierlab/policy';

const DEBUGFS = '/sys/kernel/debug/sched/numa_balancing';

/** Which kernel: what differs between them is `MACHINERY_RULES` of `@tierlab/linux-mm`. */
export function kernelParam(): Param<KernelVersion> {
  return oneOf({
    values: KERNEL_VERSIONS,
    default: DEFAULT_SETTINGS.kernel,
    doc: 'Linux that is meant: 6.1 scans every mapping, 6.12 passes over those not touched lately; since 6.14 the multi-generational LRU moves a page at its second touch; 6.18 counts pgpromote_candidate_nrl.',
  });
}

/** Knobs of the hint-fault scanner under the kernel's names. Source: Linux 6.12, kernel/sched/debug.c. */
export function scannerParams(): {
  readonly scan_delay_ms: Param<number>;
  readonly scan_period_min_ms: Param<number>;
  readonly scan_period_max_ms: Param<number>;
  readonly scan_size_mb: Param<number>;
} {
  const defaults = DEFAULT_SETTINGS;
  return {
    scan_delay_ms: count({
      default: defaults.scan_delay_ms,
      doc: `${DEBUGFS}/scan_delay_ms: run time before the first scan.`,
    }),
    scan_period_min_ms: count({
      default: defaults.scan_period_min_ms,
      min: 1,
      doc: `${DEBUGFS}/scan_period_min_ms: shortest time to scan a task's memory once.`,
    }),
    scan_period_max_ms: count({
      default: defaults.scan_period_max_ms,
      min: 1,
      doc: `${DEBUGFS}/scan_period_max_ms: longest time to scan a task's memory once.`,
    }),
    scan_size_mb: count({
      default: defaults.scan_size_mb,
      min: 1,
      doc: `${DEBUGFS}/scan_size_mb: memory protected in one scan.`,
    }),
  };
}

/** Knobs of promotion by hint-fault latency. Source: Linux 6.12, kernel/sched/fair.c. */
export function promotionParams(
  rateLimitMBps: number = DEFAULT_SETTINGS.numa_balancing_promote_rate_limit_MBps,
): {
  readonly numa_balancing_promote_rate_limit_MBps: Param<number>;
  readonly hot_threshold_ms: Param<number>;
} {
  return {
    numa_balancing_promote_rate_limit_MBps: count({
      default: rateLimitMBps,
      doc: '/proc/sys/kernel/numa_balancing_promote_rate_limit_MBps, MB of 2^20 bytes, per target node.',
    }),
    hot_threshold_ms: count({
      default: DEFAULT_SETTINGS.hot_threshold_ms,
      min: 1,
      doc: `${DEBUGFS}/hot_threshold_ms: longest time from protection to touch of a hot page.`,
    }),
  };
}

/** Knobs of reclaim. Source: Linux 6.12, mm/vmscan.c. */
export function reclaimParams(demotionEnabled: boolean): {
  readonly demotion_enabled: Param<boolean>;
  readonly lru_gen_enabled: Param<boolean>;
  readonly swappiness: Param<number>;
} {
  return {
    demotion_enabled: flag({
      default: demotionEnabled,
      doc: '/sys/kernel/mm/numa/demotion_enabled: reclaim moves pages to a lower tier.',
    }),
    lru_gen_enabled: flag({
      default: DEFAULT_SETTINGS.lru_gen_enabled,
      doc: '/sys/kernel/mm/lru_gen/enabled: the multi-generational LRU, or the active and inactive lists.',
    }),
    swappiness: swappinessParam(),
  };
}

export function swappinessParam(): Param<number> {
  return count({
    default: DEFAULT_SETTINGS.swappiness,
    max: 200,
    doc: '/proc/sys/vm/swappiness: share of anonymous memory in reclaim by the active and inactive lists.',
  });
}
