import { NUMA_BALANCING_NORMAL, isTiering, type Kernel } from './kernel.ts';
import { NODE_ABSENT, PAGES_PER_PMD } from './memory.ts';

const PAGES_PER_MB = 256;

/** Fastest rate at which a task's memory is protected. Source: kernel/sched/fair.c, MAX_SCAN_WINDOW, MB/s. */
const MAX_SCAN_MB_PER_SECOND = 2560;

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

/** What a pass did: pages protected, in how many entries, of how many entries looked at. */
export interface ScanPass {
  updated: number;
  changed: number;
  walked: number;
}

const NOTHING: ScanPass = { updated: 0, changed: 0, walked: 0 };

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
  if (nowMs < scanner.nextScanMs) return NOTHING;
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
  const { areas } = kernel.space;
  const pass: ScanPass = { updated: 0, changed: 0, walked: 0 };
  const budget = { pages: kernel.settings.scan_size_mb * PAGES_PER_MB, virtualPages: 0 };
  budget.virtualPages = budget.pages * VIRTUAL_FACTOR;
  const end = areas.length === 0 ? 0 : areas.at(-1)!.start + areas.at(-1)!.pageCount;
  if (scanner.offset >= end) wrap(scanner);
  let start = scanner.offset;
  for (const [index, area] of areas.entries()) {
    const areaEnd = area.start + area.pageCount;
    if (areaEnd <= start) continue;
    if (!areaIsDue(kernel, scanner, scanner.areas[index], area.start)) {
      start = areaEnd;
      continue;
    }
    do {
      start = Math.max(start, area.start);
      const stop = Math.min(alignToPmd(start + budget.pages, area), areaEnd);
      const updated = protectRange(kernel, start, stop, pass);
      if (updated > 0) budget.pages -= stop - start;
      budget.virtualPages -= stop - start;
      start = stop;
      if (budget.pages <= 0 || budget.virtualPages <= 0) {
        scanner.offset = start;
        return pass;
      }
    } while (start !== areaEnd);
    scanner.areas[index].lastSeq = scanner.scanSeq;
  }
  wrap(scanner);
  return pass;
}

function wrap(scanner: NumaScanner): void {
  scanner.scanSeq++;
  scanner.offset = 0;
}

/** Rounds a position up so that its address is a multiple of a huge page. */
function alignToPmd(
  position: number,
  area: { readonly start: number; readonly virtualPage: number },
): number {
  const address = area.virtualPage + (position - area.start);
  return position + ((PAGES_PER_PMD - (address % PAGES_PER_PMD)) % PAGES_PER_PMD);
}

/** Whether the pass looks into an area. Source: vma_is_accessed and the tests before it in task_numa_work. */
function areaIsDue(kernel: Kernel, scanner: NumaScanner, area: AreaScan, start: number): boolean {
  const { nowMs } = kernel;
  const delay = kernel.settings.scan_delay_ms;
  if (!area.known) {
    area.known = true;
    area.startSeq = scanner.scanSeq;
    area.nextScanMs = nowMs + delay;
    area.resetMs = area.nextScanMs + 4 * delay;
    area.lastSeq = scanner.scanSeq - 1;
  }
  if (scanner.scanSeq > 0 && nowMs < area.nextScanMs) return false;
  if (nowMs > area.resetMs) {
    area.resetMs += 4 * delay;
    area.active = [area.active[1], false];
  }
  if (area.lastSeq === scanner.scanSeq) return false;
  if (scanner.scanSeq - area.startSeq < 2) return true;
  if (area.active[0] || area.active[1]) return true;
  if (scanner.offset > start) return true;
  return scanner.scanSeq > area.lastSeq + 1;
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
    pass.walked++;
    const node = memory.nodeOf[page];
    if (node === NODE_ABSENT || hardware.isProtected(page)) continue;
    if (node === kernel.localNode) continue;
    const topTier = memory.nodes[node].topTier;
    if (topTier && !normal) continue;
    if (tiering && !topTier) memory.accessTimeMs[page] = kernel.nowMs;
    hardware.protect(page);
    pass.changed++;
    updated += 2 ** memory.order[page];
  }
  pass.updated += updated;
  return updated;
}

/**
 * Adapts the scan period once per pass over the address space. Source: task_numa_placement, update_task_scan_period.
 */
export function adaptScanPeriod(kernel: Kernel, scanner: NumaScanner, residentPages: number): void {
  if (kernel.nowMs <= scanner.retryMs) return;
  if (scanner.seenSeq !== scanner.scanSeq) {
    scanner.seenSeq = scanner.scanSeq;
    scanner.periodMaxMs = scanPeriodMax(kernel, residentPages);
    updatePeriod(kernel, scanner, residentPages);
  }
  scanner.retryMs = kernel.nowMs + Math.min(1000, Math.trunc(scanner.periodMs / 16));
}

/** Source: NUMA_PERIOD_SLOTS and NUMA_PERIOD_THRESHOLD. */
const SLOTS = 10;
const SLOT_THRESHOLD = 7;

function updatePeriod(kernel: Kernel, scanner: NumaScanner, residentPages: number): void {
  const { remoteFaults: remote, localFaults: local, privateFaults, sharedFaults: shared } = scanner;
  if (local + shared === 0 || scanner.failedPages > 0) {
    scanner.periodMs = Math.min(scanner.periodMaxMs, scanner.periodMs * 2);
    scanner.nextScanMs = kernel.nowMs + scanner.periodMs;
    return; // the statistics stay, as in the kernel
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

/** Learns of areas that the address space gained. */
export function extendScanner(kernel: Kernel, scanner: NumaScanner): void {
  for (let i = scanner.areas.length; i < kernel.space.areas.length; i++)
    scanner.areas.push(newArea());
}
