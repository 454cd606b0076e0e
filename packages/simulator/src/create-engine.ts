import { TOUCH_SIGNALS } from '@tierlab/policy';
import type { SourceDeclaration } from '@tierlab/trace';
import type { Engine } from './engine.ts';
import { createColumnMemory } from './kernels/column-memory.ts';
import type { ColumnMemory } from './kernels/column-memory.ts';
import { createLazyColumns } from './kernels/lazy-columns.ts';
import type { MemoryNode, MemorySystem } from './memory-system.ts';
import { createCountJudge } from './count-judge.ts';
import type { MoveJudge } from './move-judge.ts';
import { createMoveLog } from './move-log.ts';
import { createPageTable } from './pages.ts';
import type { PageTable, PageTouches } from './pages.ts';
import { createPlacement } from './placement.ts';
import type { RunSetup } from './run-setup.ts';
import { unitCosts } from './settings.ts';
import type { SharedRun } from './shared/shared-run.ts';
import { createSharedJudge } from './shared/shared-judge.ts';
import type { Settings } from './settings.ts';
import { createBlockColumns, createSpan } from './block-columns.ts';
import { createTimeline } from './timeline.ts';
import { createTraffic } from './traffic.ts';
import type { Traffic } from './traffic.ts';

/** The state of a run at time 0. */
export function createEngine(setup: RunSetup): Engine {
  const { memory, policy, settings } = setup;
  const tracksFlags = policy.signals.some((signal) => TOUCH_SIGNALS.includes(signal));
  // Most runs that count together never need a loop of their own.
  const columns = setup.shared === undefined ? createColumnMemory() : createLazyColumns();
  const uncontended = policy.relaxes.includes('contention');
  const traffic = createTraffic(columns, memory, settings.memoryParallelism, uncontended);
  const openLoop = settings.loop === 'open';
  const span = createSpan(columns, {
    tickNs: tickNs(setup.declaration, settings),
    includedNs: openLoop ? 0 : includedNs(setup.declaration, traffic),
    openLoop,
  });
  const block = createBlockColumns(columns, span, memory.initiators.length);
  const pages = createPageTable(columns, {
    hugePages: settings.hugePages === 'always',
    accesses: policy.signals.includes('accesses') && setup.shared === undefined,
    writes: policy.signals.includes('writes') && setup.shared === undefined,
    protection: policy.signals.includes('hintFaults'),
    ...(setup.shared && { numbers: setup.shared.counts.numbers }),
    ...(tracksFlags && setup.shared && { touches: touchesOf(setup.shared) }),
  });
  const byNode = (): Float64Array => new Float64Array(traffic.nodeSlots);
  const capacityPages = byNode();
  const unlimited = policy.relaxes.includes('capacity');
  for (const node of memory.nodes) {
    capacityPages[node.id] = unlimited ? Infinity : node.capacityPages;
  }
  return {
    memory,
    settings,
    idleCores: settings.idleCores,
    costs: unitCosts(settings),
    relaxes: policy.relaxes,
    nodeAt: nodesById(memory),
    columns,
    block,
    pages,
    traffic,
    timeline: createTimeline(),
    span,
    followsClock: setup.declaration.clock !== 'accesses',
    tracksFlags,
    initiatorOf: setup.initiatorOf ?? [],
    processes: setup.declaration.processes ?? 1,
    placement: createPlacement(setup),
    capacityPages,
    usedPages: byNode(),
    pagesIn: byNode(),
    pagesOut: byNode(),
    hooks: {},
    moveJudge: createMoveJudge(setup, { columns, span, pages, settings }),
    nowNs: 0,
    payer: 'kernelThread',
    time: { faultNs: 0, moveNs: 0, sampleNs: 0, displacedNs: 0 },
    kernelThreadNs: 0,
    migrationNs: 0,
    firstTouchNs: 0,
    threadTurnNs: 0,
    accessCount: 0,
    recordCount: 0,
    blockStart: 0,
    events: {
      pgfault: 0,
      numa_hint_faults: 0,
      numa_pte_updates: 0,
      pgmigrate_success: 0,
      pgpromote_success: 0,
      pgdemote_direct: 0,
      pgdemote_kswapd: 0,
    },
    vmstat: new Map(),
    refusals: new Map(),
    requests: 0,
    movedRequests: 0,
    promotedPages: 0,
    demotedPages: 0,
    watchedNumbers: new Set(setup.watchedPages),
    watched: [],
    catchUp: () => {},
    countPagesOn: createPageCount(setup, columns, pages),
    ...tellPlaces(setup),
  };
}

function createMoveJudge(
  { shared }: RunSetup,
  engine: Pick<Engine, 'columns' | 'span' | 'pages' | 'settings'>,
): MoveJudge {
  if (shared !== undefined) return createSharedJudge(engine.settings.pingPongWindow, shared);
  return engine.pages.accesses === undefined ? createMoveLog(engine) : createCountJudge(engine);
}

/** What the others have noted of touches, as the page table of one run sees it. */
function touchesOf({ counts, setStop }: SharedRun): PageTouches {
  const touches = counts.touches!;
  return {
    piece: () => touches.piece,
    touchedIn: () => touches.touchedIn,
    writtenIn: () => touches.writtenIn,
    setStop,
  };
}

/** By the kernels of the pass where the run may have none. */
function createPageCount(
  { shared }: RunSetup,
  columns: ColumnMemory,
  pages: PageTable,
): Engine['countPagesOn'] {
  if (shared !== undefined) {
    return (nodes) => shared.counts.countBytes(pages.nodeOf, pages.count, nodes);
  }
  return (nodes) =>
    nodes.map((id) => columns.kernels.countBytes(pages.nodeOf.byteOffset, pages.count, id));
}

/** Tells those that a run counts together with where its pages go. */
function tellPlaces({ shared, memory }: RunSetup): Pick<Engine, 'placed' | 'swapped'> {
  if (shared === undefined) return { placed: undefined, swapped: undefined };
  const indexOf = nodesById(memory).map((node) => node && memory.nodes.indexOf(node));
  return {
    placed: (page, id) => shared.placed(page, indexOf[id]!),
    swapped: (swaps, from, to) => shared.swapped(swaps, indexOf[from]!, indexOf[to]!),
  };
}

function nodesById({ nodes }: MemorySystem): (MemoryNode | undefined)[] {
  const byId: (MemoryNode | undefined)[] = [];
  for (const node of nodes) byId[node.id] = node;
  return Array.from(byId);
}

function tickNs({ clock, clockHz }: SourceDeclaration, settings: Settings): number {
  if (clock === 'nanoseconds') return 1;
  return clockHz === undefined ? settings.tickNs : 1e9 / clockHz;
}

/**
 * A clock of real time ran on while the recorded program waited for its memory, so that much of each
 * pause is no think time: the unloaded cost of a read from the fastest memory. An instruction
 * count has none of it.
 */
function includedNs({ clock }: SourceDeclaration, traffic: Traffic): number {
  if (clock !== 'nanoseconds' && clock !== 'cycles') return 0;
  const reads = traffic.memory.nodes.map(({ id }) => traffic.classCostNs[2 * id]);
  return Math.min(...reads);
}
