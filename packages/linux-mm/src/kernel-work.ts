/** What a piece of kernel work did, for whoever charges its time. */
export interface KernelWork {
  /** Page-table entries looked at by walks, those that were young, and those whose folio went to another generation. */
  readonly entries: number;
  readonly young: number;
  readonly rejuvenated: number;
  /** Folios taken off a list and tested for references. */
  readonly scanned: number;
  /** Folios moved, and those of them that are huge. */
  readonly moved: number;
  readonly movedHuge: number;
  /** Huge pages taken and cleared as targets, which nothing interrupts. */
  readonly allocatedHuge: number;
  /** More of the same batch follows. */
  readonly goesOn: boolean;
}

/** Work of which only the given parts are not nothing. */
export function kernelWork(parts: Partial<KernelWork>): KernelWork {
  return {
    entries: 0,
    young: 0,
    rejuvenated: 0,
    scanned: 0,
    moved: 0,
    movedHuge: 0,
    allocatedHuge: 0,
    goesOn: false,
    ...parts,
  };
}
