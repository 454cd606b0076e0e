/** Kernels whose machinery is modelled; each has what changed up to it. */
export const KERNEL_VERSIONS = ['6.1', '6.12', '6.14', '6.18'] as const;
export type KernelVersion = (typeof KERNEL_VERSIONS)[number];

/** One difference between kernels: what holds from `since` on. */
export interface MachineryRule {
  readonly since: string;
  readonly source: string;
  /** What the kernel does where the rule holds, and what it did before. */
  readonly what: string;
}

type RuleName =
  | 'passesAreasOver'
  | 'alignsMappings'
  | 'firstWalkSeesAll'
  | 'showsCountsLate'
  | 'secondTouchRejuvenates'
  | 'agesAtThreeGenerations'
  | 'countsUnlimited'
  | 'limitsFirstWindow'
  | 'restoresAllowedNodes';

/** Every difference between kernels that the machinery knows. */
export const MACHINERY_RULES: Readonly<Record<RuleName, MachineryRule>> = {
  passesAreasOver: {
    since: '6.4',
    source: 'Linux kernel/sched/fair.c vma_is_accessed, task_numa_work',
    what: 'the hint-fault scanner passes over a mapping that is new or that the task has not touched lately; before, it looks into every one',
  },
  alignsMappings: {
    since: '6.7',
    source: 'Linux mm/mmap.c __get_unmapped_area, mm/huge_memory.c __thp_get_unmapped_area',
    what: 'a mapping of whole huge pages starts at the border of one; before, wherever there was room',
  },
  firstWalkSeesAll: {
    since: '6.12',
    source:
      'Linux mm/vmscan.c walk_pmd_range, walk_pmd_range_locked, force_scan; "mm: multi-gen LRU: ignore non-leaf pmd_young for force_scan=true"',
    what: 'the first walk of an address space looks into page tables whose own accessed bit is not set, too, and leaves these bits as they are, so that the next walk visits the same; before, as every other walk',
  },
  showsCountsLate: {
    since: '6.12',
    source:
      'Linux mm/vmscan.c prepare_scan_control, mem_cgroup_flush_stats_ratelimited; "memcg: use ratelimited stats flush in the reclaim"',
    what: 'whether the inactive list is short against the active one is judged by counts that the memory controller adds up every two seconds; before, by counts of the moment',
  },
  secondTouchRejuvenates: {
    since: '6.14',
    source:
      'Linux mm/vmscan.c folio_update_gen, lru_gen_set_refs, get_pfn_folio, include/linux/mm_inline.h lru_gen_folio_seq; "mm/mglru: rework workingset protection"',
    what: 'in the multi-generational LRU the first touch that a walk or eviction finds only marks a folio, and the second makes it youngest; what a fault brings in starts in the second youngest generation; what eviction holds is left alone by walks and looks around. Before, one touch was enough, faults put a folio in the youngest, and what eviction held was marked and kept',
  },
  agesAtThreeGenerations: {
    since: '6.14',
    source: 'Linux mm/vmscan.c should_run_aging; "mm/mglru: rework aging feedback"',
    what: 'a generation is opened whenever three are left; before, only if the youngest of the three had over half of the pages or the oldest under a quarter',
  },
  countsUnlimited: {
    since: '6.18',
    source: 'Linux kernel/sched/fair.c should_numa_migrate_memory, PGPROMOTE_CANDIDATE_NRL',
    what: 'promotions into ample free memory, which no rate limit holds back, are counted as pgpromote_candidate_nrl; before, nowhere',
  },
  limitsFirstWindow: {
    since: '6.18',
    source:
      'Linux mm/damon/core.c damos_adjust_quota; "mm/damon/core: set effective quota on first charge window"',
    what: 'the quota of a DAMOS scheme holds from its first window on; before, in the stable kernels since the summer of 2025, from the second',
  },
  restoresAllowedNodes: {
    since: '6.17',
    source:
      'Linux mm/vmscan.c alloc_migrate_folio; "mm: migrate: restore the nmask after successfully allocating on the target node"',
    what: 'pages that a DAMOS scheme moves go to its target node or stay; before, once one of a region had found room there, those that found none went to any node, also to other frames of their own',
  },
};

/** Which rules hold. */
export type KernelRules = Readonly<Record<RuleName, boolean>>;

/** The rules of `kernel`. */
export function rulesOf(kernel: KernelVersion): KernelRules {
  const entries = Object.entries(MACHINERY_RULES).map(([name, { since }]) => [
    name,
    compareReleases(kernel, since) >= 0,
  ]);
  return Object.fromEntries(entries) as KernelRules;
}

/** The last modelled kernel that is not newer than `release`, such as `6.12.107`; the oldest for one before it. */
export function modelledKernel(release: string): KernelVersion {
  return (
    KERNEL_VERSIONS.findLast((version) => compareReleases(version, release) <= 0) ??
    KERNEL_VERSIONS[0]
  );
}

/** Negative where `a`, such as `6.12.107`, is of an older series than `b`. */
export function compareReleases(a: string, b: string): number {
  const [majorA, minorA] = a.split('.').map(Number);
  const [majorB, minorB] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}
