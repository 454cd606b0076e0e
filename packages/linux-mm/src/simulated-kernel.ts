import { nodeId, type HintFault, type MigrationContext } from '@tierlab/policy';
import { createAddressSpace } from './address-space.ts';
import { bootKernel } from './boot.ts';
import type { Hardware } from './hardware.ts';
import { advanceTo, type Kernel, type KernelSettings } from './kernel.ts';
import type { KernelWork } from './kernel-work.ts';
import { balanceNode } from './kswapd.ts';
import { KSWAPD_DOZE_NS, mayKswapdSleep, wakeKswapd } from './kswapd-wake.ts';
import { addToLru, isolateFromLru } from './lru.ts';
import { growMemory, HUGE_ORDER, type KernelMemory, type MemoryNode } from './memory.ts';
import { hintFault, shouldPromote, type PromotionRule } from './numa-fault.ts';
import {
  createScanner,
  extendScanner,
  scannerTick,
  scanTask,
  type NumaScanner,
} from './numa-scan.ts';
import { extendFilters } from './generation-walks.ts';
import { createSimulatedSpace } from './simulated-space.ts';
import { simulatedZone } from './simulated-zone.ts';
import type { Zone } from './zones.ts';

/** Signals that a policy must declare to run the kernel's machinery. */
export const KERNEL_SIGNALS: readonly ['accessedBits', 'hintFaults', 'allocation', 'pressure'] = [
  'accessedBits',
  'hintFaults',
  'allocation',
  'pressure',
];

/** What the machinery needs of a policy's context. */
export type KernelContext = Pick<
  MigrationContext<(typeof KERNEL_SIGNALS)[number]>,
  'memory' | 'pages' | 'moves' | 'signals' | 'clock' | 'cpu' | 'costs' | 'random' | 'count'
>;

/** How a policy's kernel differs from stock Linux. */
export interface KernelVariant {
  readonly settings: KernelSettings;
  /** Whether a touched folio of a slow tier shall be promoted. */
  readonly promotionRule?: PromotionRule;
  /** Free pages of a top tier's node up to which kswapd works, instead of the machine's promo watermark. */
  readonly demotionMark?: (zone: Zone) => number;
  /** Told of each folio that reclaim moved down. */
  readonly onDemoted?: (kernel: Kernel, folio: number) => void;
  /** Called at every tick of the scheduler, after the scanner's. */
  readonly onTick?: (kernel: Kernel) => void;
}

/** The hooks through which a simulated machine drives the kernel. */
export interface SimulatedKernel {
  readonly kernel: Kernel;
  start(): void;
  mapped(page: number): void;
  mappedMany(first: number, end: number): void;
  hintFault(fault: HintFault): void;
  pressure(node: number, level: 'low' | 'min'): void;
  finish(): void;
}

/** Period of the scheduler's tick. Source: CONFIG_HZ=250, the distributions' choice. */
const TICK_NS = 4_000_000;

/** Counters that the machinery keeps and no engine can. */
const OWN_COUNTERS = [
  'pgpromote_candidate',
  'pgpromote_demoted',
  'numa_hint_faults_local',
  'numa_pages_migrated',
  'pgscan_kswapd',
  'pgsteal_kswapd',
] as const;

/**
 * The kernel's machinery on a simulated machine: kswapd, the LRU and the scanner act through the policy's signals and
 * moves. One zone a node; one scanner for all processes; the accessed bit of a PMD is taken for set, as no signal has it.
 */
export function simulateKernel(context: KernelContext, variant: KernelVariant): SimulatedKernel {
  const { pages, clock } = context;
  const { settings } = variant;
  const nodes = describeNodes(context);
  const zones = nodes.map((_, node) => simulatedZone(context.memory, node, variant.demotionMark));
  const kernel = bootKernel({
    pageCount: 1024,
    nodes,
    zones,
    settings,
    space: createAddressSpace(1024, []),
    random: context.random,
    hardware: (memory) => simulatedHardware(context, memory),
  });
  if (variant.onDemoted) {
    const { onDemoted } = variant;
    kernel.onDemoted = (folio) => onDemoted(kernel, folio);
  }
  const scanner = createScanner(kernel);
  const mapped = createSimulatedSpace(pages, kernel.memory);
  let spacePages = 0;
  const refreshSpace = (): void => {
    if (spacePages === pages.pageCount) return;
    spacePages = pages.pageCount;
    const before = kernel.space;
    makeRoom(kernel, spacePages);
    kernel.space = mapped.layOut();
    kernel.walked.space = kernel.space;
    for (const generations of kernel.generations) extendFilters(generations, before, kernel.space);
    extendScanner(kernel, scanner, before);
  };
  kernel.walked.refresh = () => {
    refreshSpace();
    kernel.space.pmdAccessed.fill(1);
    kernel.walked.ranSinceWalk.fill(1);
  };
  const setNow = (): void => {
    advanceTo(kernel, Math.floor(clock.nowNs() / TICK_NS) * (TICK_NS / 1e6));
  };
  const batch = { workNs: 0 };
  kernel.onBatchedWork = (work) => {
    batch.workNs += workNs(context, work);
  };
  kernel.onKswapdWake = (node) => runKswapd(context, kernel, node, batch, setNow);
  const tick = (): void => {
    setNow();
    if (settings.numa_balancing !== 0) scanIfDue(context, kernel, scanner, refreshSpace);
    variant.onTick?.(kernel);
  };

  return {
    kernel,
    start() {
      if (context.cpu.threadCount === 1) kernel.localNode = context.cpu.initiatorOf(0);
      clock.every(TICK_NS, tick);
    },
    mapped(page) {
      makeRoom(kernel, page + 1);
      noteMapped(context, kernel, page);
    },
    mappedMany(first, end) {
      makeRoom(kernel, end);
      for (let page = first; page < end; page++) noteMapped(context, kernel, page);
    },
    hintFault(fault) {
      setNow();
      const head = pages.folioHead(fault.page);
      hintFault(
        kernel,
        scanner,
        head,
        fault.initiator,
        pages.pageCount,
        variant.promotionRule ?? shouldPromote,
      );
    },
    pressure(node, level) {
      setNow();
      wakeKswapd(kernel, node);
      if (level === 'min') reclaimNow(kernel, node);
    },
    finish() {
      const { vmstat } = kernel.memory;
      for (const counter of OWN_COUNTERS) context.count(counter, vmstat[counter]);
      if (kernel.rules.countsUnlimited)
        context.count('pgpromote_candidate_nrl', vmstat.pgpromote_candidate_nrl);
    },
  };
}

function makeRoom(kernel: Kernel, pageCount: number): void {
  if (pageCount <= kernel.memory.pageCount) return;
  const grown = 2 ** Math.ceil(Math.log2(pageCount));
  growMemory(kernel.memory, grown);
  const generationOf = new Uint8Array(grown);
  generationOf.set(kernel.generationOf);
  kernel.generationOf = generationOf;
}

/** Takes a page that was mapped onto the LRU; a huge page is known by its head. */
function noteMapped({ pages }: KernelContext, kernel: Kernel, page: number): void {
  const { memory } = kernel;
  const head = pages.folioHead(page);
  memory.folioOf[page] = head;
  if (head !== page) return;
  memory.order[page] = pages.folioPages(page) > 1 ? HUGE_ORDER : 0;
  memory.nodeOf[page] = pages.nodeOf[page];
  memory.zoneOf[page] = pages.nodeOf[page];
  addToLru(kernel, page, true);
}

function describeNodes({ memory }: KernelContext): MemoryNode[] {
  const count = Math.max(...memory.nodes.map((node) => node.id)) + 1;
  const ids = memory.nodes.map((node) => Number(node.id));
  return Array.from({ length: count }, (_, id): MemoryNode => {
    const node = memory.nodes.find((candidate) => candidate.id === id);
    if (node === undefined)
      return {
        zones: [],
        presentPages: 0,
        topTier: false,
        preferredTargets: [],
        fallbackTargets: [],
        zonelist: [],
      };
    return {
      zones: [id],
      presentPages: node.capacityPages,
      topTier: memory.isTopTier(id),
      preferredTargets: memory.preferredTargets(id),
      fallbackTargets: memory
        .fallbackTargets(id)
        .toSorted((a, b) => memory.distance(id, a) - memory.distance(id, b)),
      zonelist: ids.toSorted((a, b) => memory.distance(id, a) - memory.distance(id, b)),
    };
  });
}

/** Page-table bits and moves of the engine, whose nodes have a zone each. */
function simulatedHardware(
  { moves, signals, pages }: KernelContext,
  memory: KernelMemory,
): Hardware {
  const { accessedBits, hintFaults } = signals;
  return {
    takeAccessed: (folio) => (accessedBits.read(folio, 1) & 1) === 1,
    takeAccessedOn: (node, folios, from, to, young) =>
      accessedBits.takeOnNode(node, folios, from, to, young),
    isProtected: (folio) => hintFaults.isProtected(folio),
    protect(folio) {
      hintFaults.protect(folio);
    },
    move(folio, node, mark) {
      const zone = memory.zones[node];
      const needed = pages.folioPages(folio) + (mark === 'low' ? zone.low : zone.min);
      if (zone.freePages < needed || !moves.request(folio, nodeId(node))) return false;
      memory.nodeOf[folio] = node;
      memory.zoneOf[folio] = node;
      return true;
    },
  };
}

/** One pass of the scanner when the tick finds it due; the tasks pay in the charges of the protection itself. */
function scanIfDue(
  context: KernelContext,
  kernel: Kernel,
  scanner: NumaScanner,
  refreshSpace: () => void,
): void {
  const { cpu, pages, costs } = context;
  let runtimeNs = 0;
  for (let thread = 0; thread < cpu.threadCount; thread++)
    runtimeNs = Math.max(runtimeNs, cpu.runtimeNs(thread));
  if (!scannerTick(kernel, scanner, runtimeNs, pages.pageCount)) return;
  refreshSpace();
  const pass = scanTask(kernel, scanner, pages.pageCount, TICK_NS);
  const spentNs = (pass.changed + pass.found + pass.passedOver) * costs.pteScanNs;
  scanner.nodeStampNs += 32 * Math.floor(spentNs / TICK_NS) * TICK_NS;
}

/** Runs a node's kswapd beside the application: each batch, then a pause as long as the batch took. */
function runKswapd(
  context: KernelContext,
  kernel: Kernel,
  node: number,
  /** Where the time of the batch that is under way is added up. */
  batch: { workNs: number },
  prepare: () => void,
): void {
  const state = kernel.nodeState[node];
  let run: Generator<KernelWork, void> | undefined;
  const lookAgain = (): void => {
    if (!state.kswapdRunning && !state.kswapdWanted && !mayKswapdSleep(kernel, node)) step();
  };
  const step = (): void => {
    prepare();
    if (run === undefined) {
      state.kswapdWanted = false;
      state.kswapdRunning = true;
      run = balanceNode(kernel, node);
    }
    batch.workNs = 0;
    let work = run.next();
    for (; work.done !== true && work.value.goesOn; work = run.next())
      batch.workNs += workNs(context, work.value);
    if (work.done === true) {
      state.kswapdRunning = false;
      run = undefined;
      if (!mayKswapdSleep(kernel, node)) context.clock.after(1000, step);
      else context.clock.after(KSWAPD_DOZE_NS, lookAgain);
      return;
    }
    context.clock.after(Math.max(1000, batch.workNs + workNs(context, work.value)), step);
  };
  context.clock.after(1000, step);
}

function workNs({ costs }: KernelContext, work: KernelWork): number {
  return (
    (work.entries + work.scanned) * costs.pteScanNs +
    work.moved * (costs.movePageNs + costs.shootdownNs)
  );
}

/** A task that found nothing above the minimum waits until reclaim has freed something. */
function reclaimNow(kernel: Kernel, node: number): void {
  const before = kernel.memory.zones[node].freePages;
  for (const work of balanceNode(kernel, node))
    if (!work.goesOn && kernel.memory.zones[node].freePages > before) return;
}

/** Puts a folio at the young end of its LRU (`prio`), or where the old ones wait. Source: mm/damon/paddr.c, lru_prio and lru_deprio. */
export function sortLru(kernel: Kernel, folio: number, prio: boolean): boolean {
  if (!isolateFromLru(kernel, folio)) return false;
  kernel.memory.active[folio] = prio ? 1 : 0;
  if (!prio) kernel.memory.referenced[folio] = 0;
  addToLru(kernel, folio, false);
  return true;
}
