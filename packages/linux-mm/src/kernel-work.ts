/** What a piece of kernel work did, for whoever charges its time. */
export interface KernelWork {
  /** Page-table entries that walks looked at, and young ones that walks and looks around left alone, as of another node. */
  readonly entries: number;
  readonly leftAlone: number;
  /** Entries found young by walks or by looks around others, and those whose folio went to another generation. */
  readonly young: number;
  readonly rejuvenated: number;
  /** Looks around a young folio that eviction met. */
  readonly looks: number;
  /** Folios that eviction put where a walk had sent them. */
  readonly sorted: number;
  /** Folios taken off a list and tested for references. */
  readonly scanned: number;
  /** Folios moved, and those of them that are huge. */
  readonly moved: number;
  readonly movedHuge: number;
  /** Huge pages taken and cleared as targets. */
  readonly allocatedHuge: number;
  /** Nobody takes the CPU from it. */
  readonly firm: boolean;
  /** More of the same batch follows. */
  readonly goesOn: boolean;
}

/** What work is made of: nothing, before it is said what of it was done. */
export const NO_WORK: KernelWork = {
  entries: 0,
  leftAlone: 0,
  young: 0,
  rejuvenated: 0,
  looks: 0,
  sorted: 0,
  scanned: 0,
  moved: 0,
  movedHuge: 0,
  allocatedHuge: 0,
  firm: false,
  goesOn: false,
};
