import { assert } from '@tierlab/core';
import {
  bootKernel,
  advanceTo,
  columnHardware,
  createScanner,
  hintFault,
  HUGE_ORDER,
  mapHugePage,
  mapPage,
  NODE_ABSENT,
  PAGES_PER_PMD,
  placeResident,
  scannerTick,
  scanTask,
  type Kernel,
  type KernelMemory,
  type KernelSettings,
  type NumaScanner,
  type ResidentPage,
} from '@tierlab/linux-mm';
import { createCpu, TICK_NS, type Cpu, type KernelThread } from './cpu.ts';
import type { AccessPhase } from './access-program.ts';
import type { GuestCosts } from './guest-costs.ts';
import { createFrames, type Frames } from './frames.ts';
import { kswapdThread } from './kswapd-thread.ts';
import { damonThreads } from './lab-damon.ts';
import { CPU_NODE, type LabMachine } from './lab-machine.ts';
import {
  CHUNK_HEADER_BYTES,
  PAGE_BYTES,
  programPages,
  programSpace,
  type OlderPages,
  type ProgramPages,
} from './lab-program.ts';
import type { VmstatCounters } from '../record.ts';
import type { DamonArguments } from './setup.ts';

/** What the guest boots into. */
export interface GuestDescription {
  readonly machine: LabMachine;
  readonly settings: KernelSettings;
  readonly mappingPages: number;
  readonly hugePages: boolean;
  readonly costs: GuestCosts;
  /** Pages between the highest mapping's end and a huge page's border. */
  readonly pagesBelowBorder: number;
  /** What node 0 holds besides the program. */
  readonly older: OlderPages;
  /** Milliseconds of jiffies from boot to the program's first touch, had the shell not slept; where in a tick, is drawn. */
  readonly bootMs: number;
  /** Seconds that the shell slept before the program started: boot's own work goes on meanwhile. */
  readonly sleepSeconds: number;
  /** Threads that share boot's own work; each competes with the program. */
  readonly bootThreads: number;
  /** Monitors of physical memory that the setup started. */
  readonly damon: DamonArguments | undefined;
  readonly random: () => number;
}

/** The lab's guest: one program, one CPU, one kernel. */
export interface LabGuest {
  readonly kernel: Kernel;
  readonly pages: ProgramPages;
  readonly cpu: Cpu;
  /** The program touches pages, besides its own, as fast as it can; `kind`: of the phase that they are drawn from. */
  touchAll(pages: Uint32Array, kind: AccessPhase['kind']): void;
  /** The program asks where its pages are, in calls of 8,192, which touch its buffers. */
  query(): void;
  /** The program prints where they are: as much text as `placement`. */
  reportPlacement(placement: string): void;
  /** The program reads and prints the counters; they are as it found them. */
  reportCounters(): VmstatCounters;
}

/** Pages asked for in one call of `move_pages`. Source: the lab's agent. */
const QUERY_PAGES = 8192;

/** Accesses between two looks at the clock. */
const ACCESS_BATCH = 8;

export function createGuest(description: GuestDescription): LabGuest {
  const { machine, settings, costs } = description;
  const startMs = description.bootMs + description.sleepSeconds * 1000;
  const startNs =
    Math.floor((startMs * 1e6) / TICK_NS) * TICK_NS + Math.floor(description.random() * TICK_NS);
  const pages = programPages(description.mappingPages, description.older);
  let frames: Frames | undefined;
  const kernel = bootKernel({
    pageCount: pages.total,
    nodes: machine.nodes,
    zones: machine.zones,
    settings,
    space: programSpace(pages, settings.kernel, description.pagesBelowBorder),
    random: description.random,
    hardware(memory) {
      const base = columnHardware(memory);
      if (description.damon === undefined) return base;
      frames = createFrames(memory, base, machine.nodeFirstFrame, machine.usedFrames);
      return frames.hardware;
    },
  });
  const scanner = createScanner(kernel);
  let scanDue = false;
  const kswapds = machine.nodes.map((_, node) => kswapdThread(kernel, node, costs));
  const bootWork = Math.max(0, costs.bootWorkNs - description.sleepSeconds * 1e9);
  const { bootThreads } = description;
  const burning = Array.from({ length: bootWork > 0 ? bootThreads : 0 }, () =>
    burnThread(bootWork / bootThreads),
  );
  const monitors =
    description.damon === undefined || frames === undefined
      ? []
      : damonThreads(kernel, frames, description.damon, costs, startNs);
  const threads = [...burning, ...kswapds, ...monitors];
  const resident = { pages: 0 };

  const cpu = createCpu(startNs, costs.programStartNs, threads, {
    tick() {
      advanceTo(kernel, cpu.jiffiesMs);
      if (
        settings.numa_balancing !== 0 &&
        !scanDue &&
        scannerTick(kernel, scanner, cpu.programNs, resident.pages)
      )
        scanDue = true;
    },
    resumed() {
      advanceTo(kernel, cpu.jiffiesMs);
      kernel.walked.ranSinceWalk.fill(1);
    },
    userMode() {
      if (!scanDue) return;
      scanDue = false;
      scan(kernel, scanner, cpu, costs, resident.pages);
    },
  });
  advanceTo(kernel, cpu.jiffiesMs);
  for (const state of kernel.nodeState) state.thresholdStartMs = kernel.nowMs;
  kernel.localNode = CPU_NODE;
  kernel.onKswapdWake = (node) => {
    const thread = kswapds[node];
    if (thread !== undefined) cpu.wake(thread);
  };
  const touch = createTouch({
    kernel,
    scanner,
    cpu,
    costs,
    pages,
    hugePages: description.hugePages,
    resident,
    frames,
  });
  settle(kernel, pages, resident, frames);
  const busy = pages.small.flatMap(({ first, busy }) => pageRun(first, busy));
  const onlyReporting = pages.small.flatMap(({ first, busy, reporting }) =>
    pageRun(first + busy, reporting - busy),
  );

  return {
    kernel,
    pages,
    cpu,
    touchAll(touched, kind) {
      const accessNs = costs.accessNs[kind];
      for (const page of busy) touch(page);
      for (let i = 0; i < touched.length; i += ACCESS_BATCH) {
        const end = Math.min(i + ACCESS_BATCH, touched.length);
        for (let j = i; j < end; j++) touch(touched[j]);
        cpu.run(accessNs * (end - i));
      }
    },
    query() {
      for (let first = 0; first < pages.mapping; first += QUERY_PAGES) {
        const count = Math.min(QUERY_PAGES, pages.mapping - first);
        touchBuffer(touch, pages.statusFirst, first, count, 4);
        touchBuffer(touch, pages.addressFirst, first, count, 8);
        cpu.runInKernel(queryNs(kernel.memory, costs, first, count));
      }
    },
    reportPlacement(placement) {
      touchBuffer(touch, pages.statusFirst, 0, pages.mapping, 4);
      for (const page of onlyReporting) touch(page);
      const runs = placement.split(' ').length;
      cpu.run(
        costs.reportPageNs * pages.mapping +
          costs.reportRunNs * runs +
          costs.reportByteNs * placement.length,
      );
    },
    reportCounters() {
      const counters = { ...kernel.memory.vmstat };
      cpu.run(costs.reportCountersNs);
      return counters;
    },
  };
}

const pageRun = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => first + i);

/** What asking for the nodes of pages `[first, first + count)` takes. */
function queryNs(memory: KernelMemory, costs: GuestCosts, first: number, count: number): number {
  let huge = 0;
  for (let page = first; page < first + count; page++)
    if (memory.order[memory.folioOf[page]] === HUGE_ORDER) huge++;
  return (count - huge) * costs.queryPageNs + huge * costs.queryHugeNs;
}

/** Touches the pages of an array that entries `[first, first + count)` lie on, behind what malloc puts before them. */
function touchBuffer(
  touch: (page: number) => void,
  bufferFirst: number,
  first: number,
  count: number,
  entryBytes: number,
): void {
  const pageOf = (entry: number): number =>
    Math.floor((CHUNK_HEADER_BYTES + entry * entryBytes) / PAGE_BYTES);
  const last = pageOf(first + count - 1);
  for (let page = pageOf(first); page <= last; page++) touch(bufferFirst + page);
}

/**
 * What is resident before the program's first touch: files and small mappings, then the array of addresses. The older
 * pages were all among the youngest when the setup turned the generations off, and so are active without them; what the
 * shell wrote anew and the program's own came after, and without generations a new page starts among the inactive.
 * No record says which frames the older have, and monitors of physical memory do not see them: a traced kernel's moved
 * none of the files. Source: mm/vmscan.c, drain_evictable; mm/swap.c, folio_add_lru; include/linux/mm_inline.h, lru_gen_add_folio, lru_gen_del_folio, Linux 6.12.
 */
function settle(
  kernel: Kernel,
  pages: ProgramPages,
  resident: { pages: number },
  frames: Frames | undefined,
): void {
  const zone = kernel.memory.nodes[CPU_NODE].zones[0];
  const generations = kernel.settings.lru_gen_enabled;
  const settleOlder = (first: number, count: number, page: ResidentPage): void => {
    for (let i = first; i < first + count; i++) placeResident(kernel, i, zone, page);
  };
  const file = { active: !generations, accessed: false };
  settleOlder(pages.unmappedFileFirst, pages.unmappedFileCount, file);
  settleOlder(pages.mappedFileFirst, pages.mappedFileCount, { ...file, accessed: true });
  settleOlder(pages.olderFirst, pages.olderCount, { active: true, accessed: false });
  settleOlder(pages.recentFirst, pages.recentCount, {
    active: generations,
    accessed: !generations,
  });
  for (const own of pages.small)
    settleOlder(own.first, own.pages, { active: generations, accessed: true });
  const place = (page: number): void => {
    placeResident(kernel, page, zone, { active: generations, accessed: false });
    frames?.place(page);
  };
  for (let i = 0; i < pages.addressCount; i++) place(pages.addressFirst + i);
  place(pages.statusFirst);
  resident.pages += pages.addressCount + 1;
}

interface TouchContext {
  readonly kernel: Kernel;
  readonly scanner: NumaScanner;
  readonly cpu: Cpu;
  readonly costs: GuestCosts;
  readonly pages: ProgramPages;
  readonly hugePages: boolean;
  readonly resident: { pages: number };
  readonly frames: Frames | undefined;
}

/** The function that performs one access, with the faults it meets. */
function createTouch(context: TouchContext): (page: number) => void {
  const { kernel, scanner, cpu, costs, pages, hugePages, resident, frames } = context;
  const { memory, space } = kernel;
  const { folioOf, nodeOf, hintProtected, unmapped, accessed, order } = memory;
  const pmdOfPage = Uint32Array.from({ length: pages.total }, (_, page) =>
    space.positionOf(page) < 0 ? 0 : space.pmdOf(space.positionOf(page)),
  );
  const fault = (page: number): void => {
    const folio = folioOf[page];
    if (nodeOf[folio] === NODE_ABSENT) {
      const huge =
        hugePages &&
        page < pages.mapping &&
        page % PAGES_PER_PMD === 0 &&
        mapHugePage(kernel, page, CPU_NODE);
      assert(huge || mapPage(kernel, page, CPU_NODE), 'the guest ran out of memory');
      frames?.place(page);
      resident.pages += huge ? PAGES_PER_PMD : 1;
      cpu.run(huge ? costs.hugeFirstTouchNs : costs.firstTouchNs);
      return;
    }
    const outcome = hintFault(kernel, scanner, folio, CPU_NODE, resident.pages);
    if (outcome === 'promoted' && order[folio] === HUGE_ORDER) {
      cpu.runFirmly(costs.hugeAllocateNs);
      cpu.run(costs.hintFaultNs + costs.hugePromoteNs - costs.hugeAllocateNs);
    } else cpu.run(costs.hintFaultNs + (outcome === 'promoted' ? costs.promoteNs : 0));
  };
  return (page) => {
    let folio = folioOf[page];
    if (unmapped[folio] === 1) cpu.waitUntil(() => unmapped[folio] === 0);
    if (nodeOf[folio] === NODE_ABSENT || hintProtected[folio] === 1) {
      fault(page);
      folio = folioOf[page];
    }
    accessed[folio] = 1;
    space.pmdAccessed[pmdOfPage[page]] = 1;
  };
}

/** A pass of the hint-fault scanner on the program's own time; it slows itself down by what it took. */
function scan(
  kernel: Kernel,
  scanner: NumaScanner,
  cpu: Cpu,
  costs: GuestCosts,
  residentPages: number,
): void {
  const pass = scanTask(kernel, scanner, residentPages, TICK_NS);
  const cost =
    pass.passedOver * costs.scanPassedNs +
    pass.found * costs.scanProtectedNs +
    pass.changed * costs.protectNs;
  const before = cpu.notedProgramNs;
  cpu.run(cost);
  // Source: task_numa_work: 32 times what the task's clock shows, and that clock moves with the tick.
  scanner.nodeStampNs += 32 * (cpu.notedProgramNs - before);
}

/** What boot leaves to do: it takes the CPU and nothing else. */
function burnThread(totalNs: number): KernelThread {
  let left = totalNs;
  return {
    wakeAtNs: 0,
    owedNs: 0,
    isFirm: false,
    step() {
      const piece = Math.min(left, TICK_NS);
      left -= piece;
      if (piece > 0) return piece;
      this.wakeAtNs = Infinity;
      return undefined;
    },
  };
}
