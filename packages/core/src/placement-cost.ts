import type { RunBound, RunRecord } from './runrecord.ts';

/**
 * What the placement of pages cost in a run, in nanoseconds: the time that its accesses waited for
 * memory plus the CPU time of moving pages, whoever waited for that. It leaves out what is the same
 * under every policy (think time, first touches) and what a policy's way of knowing costs (scans,
 * samples, hint faults, shootdowns), so that it is what a {@link RunBound} bounds.
 */
export function placementCostNs({ totals }: RunRecord): number {
  return totals.time.memoryNs + totals.migrationNs;
}

/**
 * How far a run is above a bound, as a share of the bound; 0 is the optimum itself. A loaded
 * memory, an exemption or a second copy of a page can take a run away from the bound in either direction; see the
 * pages of the rulers.
 */
export function gapToBound(record: RunRecord, bound: RunBound): number | undefined {
  return bound.placementNs > 0 ? placementCostNs(record) / bound.placementNs - 1 : undefined;
}
