/**
 * CPU time of kernel work in the lab's guest, ns.
 *
 * The guest's clock counts instructions, one a nanosecond, so these are path lengths of a 6.12 Debian kernel rather
 * than times of a machine. They are measured from records: `query_us` gives `queryPageNs`; `drift_us` of the first
 * intervals gives the first touches, the pace when late, and the boot's own remaining work; `drift_us` of intervals
 * that were late from end to end give the sums of faults, promotions and demotions; the distance of the scans gives
 * the scanner's. docs/validation.md says how far the result depends on them.
 */
export interface GuestCosts {
  /** One access of the program that runs late and does not wait. */
  readonly accessNs: number;
  readonly firstTouchNs: number;
  readonly hugeFirstTouchNs: number;
  readonly hintFaultNs: number;
  /** Moving a folio in a hint fault, the copy of its first page included. */
  readonly promoteNs: number;
  /** Moving a folio in kswapd's batches, the copy of its first page included. */
  readonly demoteNs: number;
  /** Copying one more page of a huge page. */
  readonly copyPageNs: number;
  /** Looking at an entry in a walk of page tables. */
  readonly walkEntryNs: number;
  /** Looking at an entry in the hint-fault scanner's pass, and changing it. */
  readonly scanEntryNs: number;
  readonly protectNs: number;
  /** Isolating a folio and testing its references. */
  readonly referenceNs: number;
  /** Asking for the node of one page. */
  readonly queryPageNs: number;
  /** Waking a kernel thread. */
  readonly wakeNs: number;
  /** One region's sampling by DAMON: clear a bit, test it later. */
  readonly damonSampleNs: number;
  /** Work that boot leaves to kernel threads when the program would start at once. */
  readonly bootWorkNs: number;
}

export const LAB_GUEST_COSTS: GuestCosts = {
  accessNs: 380,
  firstTouchNs: 7600,
  hugeFirstTouchNs: 4_100_000,
  hintFaultNs: 2500,
  promoteNs: 15_000,
  demoteNs: 13_000,
  copyPageNs: 4100,
  walkEntryNs: 60,
  scanEntryNs: 100,
  protectNs: 200,
  referenceNs: 1200,
  queryPageNs: 670,
  wakeNs: 20_000,
  damonSampleNs: 2000,
  bootWorkNs: 540_000_000,
};
