import type { NodeId } from '@tierlab/core';
import type { UnitCosts } from './costs.ts';
import { PolicyError } from './errors.ts';
import type { MemoryView, PageView } from './memory-view.ts';
import type { Moves, RefusalReason } from './moves.ts';
import type { NoParams, Params, ParamValues } from './params.ts';
import { SIGNALS } from './signals.ts';
import type { HintFault, Signal, SignalSources } from './signals.ts';

/**
 * A policy that decides which pages move between the nodes of a machine, declared.
 *
 * Everything before `create` can be read without running anything: help, documentation, capability
 * checks and charges come from it. `create` is called once a run and returns the hooks; the state of
 * the policy is what its closure holds, so that two runs never share any.
 */
export interface MigrationPolicy {
  /** Lower-case words joined by hyphens. */
  readonly name: string;
  /** What the policy does, in one sentence. */
  readonly doc: string;
  readonly signals: readonly Signal[];
  readonly params: Params;
  readonly relaxes: readonly Relaxation[];
  readonly create: (context: MigrationContext) => MigrationHooks;
}

/**
 * A law of the machine that a bound is exempt from: `capacity` (no node is ever full), `moveCost`
 * (moves take no time and no bandwidth), `contention` (latencies stay unloaded), `watermarks` (first
 * touch fills a node as far as moves may, to its min watermark). Reports mark whoever declares one.
 */
export type Relaxation = 'capacity' | 'moveCost' | 'contention' | 'watermarks';

/** What an author writes for {@link defineMigrationPolicy}. */
export interface MigrationPolicyDefinition<
  S extends readonly Signal[] = readonly [],
  P = NoParams,
> {
  readonly name: string;
  readonly doc: string;
  readonly signals?: S;
  readonly params?: P;
  readonly relaxes?: readonly Relaxation[];
  readonly create: (context: MigrationContext<S[number], P>) => MigrationHooks<S[number]>;
}

/**
 * A migration policy made of its declaration; the smallest is
 * `defineMigrationPolicy({ name: 'stay-put', doc: 'Nothing moves.', create: () => ({}) })`.
 *
 * What `create` and the hooks may read follows from the literal `signals` and `params`: anything
 * else does not compile. When it runs, reading the source of another signal, a hook for one and a hook that there is
 * not throw, see {@link checkHooks}; a column of another signal is absent.
 *
 * @throws {PolicyError} `POLICY_BAD_DEFINITION`, `POLICY_UNKNOWN_SIGNAL`.
 */
export function defineMigrationPolicy<
  const S extends readonly Signal[] = readonly [],
  const P = NoParams,
>(definition: MigrationPolicyDefinition<S, P>): MigrationPolicy {
  const { name, doc, signals = [], params = {}, relaxes = [], create } = definition;
  if (!/^[a-z0-9]+(?:[-.][a-z0-9]+)*$/.test(name)) {
    throw new PolicyError(
      'POLICY_BAD_DEFINITION',
      `policy name ${JSON.stringify(name)}: expected lower-case words joined by hyphens`,
    );
  }
  for (const signal of signals) {
    if (!SIGNALS.includes(signal)) {
      throw new PolicyError(
        'POLICY_UNKNOWN_SIGNAL',
        `${name}: no signal ${JSON.stringify(signal)}; there are: ${SIGNALS.join(', ')}`,
      );
    }
  }
  return {
    name,
    doc,
    signals,
    params: params as Params,
    relaxes,
    create: create as unknown as MigrationPolicy['create'],
  };
}

/** What a policy holds while it runs; S is the union of its declared signals, P its parameters. */
export interface MigrationContext<
  S extends Signal = Signal,
  P = Readonly<Record<string, unknown>>,
> {
  readonly params: P extends Params ? ParamValues<P> : P;
  readonly memory: MemoryView;
  readonly pages: PageIndex;
  readonly moves: Moves;
  readonly signals: Readonly<Pick<SignalSources, S & keyof SignalSources>>;
  readonly clock: PolicyClock;
  readonly cpu: PolicyCpu;
  readonly costs: UnitCosts;
  /** The next number in [0, 1) of this policy's own seeded stream. */
  readonly random: () => number;
  /**
   * Something that runs of this policy on one trace may hold together: what the first of them that asks under `key`
   * makes, or a thing of the run's own. It may depend on `key` and on the columns of the epochs alone, and
   * must be the same whichever run shows it an epoch first; so no record tells whether it was shared.
   */
  readonly together: <T>(key: string, make: () => T) => T;
  /** Adds to a counter of the run under its /proc/vmstat name, such as `pgpromote_candidate`. */
  readonly count: (counter: string, amount: number) => void;
}

/** The mapped pages, and how to find them by address. */
export interface PageIndex extends PageView {
  /** The mapped page with this page number. */
  at(process: number, pageNumber: number): number | undefined;
  /** The mapped pages with numbers in [from, to), by ascending number. Borrowed until the next call. */
  inRange(process: number, from: number, to: number): Readonly<Uint32Array>;
  /**
   * Looks through a list of mapped pages for those on some nodes. The list must not change from then on. Runs that hold it
   * together, see {@link MigrationContext.together}, look through it together, which costs each of them much less.
   */
  search(list: Readonly<Uint32Array>, nodes: readonly NodeId[]): PageSearch;
  /** Processes of the run; their page numbers are apart. */
  readonly processCount: number;
}

/** Finds pages of a list by where they are now. Borrowed until the hook returns. */
export interface PageSearch {
  /**
   * Index from `from` on, below `end`, of the first page that is on one of the nodes; `end` if there is none. Where `among` is given,
   * pages count whose bit in it is 1: that of the page at index i is bit i % 32 of word i / 32.
   */
  nextOn(from: number, end: number, among?: Readonly<Uint32Array>): number;
  /** The same of the first page that is on none of them. */
  nextElsewhere(from: number, end: number, among?: Readonly<Uint32Array>): number;
}

/** Simulated time, in nanoseconds since the first access. */
export interface PolicyClock {
  nowNs(): number;
  /** Calls `tick` every `periodNs`, for the first time one period from now. */
  every(periodNs: number, tick: () => void): Ticker;
  /** Calls `tick` once, `delayNs` from now. */
  after(delayNs: number, tick: () => void): Ticker;
}

export interface Ticker {
  /** Changes the period; the next tick comes one new period after the last one. */
  setPeriod(periodNs: number): void;
  stop(): void;
}

/** Where CPU time goes, and how much of it there was. */
export interface PolicyCpu {
  /** Bills work of the policy that the engine cannot see, to its kernel thread. */
  charge(timeNs: number): void;
  /** Everything billed so far to the policy's kernel thread. */
  readonly chargedNs: number;
  /** CPU time that a thread of the application ran, faults included. */
  runtimeNs(thread: number): number;
  readonly threadCount: number;
  initiatorOf(thread: number): NodeId;
}

/**
 * What the engine calls; a hook that is absent costs nothing. Which hooks there can be follows from
 * the declared signals S.
 *
 * There is no hook per access: time passes in blocks until something happens that a policy must see.
 */
export type MigrationHooks<S extends Signal = Signal> = BaseHooks<S> &
  HookIf<'hintFaults', S, HintFaultHooks> &
  HookIf<'allocation', S, AllocationHooks> &
  HookIf<'pressure', S, PressureHooks> &
  HookIf<'accessStream', S, BlockHooks<S>>;

type HookIf<Needed extends Signal, S extends Signal, Hooks> = Needed extends S
  ? Hooks
  : { readonly [K in keyof Hooks]?: never };

export interface BaseHooks<S extends Signal = Signal> {
  /** Nothing is mapped yet; the columns of the past are 0, `futureAccesses` is of the first epoch. */
  start?(view: EpochView<S>): void;
  /** An epoch ended. */
  epoch?(view: EpochView<S>): void;
  /** A queued move was done, or failed with a reason. */
  moved?(page: number, from: NodeId, to: NodeId, refusal: RefusalReason | undefined): void;
  /** The trace has ended. */
  finish?(): void;
  /** What the policy, a ruler, has proved of every other one; asked once, after `finish`. */
  bound?(): PlacementBound | undefined;
  /** Why the policy just moved `page`, with the numbers that decided; asked only for pages that a user watches. */
  explain?(page: number, from: NodeId, to: NodeId): string;
}

/** A proof about this trace on this machine; see `placementCostNs` of `@tierlab/core` for what it bounds. */
export interface PlacementBound {
  readonly placementNs: number;
  /** A placement with this very cost exists. */
  readonly attained: boolean;
}

export interface HintFaultHooks {
  /** A protected page was touched. A move requested here happens inside the fault. */
  hintFault?(fault: HintFault): void;
}

export interface AllocationHooks {
  /**
   * A page is about to be mapped: the nodes to try in order before the kernel's zone list, or
   * undefined for that alone.
   */
  allocate?(request: AllocationRequest): readonly NodeId[] | undefined;
  /** A page was mapped, and `pages.nodeOf[page]` says where. A huge page is told once, by its head. */
  mapped?(page: number): void;
  /**
   * The base pages `first` to `end` - 1 were mapped, in this order, each at its first touch since the policy was last told
   * of anything. A policy with this hook learns of a page by it or by `mapped`, where that is soon enough: the replay need
   * not stop at each.
   */
  mappedMany?(first: number, end: number): void;
}

/** Borrowed: the same object is passed every time. */
export interface AllocationRequest {
  /** The id that the page gets. */
  readonly page: number;
  readonly process: number;
  readonly pageNumber: number;
  /** 1, or 512 for a huge page. */
  readonly folioPages: number;
  readonly thread: number;
  readonly initiator: NodeId;
  readonly write: boolean;
}

export interface PressureHooks {
  /**
   * An allocation needed the slow path. `low`: every node it may use is below its low watermark, and
   * `node` is told to free pages in the background; also told where a move left `node` below its low
   * watermark. `min`: nothing above the min watermarks either; what is freed before this returns can
   * still be allocated, and the allocating task waits for it.
   */
  pressure?(node: NodeId, level: 'low' | 'min'): void;
}

export interface BlockHooks<S extends Signal = Signal> {
  /**
   * A block of accesses is next. The policy walks it in order; `view.replayThrough(i)` makes the
   * engine replay everything up to and including access i, so that a move requested then happens
   * right after it. What is left is replayed when the hook returns.
   */
  block?(view: BlockView<S>): void;
  /** The engine runs the fastest nodes as a cache, which costs far less than a `block` that does. */
  readonly cache?: ExclusiveCache;
}

/**
 * A part of memory as an exclusive cache over the rest: a page that is accessed and is not in the
 * cache is served where it is, and then it and the page that leaves for it change places. While the
 * cache is not full, the page just moves in, to the node of the cache with the most free pages.
 *
 * Base pages only.
 */
export interface ExclusiveCache {
  /**
   * Which page leaves: the one whose last use is longest ago (`recency`), the one that came first
   * (`arrival`), or the first one in the order of arrival that was not used since it was last passed
   * over (`second-chance`).
   */
  readonly order: 'recency' | 'arrival' | 'second-chance';
  /** Pages that it holds at most; at least 1 is taken. */
  readonly pages: number;
  /** The nodes that it consists of. A page is mapped on the first of them with room, where there is no hook `allocate`. */
  readonly nodes: readonly NodeId[];
}

export type EpochView<S extends Signal = Signal> = EpochBase &
  Pick<EpochColumns, S & keyof EpochColumns>;

/** The epoch that ended. Columns are borrowed until the hook returns. */
export interface EpochBase {
  /** Numbered from 0. */
  readonly epoch: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly pageCount: number;
  readonly nodeOf: Readonly<Uint8Array>;
  /** The pages with a count in one of the declared columns, each once; valid in the first `touchedCount`. */
  readonly touched: Readonly<Uint32Array>;
  readonly touchedCount: number;
}

/** Ground truth per page; length at least `pageCount`, 0 where a page was not accessed. */
export interface EpochColumns {
  readonly accesses: Readonly<Uint32Array>;
  readonly writes: Readonly<Uint32Array>;
  /** Of the epoch that begins, of pages not mapped yet as well; its own length. */
  readonly futureAccesses: Readonly<Uint32Array>;
}

export type BlockView<S extends Signal = Signal> = BlockBase &
  Pick<BlockColumns, S & keyof BlockColumns>;

export interface BlockBase {
  /** Accesses of the trace before this block. */
  readonly start: number;
  readonly length: number;
  readonly page: Readonly<Uint32Array>;
  readonly write: Readonly<Uint8Array>;
  /** Replays up to and including access `i` of this block; `i` never decreases. */
  readonly replayThrough: (i: number) => void;
}

export interface BlockColumns {
  /** Index in the trace of the next access to the page of access i; Infinity if there is none. */
  readonly nextUse: Readonly<Float64Array>;
}
