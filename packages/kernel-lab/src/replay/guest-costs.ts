import { MEASURED_GUEST } from './guest-costs.generated.ts';

/**
 * CPU time of kernel work in the lab's guest, ns.
 *
 * The guest's clock counts instructions, one a nanosecond, so these are path lengths of a 6.12 Debian kernel rather
 * than times of a machine. None is read off a recording: a program in the guest makes the kernel do one kind of work
 * at a time and reads the clock (`guest/calibrate.c`, run by `scripts/measure-guest-costs.mjs`).
 */
export interface GuestCosts {
  /** One access of the program that runs late and does not wait, by the kind of phase; drawing the page included. */
  readonly accessNs: Readonly<Record<'u' | 'z' | 's', number>>;
  readonly firstTouchNs: number;
  readonly hugeFirstTouchNs: number;
  /** A hint fault that leaves the folio where it is. */
  readonly hintFaultNs: number;
  /** Moving a base page, or a huge one, in a hint fault. */
  readonly promoteNs: number;
  readonly hugePromoteNs: number;
  /** Taking a huge page and clearing it. */
  readonly hugeAllocateNs: number;
  /** Isolating a folio, testing its references and moving it down. */
  readonly demoteNs: number;
  readonly hugeDemoteNs: number;
  /** Isolating a folio, testing its references and keeping it. */
  readonly keepNs: number;
  /** Looking at an entry in a walk of page tables; at a young one; at a young one whose folio changes its generation. */
  readonly walkEntryNs: number;
  readonly walkYoungestNs: number;
  readonly walkYoungNs: number;
  /** The hint-fault scanner at an entry that it passes over, at one that is protected already, and at one it protects. */
  readonly scanPassedNs: number;
  readonly scanProtectedNs: number;
  readonly protectNs: number;
  /** Asking for the node of one page, and of one that is part of a huge page. */
  readonly queryPageNs: number;
  readonly queryHugeNs: number;
  /** Printing a report of the pages: for each page; for each run of pages on one node, and each character of it that is
   *  written to the terminal; for the counters. */
  readonly reportPageNs: number;
  readonly reportRunNs: number;
  readonly reportByteNs: number;
  readonly reportCountersNs: number;
  /** Waking a kernel thread and switching to it. */
  readonly wakeNs: number;
  /** One turn of a DAMON monitor, its regions apart. */
  readonly damonWakeNs: number;
  /** One region's sampling by DAMON, draw a page, clear a bit and test it later: where the frame holds a page, and where none. */
  readonly damonSampleNs: number;
  readonly damonSampleFreeNs: number;
  /** CPU time that the kernel's self-tests (the thread cryptomgr_test) still take when the program starts at once. */
  readonly bootWorkNs: number;
  /** CPU time of the program, and of the shell that became it, before its first touch. */
  readonly programStartNs: number;
}

/** Nanoseconds of one of a measured kind. */
function each(kind: string): number {
  const { ns, count } = MEASURED_GUEST.costs[kind];
  return ns / count;
}

/** A value that the measuring program found. */
export function guestFact(name: string): number {
  return MEASURED_GUEST.facts[name];
}

const hintFaultNs = each('hint_fault');
const demoteNs = each('demotion');

/** Some of the folios that the pass over young ones met were not young, and went down. */
function keepNs(): number {
  const { ns, count } = MEASURED_GUEST.costs['keep_or_demote'];
  const demoted = guestFact('demoted_young');
  return (ns - demoted * demoteNs) / (count - demoted);
}

/** The more regions, the longer a monitor's thread takes. */
const damonFreeNs =
  (each('damon_free') - each('damon_free_few')) /
  (guestFact('damon_regions') - guestFact('damon_few_regions'));

export const LAB_GUEST_COSTS: GuestCosts = {
  accessNs: { u: each('access_u'), z: each('access_z'), s: each('access_s') },
  firstTouchNs: each('first_touch'),
  hugeFirstTouchNs: each('huge_first_touch'),
  hintFaultNs,
  promoteNs: each('promotion') - hintFaultNs,
  // A first touch clears the page twice: as it is taken, and for the program.
  // Source: Debian's kernel configuration, CONFIG_INIT_ON_ALLOC_DEFAULT_ON; mm/huge_memory.c, folio_zero_user.
  hugeAllocateNs: each('huge_first_touch') / 2,
  hugePromoteNs: each('huge_promotion') - hintFaultNs,
  demoteNs,
  hugeDemoteNs: each('huge_demotion'),
  keepNs: keepNs(),
  walkEntryNs: each('walk_old'),
  walkYoungestNs: each('walk_youngest'),
  walkYoungNs: each('walk_young'),
  scanPassedNs: each('scan_local'),
  scanProtectedNs: each('scan_protected'),
  protectNs: each('scan_protected') + each('protect'),
  queryPageNs: each('query_page'),
  queryHugeNs: each('query_huge'),
  reportPageNs: each('report_page'),
  reportRunNs: each('report_run'),
  reportByteNs: each('report_byte'),
  reportCountersNs: each('report_counters'),
  wakeNs: each('wake'),
  damonWakeNs: each('damon_free_few') - guestFact('damon_few_regions') * damonFreeNs,
  damonSampleNs:
    damonFreeNs + (each('damon_held') - each('damon_free')) / guestFact('damon_regions'),
  damonSampleFreeNs: damonFreeNs,
  bootWorkNs: each('boot_work'),
  programStartNs: guestFact('runtime_at_start'),
};
