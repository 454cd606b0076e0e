/**
 * What kernel work costs in CPU time, apart from the copy of bytes, which the memory system charges.
 * Every value is a parameter of the run and appears in its manifest.
 */
export interface UnitCosts {
  /** A minor fault: entry, handling, return. */
  readonly faultNs: number;
  /** Testing one PTE's accessed or dirty bit, or protecting one. */
  readonly pteScanNs: number;
  /** A TLB shootdown: once per move, or once per batch. */
  readonly shootdownNs: number;
  /** Bookkeeping of moving one base page: allocation, unmap, remap. */
  readonly movePageNs: number;
  /** Bookkeeping of moving one huge page whole. */
  readonly moveHugePageNs: number;
  /** Splitting or collapsing a huge page. */
  readonly splitHugePageNs: number;
  /** Taking one sample, paid by the sampled task. */
  readonly sampleNs: number;
  /** Reading one sample from the buffer, paid by the reader. */
  readonly sampleReadNs: number;
}
