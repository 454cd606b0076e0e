import { compareReleases, modelledKernel, rulesOf } from '@tierlab/linux-mm';

import type { MeasuredGuest } from '../boot/measure-costs.ts';
import { MEASURED_GUESTS } from './guest-costs.generated.ts';

/**
 * CPU time of kernel work in the lab's guest, ns.
 *
 * The guest's clock counts instructions, one a nanosecond, so these are path lengths of a Debian kernel rather than
 * times of a machine. None is read off a recording: a program in the guest makes the kernel do one kind of work
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
  /** Isolating a folio and keeping it; without generations, testing its references, too. */
  readonly keepNs: number;
  /** Finding a folio young and looking at the entries around it, all of them old. */
  readonly lookAroundNs: number;
  /** Putting a folio where a walk had sent it. */
  readonly sortNs: number;
  /** Looking at an old entry in a walk of page tables; at a young one of another node; at a young one; at a young one whose
   *  folio changes its generation. */
  readonly walkEntryNs: number;
  readonly walkOtherNodeNs: number;
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

/**
 * The measured guest of a kernel such as `vmlinuz-6.12.107+deb13-amd64`: of those that were measured, the newest that is
 * not newer, or the oldest.
 */
export function measuredGuest(kernel: string): MeasuredGuest {
  const release = /\d+\.\d+/.exec(kernel)?.[0] ?? '';
  const isUpTo = (guest: MeasuredGuest): boolean => compareReleases(guest.kernel, release) <= 0;
  return MEASURED_GUESTS.findLast(isUpTo) ?? MEASURED_GUESTS[0];
}

/**
 * Nanoseconds of one of a measured kind of work; where the guest did none of it while it was measured, in the newest older
 * guest that did.
 */
function costOf(guest: MeasuredGuest, kind: string): number {
  const upToIt = MEASURED_GUESTS.slice(0, MEASURED_GUESTS.indexOf(guest) + 1);
  const measured = upToIt.findLast(({ costs }) => costs[kind].count > 0) ?? guest;
  return measured.costs[kind].ns / measured.costs[kind].count;
}

/** Since then a new page is cleared once; before, as it was taken and again for the program. */
const CLEARED_ONCE_SINCE = '6.13';

/** What kernel work costs in a guest with one of the two LRUs, of what was measured in it. */
export function guestCosts(guest: MeasuredGuest, generations: boolean): GuestCosts {
  const { kernel, facts } = guest;
  /** Nanoseconds of one of a measured kind. */
  const each = (kind: string): number => costOf(guest, kind);
  const hintFaultNs = each('hint_fault');
  // The more regions, the longer a monitor's thread takes.
  const damonFreeNs =
    (each('damon_free') - each('damon_free_few')) /
    (facts['damon_regions'] - facts['damon_few_regions']);
  // Source: Debian's kernel configuration, CONFIG_INIT_ON_ALLOC_DEFAULT_ON; mm/huge_memory.c, folio_zero_user.
  const clearings = compareReleases(kernel, CLEARED_ONCE_SINCE) < 0 ? 2 : 1;
  return {
    accessNs: { u: each('access_u'), z: each('access_z'), s: each('access_s') },
    firstTouchNs: each('first_touch'),
    hugeFirstTouchNs: each('huge_first_touch'),
    hintFaultNs,
    promoteNs: each('promotion') - hintFaultNs,
    hugeAllocateNs: each('huge_first_touch') / clearings,
    hugePromoteNs: each('huge_promotion') - hintFaultNs,
    demoteNs: each(generations ? 'demotion' : 'classic_demotion'),
    hugeDemoteNs: each('huge_demotion'),
    ...(generations ? keepingByGenerations(guest) : keepingOnLists(guest)),
    sortNs: each('sort'),
    walkEntryNs: each('walk_old'),
    walkOtherNodeNs: each('walk_other_node'),
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
    damonWakeNs: each('damon_free_few') - facts['damon_few_regions'] * damonFreeNs,
    damonSampleNs: damonFreeNs + (each('damon_held') - each('damon_free')) / facts['damon_regions'],
    damonSampleFreeNs: damonFreeNs,
    bootWorkNs: each('boot_work'),
    programStartNs: facts['runtime_at_start'],
  };
}

type KeepingCosts = Pick<GuestCosts, 'keepNs' | 'lookAroundNs'>;

/**
 * Of the 512 young pages of a page table that are evicted in order, as many are looked around: of each 64 the first, which
 * finds 32 behind it, and the next after those, but of the first 64 one that finds all.
 * Source: mm/vmscan.c, lru_gen_look_around, Linux 6.12.
 */
const LOOKS_PER_TABLE = 15;
const PAGES_PER_TABLE = 512;

/** Keeping a young folio where looks around others spare it one of its own, and what such a look takes. */
function keepingByGenerations(guest: MeasuredGuest): KeepingCosts {
  const each = (kind: string): number => costOf(guest, kind);
  // Since 6.14 looks leave alone what eviction holds, so that every folio has its own.
  if (rulesOf(modelledKernel(guest.kernel)).secondTouchRejuvenates)
    return { keepNs: each('keep_sparse'), lookAroundNs: 0 };
  const looked = LOOKS_PER_TABLE / PAGES_PER_TABLE;
  const youngNs = each('walk_youngest') - each('walk_old');
  // Measured were keep + looked * look + (1 - looked) * young, and keep + look.
  const keepNs = (each('keep') - looked * each('keep_sparse')) / (1 - looked) - youngNs;
  return { keepNs, lookAroundNs: each('keep_sparse') - keepNs };
}

/** Without generations: a pass over young folios met some that were not young, and went down. */
function keepingOnLists({ costs, facts }: MeasuredGuest): KeepingCosts {
  const met = costs['rotate_or_demote'];
  const { ns, count } = costs['classic_demotion'];
  const demoted = facts['rotation_demoted'];
  return { keepNs: (met.ns - (demoted * ns) / count) / (met.count - demoted), lookAroundNs: 0 };
}
