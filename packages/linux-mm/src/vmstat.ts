/** Counters of `/proc/vmstat` that tiering moves, in pages or events, under the kernel's names. */
export interface Vmstat {
  pgpromote_success: number;
  pgpromote_candidate: number;
  /** Since 6.18; 0 before. */
  pgpromote_candidate_nrl: number;
  pgpromote_demoted: number;
  pgdemote_kswapd: number;
  pgdemote_direct: number;
  pgdemote_khugepaged: number;
  pgscan_kswapd: number;
  pgscan_direct: number;
  pgsteal_kswapd: number;
  numa_pte_updates: number;
  numa_hint_faults: number;
  numa_hint_faults_local: number;
  numa_pages_migrated: number;
  pgmigrate_success: number;
  pgmigrate_fail: number;
  thp_fault_alloc: number;
}

export function createVmstat(): Vmstat {
  return {
    pgpromote_success: 0,
    pgpromote_candidate: 0,
    pgpromote_candidate_nrl: 0,
    pgpromote_demoted: 0,
    pgdemote_kswapd: 0,
    pgdemote_direct: 0,
    pgdemote_khugepaged: 0,
    pgscan_kswapd: 0,
    pgscan_direct: 0,
    pgsteal_kswapd: 0,
    numa_pte_updates: 0,
    numa_hint_faults: 0,
    numa_hint_faults_local: 0,
    numa_pages_migrated: 0,
    pgmigrate_success: 0,
    pgmigrate_fail: 0,
    thp_fault_alloc: 0,
  };
}
