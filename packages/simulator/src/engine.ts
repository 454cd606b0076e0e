import { AssertionError } from '@tierlab/core';
import type { WatchedMove } from '@tierlab/core';
import type { MigrationHooks, RefusalReason, Relaxation, UnitCosts } from '@tierlab/policy';
import type { BlockColumns } from './block-columns.ts';
import type { ColumnMemory } from './kernels/column-memory.ts';
import { CLOCK_NS } from './kernels/span.ts';
import type { Span } from './kernels/span.ts';
import type { MemoryNode, MemorySystem } from './memory-system.ts';
import type { MoveJudge, Swaps } from './move-judge.ts';
import type { PageTable } from './pages.ts';
import type { Placement } from './placement.ts';
import type { Settings } from './settings.ts';
import { timeSteps } from './time.ts';
import type { Timeline } from './timeline.ts';
import type { Traffic } from './traffic.ts';

/** What the application's time is spent on besides thinking and waiting for memory. */
export type TimeUse = 'faultNs' | 'moveNs' | 'sampleNs' | 'displacedNs';

/** Counters of /proc/vmstat that nearly every fault or move adds to. */
export interface FrequentEvents {
  pgfault: number;
  numa_hint_faults: number;
  numa_pte_updates: number;
  pgmigrate_success: number;
  pgpromote_success: number;
  pgdemote_direct: number;
  pgdemote_kswapd: number;
}

/** Everything that changes while a run goes on. Tables by node are indexed with the node's id. */
export interface Engine {
  readonly memory: MemorySystem;
  readonly settings: Settings;
  /** Of the settings: what every charge asks for. */
  readonly idleCores: number;
  readonly costs: UnitCosts;
  readonly relaxes: readonly Relaxation[];
  /** The nodes with memory, by id. */
  readonly nodeAt: readonly (MemoryNode | undefined)[];
  readonly columns: ColumnMemory;
  readonly block: BlockColumns;
  readonly pages: PageTable;
  readonly traffic: Traffic;
  readonly timeline: Timeline;
  readonly span: Span;
  /** The trace has a clock, and its pauses are think time. */
  readonly followsClock: boolean;
  /** The replay loop sets accessed bits and stops at protected and watched pages. */
  tracksFlags: boolean;
  /** Index into `memory.initiators` of each thread's CPU; threads beyond it are on the first one. */
  readonly initiatorOf: readonly number[];
  /** Processes of the trace; their pages are apart. */
  readonly processes: number;
  /** Where pages were before the run, if somebody says. */
  readonly placement: Placement | undefined;
  /** Pages that a node can hold; Infinity where the policy is exempt from capacity. */
  readonly capacityPages: Float64Array;
  /** Pages that are allocated on a node, shadows included. */
  readonly usedPages: Float64Array;
  readonly pagesIn: Float64Array;
  readonly pagesOut: Float64Array;
  hooks: MigrationHooks;
  moveJudge: MoveJudge;
  /** The time that a policy sees: of the event, the fault or the last access. */
  nowNs: number;
  /** Who waits for the kernel work that is being done. */
  payer: 'task' | 'kernelThread';
  readonly time: Record<TimeUse, number>;
  kernelThreadNs: number;
  /** CPU time of moves, whoever waited: work and copies. */
  migrationNs: number;
  /** Part of `time.faultNs` that mapping pages took. */
  firstTouchNs: number;
  /** When the kernel thread has a turn again; in the past where it has a core of its own. */
  threadTurnNs: number;
  /** Accesses replayed: the sum of the weights of the records. */
  accessCount: number;
  recordCount: number;
  /** Records of the trace before the block. */
  blockStart: number;
  readonly events: FrequentEvents;
  /** What else is counted of /proc/vmstat. */
  readonly vmstat: Map<string, { count: number }>;
  readonly refusals: Map<RefusalReason, number>;
  requests: number;
  movedRequests: number;
  promotedPages: number;
  demotedPages: number;
  readonly watchedNumbers: ReadonlySet<number>;
  readonly watched: WatchedMove[];
  /**
   * Called before a policy learns of anything or does anything that depends on the time or on the accesses so far: where a
   * page is mapped ahead of its access, the run is brought there first.
   */
  catchUp: () => void;
  /** How many mapped pages the page table has on each of these nodes. */
  readonly countPagesOn: (nodes: readonly number[]) => readonly number[];
  /** Told of each page that a move has put on a node. */
  placed: ((page: number, node: number) => void) | undefined;
  /** The same of pairs of which the first ones came from node `from` to node `to`, and the others the other way. */
  swapped: ((swaps: Swaps, from: number, to: number) => void) | undefined;
}

/** Adds to a counter under its name in /proc/vmstat, which is looked up: see {@link Engine.events} for the others. */
export function countEvent(engine: Engine, counter: string, amount: number): void {
  const found = engine.vmstat.get(counter);
  if (found === undefined) engine.vmstat.set(counter, { count: amount });
  else found.count += amount;
}

/** Makes the application spend `ns` on `use`; returns what it came to in time steps. */
export function chargeTask(engine: Engine, use: TimeUse, ns: number): number {
  const steps = timeSteps(ns);
  chargeTaskSteps(engine, use, steps);
  return steps;
}

function chargeTaskSteps(engine: Engine, use: TimeUse, steps: number): void {
  addTime(engine.time, use, steps);
  if (!engine.span.openLoop) engine.span.registers[CLOCK_NS] += steps;
}

/** Each by its own name: a name that is looked up costs more than all the rest of a charge. */
function addTime(time: Engine['time'], use: TimeUse, steps: number): void {
  if (use === 'faultNs') time.faultNs += steps;
  else if (use === 'moveNs') time.moveNs += steps;
  else if (use === 'sampleNs') time.sampleNs += steps;
  else time.displacedNs += steps;
}

/**
 * Makes the policy's kernel thread spend `ns`. Without an idle core the application loses the time,
 * and then gets as much for itself before the thread's next tick: the scheduler is fair to both.
 */
export function chargeKernelThread(engine: Engine, ns: number): void {
  chargeKernelThreadSteps(engine, timeSteps(ns));
}

function chargeKernelThreadSteps(engine: Engine, steps: number): void {
  engine.kernelThreadNs += steps;
  if (engine.idleCores > 0) return;
  chargeTaskSteps(engine, 'displacedNs', steps);
  engine.threadTurnNs = Math.max(engine.threadTurnNs, engine.nowNs) + 2 * steps;
}

/** Charges kernel work to whoever waits for it. */
export function chargeWork(engine: Engine, use: TimeUse, ns: number): void {
  chargeSteps(engine, use, timeSteps(ns));
}

/** As {@link chargeWork}, where `steps` is in time steps already. */
export function chargeSteps(engine: Engine, use: TimeUse, steps: number): void {
  if (engine.payer === 'task') chargeTaskSteps(engine, use, steps);
  else chargeKernelThreadSteps(engine, steps);
}

/** Runs `work` with another payer. */
export function payedBy<T>(engine: Engine, payer: Engine['payer'], work: () => T): T {
  const before = engine.payer;
  engine.payer = payer;
  const result = work();
  engine.payer = before;
  return result;
}

/** Pages of a node that nothing is allocated on. */
export function freePages(engine: Engine, node: number): number {
  return engine.capacityPages[node] - engine.usedPages[node];
}

/** The node with this id; policies must not name nodes that are not there. */
export function knownNode(engine: Engine, id: number): MemoryNode {
  const node = engine.nodeAt[id];
  if (node === undefined) throw new AssertionError(`no node ${id} has memory`);
  return node;
}

/** The initiator of a thread, as an index into `memory.initiators`. */
export function initiatorIndex(engine: Engine, thread: number): number {
  return engine.initiatorOf[thread] ?? 0;
}
