import type { AccessCoordinate } from '../machine.ts';
import type { AbstractDistance, NodeId } from '../units.ts';
import type { DramReference } from './adistance.ts';
import type { HotplugStep } from './steps.ts';

/** The memory tiers of a machine at one moment, and all that hangs on them. */
export interface TierState {
  /** Fastest first. */
  readonly tiers: readonly Tier[];
  /** Online nodes, ascending. */
  readonly nodes: readonly TierNode[];
  /** A node in a tier that starts at this distance or less is a top tier node: nothing is promoted from it. */
  readonly topTierAdistance: number;
  readonly dramReference: DramReference | undefined;
}

export interface Tier {
  /** The N of `memory_tierN`: the chunk of abstract distances as an unsigned number. */
  readonly id: number;
  /** First abstract distance of the tier, signed; it has 128 of them. */
  readonly adistanceStart: number;
  readonly nodes: readonly NodeId[];
  readonly types: readonly TierMemoryType[];
}

export interface TierMemoryType {
  readonly adistance: AbstractDistance;
  /** Whose list the type is on. */
  readonly owner: 'default' | 'kmem';
  readonly nodes: readonly NodeId[];
}

export interface TierNode {
  readonly id: NodeId;
  readonly hasMemory: boolean;
  readonly hasCpu: boolean;
  /** Absent without memory. */
  readonly tier?: number;
  /** That of its memory type; absent without memory. */
  readonly adistance?: AbstractDistance;
  /** Name of the tiering policy that placed it; absent without memory. */
  readonly answeredBy?: string;
  readonly topTier: boolean;
  /** Nodes that pages of this one are demoted to; both empty in the last tier. */
  readonly demotion: DemotionTargets;
  /** `access0` and `access1` of sysfs; absent where Linux shows none. */
  readonly access?: readonly [NodeAccess, NodeAccess];
  /** Distances to the online nodes, in order. */
  readonly distances: readonly number[];
  /** How often the node heads a group of equally distant ones in zonelists; it breaks ties of demotion. */
  readonly nodeLoad: number;
}

export interface NodeAccess {
  readonly coordinate: AccessCoordinate;
  readonly initiators: readonly NodeId[];
}

export interface DemotionTargets {
  /** Nearest of the next tier; one is drawn per page. */
  readonly preferred: readonly NodeId[];
  /** Every node with memory in any lower tier. */
  readonly fallback: readonly NodeId[];
}

/** Something that decided: which rule, about which node, with which numbers. */
export interface Reason {
  /** Stable name of the rule. */
  readonly rule: string;
  readonly node?: NodeId;
  readonly text: string;
}

/** One step and what came of it. */
export interface StepResult {
  readonly step: HotplugStep;
  /** Why the kernel, or the machine, does not do it. */
  readonly refused?: string;
  readonly reasons: readonly Reason[];
  readonly state: TierState;
}

/** Memory tiers from boot on. */
export interface TierHistory {
  readonly boot: TierState;
  /** Why `boot` is as it is, in the order of the kernel's life. */
  readonly reasons: readonly Reason[];
  readonly steps: readonly StepResult[];
  /** The state after the last step. */
  readonly final: TierState;
}
