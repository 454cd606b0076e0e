import { assert, AssertionError } from '@tierlab/core';
import type { NodeId } from '@tierlab/core';
import { nodeId, randomShares } from '@tierlab/core';
import { PolicyError, SIGNALS } from '@tierlab/policy';
import type {
  MemoryNodeView,
  MemoryView,
  MigrationContext,
  Moves,
  PolicyClock,
  PolicyCpu,
  Signal,
  SignalSources,
  Ticker,
  WholeTrace,
} from '@tierlab/policy';
import { callFirst } from './call-first.ts';
import { chargeKernelThread, countEvent, freePages, initiatorIndex, knownNode } from './engine.ts';
import type { Engine } from './engine.ts';
import { CLOCK_NS } from './kernels/span.ts';
import type { MemoryNode } from './memory-system.ts';
import { pageCopyTime } from './move-costs.ts';
import { createPageIndex } from './page-index.ts';
import type { RunSetup } from './run-setup.ts';
import type { SamplerSet } from './samplers.ts';
import { createAccessedBits, createHintFaults, createTelemetry } from './signals.ts';
import { timeSteps } from './time.ts';
import { bestPath } from './traffic.ts';

/** What a policy holds in this run; reading a signal that it did not declare throws `POLICY_SIGNAL_UNDECLARED`. */
export function createContext(
  engine: Engine,
  setup: RunSetup,
  moves: Moves,
  samples: SamplerSet,
): MigrationContext {
  const caughtUp = <T extends object>(source: T): T =>
    isAskedAhead(setup) ? callFirst(source, () => engine.catchUp()) : source;
  return {
    params: Object.freeze({ ...setup.params }),
    memory: createMemoryView(engine),
    pages: createPageIndex(engine, setup.shared),
    moves: caughtUp(moves),
    signals: createSources(engine, setup, samples, caughtUp),
    clock: caughtUp(createClock(engine)),
    cpu: caughtUp(createCpu(engine)),
    costs: Object.freeze({ ...engine.costs }),
    random: randomShares(setup.seed),
    together: (key, make) =>
      setup.shared === undefined ? make() : setup.shared.together(setup.policy, key, make),
    count: (counter, amount) => countForPolicy(engine, counter, amount),
  };
}

/** Counts what only the policy knows; what the engine counts itself it may name, as what did not happen, but not add to. */
function countForPolicy(engine: Engine, counter: string, amount: number): void {
  assert(amount >= 0 && amount < Infinity, `count ${counter}: ${amount}`);
  assert(
    amount === 0 || !Object.hasOwn(engine.events, counter),
    `count ${counter}: the engine counts that itself`,
  );
  countEvent(engine, counter, amount);
}

/** Whether pages of the run may be mapped ahead of their first touch, so that the policy hears of them early. */
function isAskedAhead({ shared, policy }: RunSetup): boolean {
  const hears = policy.signals.includes('allocation') || policy.signals.includes('pressure');
  return shared !== undefined && hears;
}

function createSources(
  engine: Engine,
  setup: RunSetup,
  samples: SamplerSet,
  caughtUp: <T extends object>(source: T) => T,
): SignalSources {
  const { signals } = setup.policy;
  const sources: Partial<SignalSources> = {
    ...(signals.includes('accessedBits') && {
      accessedBits: caughtUp(createAccessedBits(engine)),
    }),
    ...(signals.includes('hintFaults') && { hintFaults: caughtUp(createHintFaults(engine)) }),
    ...(signals.includes('samples') && { samples: { open: (spec) => samples.open(spec) } }),
    ...(signals.includes('telemetry') && { telemetry: caughtUp(createTelemetry(engine)) }),
    ...(signals.includes('runAccesses') && { runAccesses: setup.foresight!.runAccesses! }),
    ...(signals.includes('wholeTrace') && { wholeTrace: createWholeTrace(engine, setup) }),
  };
  for (const signal of SIGNALS) {
    if (!signals.includes(signal)) refuseSource(sources, signal, setup.policy.name);
  }
  return sources as SignalSources;
}

/** Reading the source of `signal` throws: an author without a compiler is told which declaration is missing. */
function refuseSource(sources: object, signal: Signal, policyName: string): void {
  Object.defineProperty(sources, signal, {
    get(): never {
      throw new PolicyError(
        'POLICY_SIGNAL_UNDECLARED',
        `${policyName} reads signals.${signal}, which it did not declare; add it to its signals`,
      );
    },
  });
}

/** The trace that was read ahead, priced at the latencies that hold before the first access: unloaded. */
function createWholeTrace(engine: Engine, { foresight }: RunSetup): WholeTrace {
  const { length, page, write, thread, weight } = foresight!.wholeTrace!;
  const kind = Uint16Array.from(write.subarray(0, length));
  if (thread !== undefined) {
    for (let i = 0; i < length; i++) kind[i] += 2 * initiatorIndex(engine, thread[i]);
  }
  const unloaded = engine.traffic.classCostNs.slice();
  const { nodeSlots } = engine.traffic;
  return {
    length,
    page,
    kind,
    ...(weight && { weight }),
    accessNs: (which, node) => unloaded[2 * ((which >> 1) * nodeSlots + node) + (which & 1)],
  };
}

function createMemoryView(engine: Engine): MemoryView {
  const { memory } = engine;
  const nodes: MemoryNodeView[] = memory.nodes.map((node, i) => {
    const { readLatency, writeLatency, readBandwidth, writeBandwidth } = bestPath(memory, i);
    const { id, tierRank, hasCpus, capacityPages } = node;
    const speed = { readLatency, writeLatency, readBandwidth, writeBandwidth };
    return Object.freeze({ id, tierRank, hasCpus, capacityPages, ...speed });
  });
  const ranks = [...new Set(nodes.map((node) => node.tierRank))].toSorted((a, b) => a - b);
  const tiers = ranks.map((rank) =>
    Object.freeze(nodes.filter((node) => node.tierRank === rank).map((node) => node.id)),
  );
  // The machine is that of other runs, too: what a policy is handed is its own, and cannot be written to.
  const descriptions = engine.nodeAt.map((node) => node && frozenDescription(node));
  const described = (id: number): NodeDescription => {
    knownNode(engine, id);
    return descriptions[id]!;
  };
  const pathDistance = (initiator: number, target: number): number | undefined =>
    memory.initiators.find(({ id }) => id === initiator)?.paths[
      memory.nodes.findIndex(({ id }) => id === target)
    ]?.distance;
  const distance = (from: number, to: number): number =>
    pathDistance(from, to) ?? pathDistance(to, from) ?? (from === to ? 10 : 20);
  const nearest = (from: number, candidates: readonly NodeId[]): NodeId =>
    candidates.reduce((best, id) => (distance(from, id) < distance(from, best) ? id : best));
  return {
    pageBytes: memory.pageBytes,
    nodes: Object.freeze(nodes),
    tiers: Object.freeze(tiers),
    node(id) {
      const node = nodes.find((candidate) => candidate.id === id);
      assert(node !== undefined, `no node ${id} has memory`);
      return node;
    },
    isTopTier: (id) => knownNode(engine, id).topTier,
    above(id) {
      const tier = tiers[ranks.indexOf(knownNode(engine, id).tierRank) - 1];
      return tier === undefined ? undefined : nearest(id, tier);
    },
    below: (id) => described(id).preferredTargets[0],
    preferredTargets: (id) => described(id).preferredTargets,
    fallbackTargets: (id) => described(id).fallbackTargets,
    distance,
    freePages: (id) => freePages(engine, knownNode(engine, id).id),
    watermarks: (id) => described(id).watermarks,
    movePageNs: (from, to) => timeSteps(engine.costs.movePageNs + pageCopyTime(engine, from, to)),
  };
}

type NodeDescription = Pick<MemoryNode, 'preferredTargets' | 'fallbackTargets' | 'watermarks'>;

function frozenDescription(node: MemoryNode): NodeDescription {
  return {
    preferredTargets: Object.freeze([...node.preferredTargets]),
    fallbackTargets: Object.freeze([...node.fallbackTargets]),
    watermarks: Object.freeze({ ...node.watermarks }),
  };
}

function createClock(engine: Engine): PolicyClock {
  const { timeline } = engine;
  const start = (delayNs: number, repeat: boolean, tick: () => void): Ticker => {
    // The message is made only when it is needed: ticks are many.
    if (!(delayNs > 0 || (!repeat && delayNs === 0)) || delayNs === Infinity)
      throw new AssertionError(`clock: a tick in ${delayNs} ns`);
    let periodNs = delayNs;
    let scheduledNs = engine.nowNs;
    let stopped = false;
    const happen = (): void => {
      if (engine.threadTurnNs > engine.nowNs) {
        timeline.reschedule(event, engine.threadTurnNs);
        return;
      }
      scheduledNs = event.timeNs;
      tick();
      if (repeat && !stopped) timeline.reschedule(event, scheduledNs + periodNs);
    };
    const event = timeline.schedule(scheduledNs + periodNs, happen);
    return {
      setPeriod(next) {
        assert(next > 0 && next < Infinity, `clock: a period of ${next} ns`);
        periodNs = next;
      },
      stop() {
        stopped = true;
        event.cancelled = true;
      },
    };
  };
  return {
    nowNs: () => engine.nowNs,
    every: (periodNs, tick) => start(periodNs, true, tick),
    after: (delayNs, tick) => start(delayNs, false, tick),
  };
}

function createCpu(engine: Engine): PolicyCpu {
  return {
    charge(timeNs) {
      assert(timeNs >= 0 && timeNs < Infinity, `cpu: a charge of ${timeNs} ns`);
      chargeKernelThread(engine, timeNs);
    },
    get chargedNs() {
      return engine.kernelThreadNs;
    },
    runtimeNs(thread) {
      const { span } = engine;
      return span.threadNs === undefined ? span.registers[CLOCK_NS] : span.threadNs[thread];
    },
    get threadCount() {
      return engine.span.threadNs?.length ?? 1;
    },
    initiatorOf: (thread) => nodeId(engine.memory.initiators[initiatorIndex(engine, thread)].id),
  };
}
