import { InputError } from '../errors.ts';
import { holds, kernelName, type KernelVersion } from '../kernel.ts';
import {
  LOCAL_DISTANCE,
  memoryTarget,
  REMOTE_DISTANCE,
  type AccessCoordinate,
  type Machine,
} from '../machine.ts';
import { nodeList } from '../node-list.ts';
import type { AbstractDistance, NodeId } from '../units.ts';
import { ADISTANCE_DAX, ADISTANCE_DRAM, TIER_CHUNK, tierId } from './adistance.ts';
import { DefaultDram } from './default-dram.ts';
import { buildNodeLoad, preferredTargets, rankNodes, type NodeOrder } from './demotion.ts';
import { MemoryTypes, type MemoryTier, type MemoryType } from './memory-types.ts';
import { NodeMemory } from './node-memory.ts';
import type { TieringAnswer, TieringPolicy, TieringView } from './policy.ts';
import { ALGORITHM_CHAIN, CXL_ADISTANCE, LATE_ALL_NODES, LATE_CPULESS_NODES } from './rules.ts';
import type { DemotionTargets, NodeAccess, Reason, TierNode, TierState } from './state.ts';

export interface MemoryTieringOptions {
  readonly kernel: KernelVersion;
  readonly policies: readonly TieringPolicy[];
  readonly immovableNodes: ReadonlySet<NodeId>;
}

/** Who is said to have answered where the kernel asks nobody. */
const NOBODY_ASKED = 'default-dram';

/**
 * The kernel's memory tiering on a running machine: which nodes have memory, in which tier each is
 * and whom it demotes to. Its verbs are the kernel's own events; `run-step.ts` puts them together.
 */
export class MemoryTiering {
  readonly machine: Machine;
  readonly kernel: KernelVersion;
  readonly memory: NodeMemory;
  readonly types: MemoryTypes = new MemoryTypes();
  readonly immovableNodes: ReadonlySet<NodeId>;
  readonly cxlRegions: Map<NodeId, readonly [AccessCoordinate, AccessCoordinate]> = new Map();
  readonly offlineCpus: Set<number> = new Set();
  /** Nodes that are registered: their directories are in sysfs. */
  readonly online: Set<NodeId>;

  private readonly policies: readonly TieringPolicy[];
  private readonly dram: DefaultDram;
  private readonly answeredBy = new Map<NodeId, string>();
  private readonly demotion = new Map<NodeId, DemotionTargets>();
  private readonly shownAccess = new Map<NodeId, readonly [NodeAccess, NodeAccess]>();
  private readonly hmatRegistered = new Set<NodeId>();
  private readonly distanceOf: (from: NodeId, to: NodeId) => number;
  private registeredPolicies: readonly TieringPolicy[] = [];
  private defaultDramNodes: readonly NodeId[] = [];
  private nodeLoad: ReadonlyMap<NodeId, number> = new Map();
  private topTierAdistance = 0;
  private reasons: Reason[] = [];

  constructor(machine: Machine, options: MemoryTieringOptions) {
    this.machine = machine;
    this.kernel = options.kernel;
    this.policies = options.policies;
    this.immovableNodes = options.immovableNodes;
    this.memory = new NodeMemory(machine);
    this.dram = new DefaultDram(options.kernel);
    this.online = new Set(machine.nodes.filter((node) => node.online).map((node) => node.id));
    this.distanceOf = distanceLookup(machine);
  }

  /**
   * Zonelists before any CPU is known, default DRAM nodes, sysfs attributes, algorithms; in kernels
   * without late initialisation also tiers.
   * Source: Linux mm/memory-tiers.c memory_tier_init; drivers/acpi/numa/hmat.c hmat_init.
   */
  earlyInit(): void {
    this.nodeLoad = buildNodeLoad(this.possibleNodes(), { ...this.order(), withCpus: new Set() });
    const memoryNodes = this.memoryNodes();
    const cpuNodes = memoryNodes.filter((node) => this.hasCpu(node));
    if (holds(LATE_ALL_NODES, this.kernel)) {
      this.defaultDramNodes = cpuNodes;
    } else {
      const late = holds(LATE_CPULESS_NODES, this.kernel);
      this.defaultDramNodes = late ? cpuNodes : memoryNodes;
      for (const node of this.defaultDramNodes) this.placeAsDram(node, late);
      if (!late) this.establishDemotionTargets();
    }
    this.note(
      'default-dram-nodes',
      undefined,
      `DRAM is what nodes ${nodeList(this.defaultDramNodes) || '(none)'} have: those with memory${
        this.defaultDramNodes === memoryNodes ? '' : ' and a CPU'
      } early at boot`,
    );
    for (const node of this.online) this.showAccess(node);
    this.registerPolicies();
  }

  /** Every node with memory that nobody placed gets its tier. Source: Linux mm/memory-tiers.c memory_tier_late_init. */
  lateInit(): void {
    if (!holds(LATE_CPULESS_NODES, this.kernel)) return;
    for (const node of this.memoryNodes()) if (!this.types.typeOf(node)) this.setNodeTier(node);
    this.establishDemotionTargets();
  }

  /** The node has its first memory. Source: Linux mm/memory-tiers.c memtier_hotplug_callback, MEM_ONLINE. */
  gainedMemory(node: NodeId): void {
    this.setNodeTier(node);
    this.establishDemotionTargets();
    this.showAccess(node);
    this.showCxlAccess(node);
  }

  /** The node lost its last memory; it keeps its memory type. Source: as above, MEM_OFFLINE. */
  lostMemory(node: NodeId): void {
    const tier = this.types.tierOf(node);
    if (!tier || !this.types.leaveTier(node)) return;
    const gone = this.types.tiers.includes(tier) ? '' : '; the tier had no other node and is gone';
    this.note('leave-tier', node, `without memory it leaves tier ${tierId(tier.start)}${gone}`);
    this.establishDemotionTargets();
  }

  /** A zone of a node gained its first or lost its last page; by now CPUs are known. */
  rebuildZonelists(): void {
    this.nodeLoad = buildNodeLoad(this.possibleNodes(), this.order());
    this.note(
      'zonelists',
      undefined,
      'zonelists are rebuilt, now with the penalty for nodes with CPUs: the loads that break ties of demotion change',
    );
  }

  registerNode(node: NodeId): void {
    this.online.add(node);
  }

  /** Its directories go, and access directories never come back. */
  unregisterNode(node: NodeId): void {
    this.online.delete(node);
    this.shownAccess.delete(node);
  }

  /** The memory type that kmem gives to its memory on `node`. Source: Linux drivers/dax/kmem.c dev_dax_kmem_probe. */
  kmemType(node: NodeId): MemoryType {
    if (holds(ALGORITHM_CHAIN, this.kernel)) {
      const { adistance, by } = this.ask(node, 'kmem');
      return this.mapKmem(node, adistance, by);
    }
    this.note(
      ALGORITHM_CHAIN.name,
      node,
      `${kernelName(this.kernel)} asks no algorithm for kmem memory: abstract distance ${ADISTANCE_DAX}`,
    );
    return this.mapKmem(node, ADISTANCE_DAX, NOBODY_ASKED);
  }

  private mapKmem(node: NodeId, adistance: AbstractDistance, by: string): MemoryType {
    const type = this.types.findOrAllocate(adistance, 'kmem');
    if (this.types.initNodeType(node, type)) this.answeredBy.set(node, by);
    else
      this.note(
        'keeps-type',
        node,
        `it has the memory type of distance ${this.types.typeOf(node)!.adistance} already, kmem's ${adistance} is ignored`,
      );
    return type;
  }

  hasCpu(node: NodeId): boolean {
    const cpus = this.machine.nodes.find(({ id }) => id === node)?.cpus ?? [];
    return cpus.some((cpu) => !this.offlineCpus.has(cpu));
  }

  note(rule: string, node: NodeId | undefined, text: string): void {
    this.reasons.push({ rule, ...(node !== undefined && { node }), text });
  }

  takeReasons(): Reason[] {
    const taken = this.reasons;
    this.reasons = [];
    return taken;
  }

  state(): TierState {
    return {
      tiers: this.types.tiers.map((tier) => ({
        id: tierId(tier.start),
        adistanceStart: tier.start,
        nodes: this.types.nodesOf(tier),
        types: tier.types.map(({ adistance, owner, nodes }) => ({
          adistance,
          owner,
          nodes: [...nodes].sort((a, b) => a - b),
        })),
      })),
      nodes: this.onlineNodes().map((node) => this.nodeState(node)),
      topTierAdistance: this.topTierAdistance,
      dramReference: this.dram.reference,
    };
  }

  private nodeState(node: NodeId): TierNode {
    const tier = this.types.tierOf(node);
    const access = this.shownAccess.get(node);
    return {
      id: node,
      hasMemory: this.memory.hasMemory(node),
      hasCpu: this.hasCpu(node),
      ...(tier && {
        tier: tierId(tier.start),
        adistance: this.types.typeOf(node)?.adistance ?? tier.types[0]!.adistance,
        answeredBy: this.answeredBy.get(node) ?? NOBODY_ASKED,
      }),
      topTier: tier === undefined || tier.start <= this.topTierAdistance,
      demotion: (tier && this.demotion.get(node)) ?? { preferred: [], fallback: [] },
      ...(access && { access }),
      distances: this.onlineNodes().map((to) => this.distanceOf(node, to)),
      nodeLoad: this.nodeLoad.get(node) ?? 0,
    };
  }

  /** The chain, and what the policies say of the machine before they join it. */
  private registerPolicies(): void {
    if (!holds(ALGORITHM_CHAIN, this.kernel)) {
      this.note(
        ALGORITHM_CHAIN.name,
        undefined,
        `${kernelName(this.kernel)} has no abstract distance algorithms`,
      );
      return;
    }
    const registered: TieringPolicy[] = [];
    for (const policy of this.policies) {
      const refusal = policy.register?.(this.view('memory'));
      if (refusal === undefined) registered.push(policy);
      else this.note('not-registered', undefined, `${policy.name} does not register: ${refusal}`);
    }
    this.registeredPolicies = registered.sort((a, b) => b.priority - a.priority);
    const reference = this.dram.reference;
    if (reference)
      this.note(
        'dram-reference',
        reference.node,
        `DRAM is measured on it, from ${reference.source}`,
      );
  }

  private view(asker: TieringView['asker']): TieringView {
    return {
      machine: this.machine,
      kernel: this.kernel,
      asker,
      defaultDramNodes: this.defaultDramNodes,
      cxlRegions: holds(CXL_ADISTANCE, this.kernel) ? this.cxlRegions : new Map(),
      dramReference: this.dram.reference,
      setDefaultDram: (node, coordinate, source) => this.dram.set(node, coordinate, source),
      performanceToAdistance: (coordinate) => this.dram.adistanceOf(coordinate),
    };
  }

  /** The first policy that answers. Source: Linux mm/memory-tiers.c mt_calc_adistance. */
  private ask(
    node: NodeId,
    asker: TieringView['asker'],
  ): { readonly adistance: AbstractDistance; readonly by: string } {
    const view = this.view(asker);
    for (const policy of this.registeredPolicies) {
      const said = policy.adistance(node, view);
      if (said === undefined || (typeof said === 'object' && 'pass' in said)) {
        this.note('pass', node, `${policy.name} passes${said ? `: ${said.pass}` : ''}`);
        continue;
      }
      const answer: TieringAnswer =
        typeof said === 'object' ? said : { adistance: said, reason: `${said}` };
      this.note('answer', node, `${policy.name} answers ${answer.adistance}: ${answer.reason}`);
      return { adistance: answer.adistance, by: policy.name };
    }
    throw new InputError(
      'CORE_NO_TIERING_ANSWER',
      `node ${node}: no tiering policy answers (asked: ${this.registeredPolicies.map(({ name }) => name).join(', ') || 'none'}); add default-dram to the chain`,
    );
  }

  /** Source: Linux mm/memory-tiers.c set_node_memory_tier. */
  private setNodeTier(node: NodeId): void {
    if (!holds(LATE_CPULESS_NODES, this.kernel)) {
      this.placeAsDram(node, false);
      return;
    }
    const { adistance, by } = this.ask(node, 'memory');
    const known = this.types.typeOf(node);
    if (known && known.adistance !== adistance)
      this.note('keeps-type', node, `it keeps its memory type of distance ${known.adistance}`);
    if (!known) this.answeredBy.set(node, by);
    this.types.initNodeType(node, known ?? this.types.findOrAllocate(adistance, 'default'));
    this.joinTier(node);
  }

  /** In kernels where this node waits for nobody. */
  private placeAsDram(node: NodeId, late: boolean): void {
    const known = this.types.typeOf(node);
    if (!known) {
      const rule = late ? LATE_ALL_NODES : LATE_CPULESS_NODES;
      this.answeredBy.set(node, NOBODY_ASKED);
      this.note(
        rule.name,
        node,
        `${kernelName(this.kernel)} asks no algorithm for it: default DRAM, ${ADISTANCE_DRAM}`,
      );
    }
    const dramType = this.types.findOrAllocate(ADISTANCE_DRAM, 'default');
    this.types.initNodeType(node, known ?? dramType);
    this.joinTier(node);
  }

  private joinTier(node: NodeId): MemoryTier {
    const tier = this.types.joinTier(node);
    const { adistance } = this.types.typeOf(node)!;
    this.note(
      'join-tier',
      node,
      `abstract distance ${adistance} is in ${tier.start}..${tier.start + TIER_CHUNK - 1}: tier ${tierId(tier.start)}`,
    );
    return tier;
  }

  /** Source: Linux mm/memory-tiers.c establish_demotion_targets. */
  private establishDemotionTargets(): void {
    const order = this.order();
    const { tiers } = this.types;
    for (const node of order.memoryNodes) {
      const tier = this.types.tierOf(node);
      const at = tier ? tiers.indexOf(tier) : -1;
      if (at === -1) continue;
      const below = tiers.slice(at + 1);
      const fallback = below.flatMap((lower) => this.types.nodesOf(lower)).sort((a, b) => a - b);
      if (!below[0]) {
        this.demotion.set(node, { preferred: [], fallback });
        this.note('demotion', node, 'it is in the last tier: its pages are not demoted');
        continue;
      }
      const ranked = rankNodes(node, this.types.nodesOf(below[0]), order);
      const preferred = preferredTargets(ranked);
      this.demotion.set(node, { preferred, fallback });
      const text = ranked.map(
        (one) =>
          `${one.node} (${one.distance}${one.penalised > one.distance ? `, counts as ${one.penalised}` : ''})`,
      );
      this.note(
        'demotion',
        node,
        `nodes of the next tier ${tierId(below[0].start)} in order, with distances: ${text.join(', ')}; preferred is ${nodeList(preferred)}`,
      );
    }
    const slowestWithCpu = tiers.findLast((tier) =>
      this.types.nodesOf(tier).some((node) => this.hasCpu(node)),
    );
    if (slowestWithCpu) this.topTierAdistance = slowestWithCpu.start + TIER_CHUNK - 1;
  }

  /** The HMAT's attributes of an online node, once. Source: Linux drivers/acpi/numa/hmat.c hmat_register_target. */
  private showAccess(node: NodeId): void {
    const target = memoryTarget(this.machine, node);
    if (!target || this.hmatRegistered.has(node)) return;
    this.hmatRegistered.add(node);
    if (target.shown) this.shownAccess.set(node, target.access);
  }

  /** A region's coordinates have the last word. Source: Linux drivers/cxl/core/region.c cxl_region_perf_attrs_callback. */
  private showCxlAccess(node: NodeId): void {
    const region = this.cxlRegions.get(node);
    if (!region) return;
    const [local, cpu] = region;
    this.shownAccess.set(node, [
      { coordinate: local, initiators: [] },
      { coordinate: cpu, initiators: [] },
    ]);
  }

  private order(): NodeOrder {
    const possible = this.possibleNodes();
    return {
      distance: this.distanceOf,
      memoryNodes: this.memoryNodes(),
      withCpus: new Set(possible.filter((node) => this.hasCpu(node))),
      nodeLoad: this.nodeLoad,
    };
  }

  private possibleNodes(): NodeId[] {
    return this.machine.nodes.map((node) => node.id);
  }

  private memoryNodes(): NodeId[] {
    return this.possibleNodes().filter((node) => this.memory.hasMemory(node));
  }

  private onlineNodes(): NodeId[] {
    return this.possibleNodes().filter((node) => this.online.has(node));
  }
}

function distanceLookup(machine: Machine): (from: NodeId, to: NodeId) => number {
  const position = new Map(machine.nodes.map((node, i) => [node.id, i]));
  return (from, to) =>
    machine.distances[position.get(from) ?? -1]?.[position.get(to) ?? -1] ??
    (from === to ? LOCAL_DISTANCE : REMOTE_DISTANCE);
}
