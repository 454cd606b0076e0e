import type { AddressSpace } from './address-space.ts';
import { NUMA_BALANCING_NORMAL, isTiering, type Kernel } from './kernel.ts';
import { folioPages, NODE_ABSENT } from './memory.ts';

const PAGES_PER_MB = 256;

/** Fastest rate at which a task's memory is protected. Source: kernel/sched/fair.c, MAX_SCAN_WINDOW, MB/s. */
const MAX_SCAN_MB_PER_SECOND = 2560;

/** One jiffy. Source: CONFIG_HZ=250, the distributions' choice. */
const JIFFY_MS = 4;

/** Page tables skipped over cost this many times less than protected pages. Source: task_numa_work, virtpages. */
const VIRTUAL_FACTOR = 8;

/** One task's hint-fault scanner. Source: struct task_struct, mm_struct, vma_numab_state; Linux 6.12. */
export interface NumaScanner {
  /** CPU time at which the scanner was last due, ns. */
  nodeStampNs: number;
  periodMs: number;
  periodMaxMs: number;
  /** Sequence number of the address space's passes, and the one that the task has seen. */
  scanSeq: number;
  seenSeq: number;
  /** Milliseconds of jiffies before which no pass starts; 0: not set. */
  nextScanMs: number;
  /** Position in address order at which the next pass starts. */
  offset: number;
  /** Statistics of a whole pass have given the task a preferred node. */
  placed: boolean;
  /** Milliseconds of jiffies after which the next fault looks at the statistics again. Source: numa_migrate_retry. */
  retryMs: number;
  /** Hint-fault statistics since the last change of the period: remote, local, pages whose migration failed. */
  remoteFaults: number;
  localFaults: number;
  failedPages: number;
  privateFaults: number;
  sharedFaults: number;
  readonly areas: AreaScan[];
}

interface AreaScan {
  known: boolean;
  nextScanMs: number;
  startSeq: number;
  lastSeq: number;
  resetMs: number;
  /** The task faulted in the area, in the current window of time and in the one before. */
  active: [boolean, boolean];
}

/** Starts a scanner for a task that was just made. Source: init_numa_balancing. */
export function createScanner(kernel: Kernel): NumaScanner {
  return {
    nodeStampNs: 0,
    periodMs: kernel.settings.scan_delay_ms,
    periodMaxMs: kernel.settings.scan_period_max_ms,
    scanSeq: 0,
    seenSeq: 0,
    nextScanMs: 0,
    offset: 0,
    placed: false,
    retryMs: 0,
    remoteFaults: 0,
    localFaults: 0,
    failedPages: 0,
    privateFaults: 0,
    sharedFaults: 0,
    areas: kernel.space.areas.map(newArea),
  };
}

function newArea(): AreaScan {
  return {
    known: false,
    nextScanMs: 0,
    startSeq: 0,
    lastSeq: -1,
    resetMs: 0,
    active: [false, false],
  };
}

/** Windows of `scan_size_mb` that the resident memory fills. Source: task_nr_scan_windows. */
function scanWindows(kernel: Kernel, residentPages: number): number {
  const windowPages = kernel.settings.scan_size_mb * PAGES_PER_MB;
  return Math.ceil((residentPages === 0 ? windowPages : residentPages) / windowPages);
}

/** Shortest period between scans, ms. Source: task_scan_min. */
export function scanPeriodMin(kernel: Kernel, residentPages: number): number {
  const size = kernel.settings.scan_size_mb;
  const windows = size < MAX_SCAN_MB_PER_SECOND ? Math.trunc(MAX_SCAN_MB_PER_SECOND / size) : 1;
  const floor = Math.trunc(1000 / windows);
  return Math.max(
    floor,
    Math.trunc(kernel.settings.scan_period_min_ms / scanWindows(kernel, residentPages)),
  );
}

/** Longest period between scans, ms. Source: task_scan_max. */
export function scanPeriodMax(kernel: Kernel, residentPages: number): number {
  const least = scanPeriodMin(kernel, residentPages);
  return Math.max(
    least,
    Math.trunc(kernel.settings.scan_period_max_ms / scanWindows(kernel, residentPages)),
  );
}

/**
 * The scheduler's tick while the task runs: true when scan work is due, to be done on the way back to the program.
 * Source: task_tick_numa.
 */
export function scannerTick(
  kernel: Kernel,
  scanner: NumaScanner,
  runtimeNs: number,
  residentPages: number,
): boolean {
  const periodMs = scanner.periodMs;
  if (runtimeNs <= scanner.nodeStampNs + periodMs * 1e6) return false;
  if (scanner.nodeStampNs === 0) scanner.periodMs = scanPeriodMin(kernel, residentPages);
  scanner.nodeStampNs += periodMs * 1e6;
  return kernel.nowMs >= scanner.nextScanMs;
}

/** What a pass did: pages protected, in how many entries; entries found protected, and entries passed over. */
export interface ScanPass {
  updated: number;
  changed: number;
  found: number;
  passedOver: number;
}

const newPass = (): ScanPass => ({ updated: 0, changed: 0, found: 0, passedOver: 0 });

/**
 * Protects the next stretch of the task's memory, so that its next touch faults.
 * Source: task_numa_work; positions stand for addresses.
 */
export function scanTask(
  kernel: Kernel,
  scanner: NumaScanner,
  residentPages: number,
  tickNs: number,
): ScanPass {
  const { settings, nowMs } = kernel;
  if (scanner.nextScanMs === 0) scanner.nextScanMs = nowMs + settings.scan_delay_ms;
  if (nowMs < scanner.nextScanMs) return newPass();
  if (scanner.periodMs === 0) {
    scanner.periodMaxMs = scanPeriodMax(kernel, residentPages);
    scanner.periodMs = scanPeriodMin(kernel, residentPages);
  }
  scanner.nextScanMs = nowMs + scanner.periodMs;
  scanner.nodeStampNs += 2 * tickNs;
  const pass = scanAreas(kernel, scanner);
  kernel.memory.vmstat.numa_pte_updates += pass.updated;
  return pass;
}

function scanAreas(kernel: Kernel, scanner: NumaScanner): ScanPass {
  const pass = newPass();
  const budget = { pages: kernel.settings.scan_size_mb * PAGES_PER_MB, virtualPages: 0 };
  budget.virtualPages = budget.pages * VIRTUAL_FACTOR;
  // Areas that the task has not touched are passed over; when nothing else is left, one of them has to do.
  if (scanOnward(kernel, scanner, budget, pass, false) === 'passed over')
    scanOnward(kernel, scanner, budget, pass, true);
  return pass;
}

interface ScanBudget {
  pages: number;
  virtualPages: number;
}

/**
 * Scans from the scanner's offset until the budget is spent, or, `forced`, to the end of one area. At the last area's
 * end the pass over the address space is complete, unless areas were passed over. Source: task_numa_work, retry_pids.
 */
function scanOnward(
  kernel: Kernel,
  scanner: NumaScanner,
  budget: ScanBudget,
  pass: ScanPass,
  forced: boolean,
): 'complete' | 'incomplete' | 'passed over' {
  const { areas } = kernel.space;
  const end = areas.length === 0 ? 0 : areas.at(-1)!.start + areas.at(-1)!.pageCount;
  if (scanner.offset >= end) wrap(scanner);
  let start = scanner.offset;
  let passedOver = false;
  for (const [index, area] of areas.entries()) {
    const areaEnd = area.start + area.pageCount;
    if (areaEnd <= start) continue;
    if (area.readOnlyFile) {
      start = areaEnd;
      continue;
    }
    const state = scanner.areas[index];
    const due = areaState(kernel, scanner, state, area.start);
    if (due === 'done') scanner.offset = areaEnd;
    if (due === 'untouched') passedOver = true;
    if (due !== 'due' && !(forced && due === 'untouched')) {
      start = areaEnd;
      continue;
    }
    do {
      start = Math.max(start, area.start);
      const stop = Math.min(pmdBorder(kernel.space, start + budget.pages), areaEnd);
      const updated = protectRange(kernel, start, stop, pass);
      if (updated > 0) budget.pages -= stop - start;
      budget.virtualPages -= stop - start;
      start = stop;
      if (budget.pages <= 0 || budget.virtualPages <= 0) {
        scanner.offset = start;
        return 'incomplete';
      }
    } while (start !== areaEnd);
    state.lastSeq = scanner.scanSeq;
    if (!forced) continue;
    scanner.offset = start;
    return 'incomplete';
  }
  if (passedOver && !forced) return 'passed over';
  wrap(scanner);
  return 'complete';
}

function wrap(scanner: NumaScanner): void {
  scanner.scanSeq++;
  scanner.offset = 0;
}

/** The first position at or after `position` at which a PMD starts. */
function pmdBorder(space: AddressSpace, position: number): number {
  if (position >= space.pageAt.length) return position;
  const pmd = space.pmdOf(position);
  return space.pmdStart[pmd] === position ? position : space.pmdStart[pmd + 1];
}

/** Whether a pass looks into an area: it is too new, was scanned in this sequence, or was not touched lately.
 *  Source: vma_is_accessed and the tests before it in task_numa_work. */
function areaState(
  kernel: Kernel,
  scanner: NumaScanner,
  area: AreaScan,
  start: number,
): 'due' | 'new' | 'done' | 'untouched' {
  const { nowMs } = kernel;
  if (!kernel.rules.passesAreasOver) return 'due';
  const delay = kernel.settings.scan_delay_ms;
  if (!area.known) {
    area.known = true;
    area.startSeq = scanner.scanSeq;
    area.nextScanMs = nowMs + delay;
    area.resetMs = area.nextScanMs + 4 * delay;
    area.lastSeq = scanner.scanSeq - 1;
  }
  if (scanner.scanSeq > 0 && nowMs < area.nextScanMs) return 'new';
  if (scanner.scanSeq > 0 && nowMs > area.resetMs) {
    area.resetMs += 4 * delay;
    area.active = [area.active[1], false];
  }
  if (area.lastSeq === scanner.scanSeq) return 'done';
  const due =
    scanner.scanSeq - area.startSeq < 2 ||
    area.active[0] ||
    area.active[1] ||
    scanner.offset > start ||
    scanner.scanSeq > area.lastSeq + 1;
  return due ? 'due' : 'untouched';
}

/** Protects the mapped folios of positions `[start, end)`; returns the entries changed. Source: change_pte_range. */
function protectRange(kernel: Kernel, start: number, end: number, pass: ScanPass): number {
  const { memory, hardware, space } = kernel;
  const normal = (kernel.settings.numa_balancing & NUMA_BALANCING_NORMAL) !== 0;
  const tiering = isTiering(kernel);
  let updated = 0;
  for (let position = start; position < end; position++) {
    const page = space.pageAt[position];
    if (memory.folioOf[page] !== page) continue;
    const node = memory.nodeOf[page];
    if (node === NODE_ABSENT) continue;
    if (hardware.isProtected(page)) {
      pass.found++;
      continue;
    }
    const topTier = memory.nodes[node].topTier;
    // Only base pages: change_huge_pmd does not look for the task's own node.
    const local = node === kernel.localNode && memory.order[page] === 0;
    if (local || (topTier && !normal)) {
      pass.passedOver++;
      continue;
    }
    if (tiering && !topTier) memory.accessTimeMs[page] = kernel.nowMs;
    hardware.protect(page);
    pass.changed++;
    updated += folioPages(memory, page);
  }
  pass.updated += updated;
  return updated;
}

/**
 * Adapts the scan period at the first fault that is counted after a pass over the address space. Once the task has a
 * preferred node, faults look only every 16th of a period. Source: task_numa_placement, numa_migrate_preferred.
 */
export function adaptScanPeriod(kernel: Kernel, scanner: NumaScanner, residentPages: number): void {
  if (kernel.nowMs <= scanner.retryMs) return;
  if (scanner.seenSeq !== scanner.scanSeq) {
    scanner.seenSeq = scanner.scanSeq;
    scanner.periodMaxMs = scanPeriodMax(kernel, residentPages);
    if (scanner.privateFaults + scanner.sharedFaults > 0) scanner.placed = true;
    updatePeriod(kernel, scanner, residentPages);
  }
  if (!scanner.placed) return;
  const jiffies = Math.trunc(Math.ceil(scanner.periodMs / JIFFY_MS) / 16);
  scanner.retryMs = kernel.nowMs + Math.min(1000, jiffies * JIFFY_MS);
}

/** Source: NUMA_PERIOD_SLOTS and NUMA_PERIOD_THRESHOLD. */
const SLOTS = 10;
const SLOT_THRESHOLD = 7;

function updatePeriod(kernel: Kernel, scanner: NumaScanner, residentPages: number): void {
  const { remoteFaults: remote, localFaults: local, privateFaults, sharedFaults: shared } = scanner;
  scanner.privateFaults = 0;
  scanner.sharedFaults = 0;
  if (local + shared === 0 || scanner.failedPages > 0) {
    scanner.periodMs = Math.min(scanner.periodMaxMs, scanner.periodMs * 2);
    scanner.nextScanMs = kernel.nowMs + scanner.periodMs;
    return; // what was local, remote or failed is kept, as in the kernel
  }
  const slot = Math.ceil(scanner.periodMs / SLOTS);
  const localSlots = Math.trunc((local * SLOTS) / (local + remote));
  const privateSlots = Math.trunc((privateFaults * SLOTS) / (privateFaults + shared));
  let difference: number;
  if (privateSlots >= SLOT_THRESHOLD)
    difference = Math.max(privateSlots - SLOT_THRESHOLD, 1) * slot;
  else if (localSlots >= SLOT_THRESHOLD)
    difference = Math.max(localSlots - SLOT_THRESHOLD, 1) * slot;
  else difference = -(SLOT_THRESHOLD - Math.max(localSlots, privateSlots)) * slot;
  const least = scanPeriodMin(kernel, residentPages);
  scanner.periodMs = Math.min(Math.max(scanner.periodMs + difference, least), scanner.periodMaxMs);
  scanner.remoteFaults = 0;
  scanner.localFaults = 0;
  scanner.failedPages = 0;
}

/** Carries what the scanner knows of the areas over to `kernel.space`, which has every page that `before` had. */
export function extendScanner(kernel: Kernel, scanner: NumaScanner, before: AddressSpace): void {
  const { space } = kernel;
  const atEnd = scanner.offset >= before.pageAt.length;
  scanner.offset = atEnd ? space.pageAt.length : space.positionOf(before.pageAt[scanner.offset]);
  const known = scanner.areas.slice();
  scanner.areas.length = 0;
  for (let i = 0; i < space.areas.length; i++) scanner.areas.push(newArea());
  for (const [index, state] of known.entries()) {
    const page = before.pageAt[before.areas[index].start];
    scanner.areas[space.areaOf(space.positionOf(page))] = state;
  }
}
