import type { KernelVersion } from '../kernel.ts';
import type { AccessCoordinate, Machine } from '../machine.ts';
import type { AbstractDistance, NodeId } from '../units.ts';
import type { DramReference } from './adistance.ts';

/**
 * A tiering policy: it places nodes, by giving them an abstract distance. The kernel calls such a
 * thing an abstract distance algorithm. Of several, the one with the highest `priority` is asked
 * first (of equals the one that registered first) and the first answer counts.
 */
export interface TieringPolicy {
  readonly name: string;
  readonly priority: number;
  /**
   * Called once, when firmware was read and before any node is placed by an algorithm. A returned
   * text is why the policy does not register at all, and is recorded.
   */
  readonly register?: (view: TieringView) => string | undefined;
  /** The distance of `node`, or a pass to the next policy; `undefined` passes without a reason. */
  readonly adistance: (
    node: NodeId,
    view: TieringView,
  ) => AbstractDistance | TieringAnswer | TieringPass | undefined;
}

export interface TieringAnswer {
  readonly adistance: AbstractDistance;
  /** Why, with the numbers. */
  readonly reason: string;
}

export interface TieringPass {
  /** Why the policy has no answer for this node. */
  readonly pass: string;
}

/** What a tiering policy sees. */
export interface TieringView {
  readonly machine: Machine;
  readonly kernel: KernelVersion;
  /** Who wants to know: memory of boot or of ACPI hot-plug, or the dax/kmem driver. */
  readonly asker: 'memory' | 'kmem';
  /** Nodes that had memory and a CPU early at boot, ascending: those that DRAM is measured on. */
  readonly defaultDramNodes: readonly NodeId[];
  /** Coordinates of the CXL regions that exist, by node; class 0 and 1. */
  readonly cxlRegions: ReadonlyMap<NodeId, readonly [AccessCoordinate, AccessCoordinate]>;
  readonly dramReference: DramReference | undefined;
  /**
   * Measures DRAM on `node`: the first becomes the reference, later ones must agree with it within
   * 10 %. A returned text is why not; one disagreement turns every distance off for good.
   */
  readonly setDefaultDram: (
    node: NodeId,
    coordinate: AccessCoordinate,
    source: string,
  ) => string | undefined;
  /** The distance of memory of that performance against the DRAM reference, or a pass that says why none. */
  readonly performanceToAdistance: (coordinate: AccessCoordinate) => TieringAnswer | TieringPass;
}
