import { assert } from '../errors.ts';
import type { AbstractDistance, NodeId } from '../units.ts';
import { tierStart } from './adistance.ts';

/** Memory of one abstract distance. `references` is the kernel's kref. */
export interface MemoryType {
  readonly adistance: AbstractDistance;
  readonly owner: 'default' | 'kmem';
  readonly nodes: Set<NodeId>;
  references: number;
  tier: MemoryTier | undefined;
}

/** All memory types of one chunk of abstract distances. */
export interface MemoryTier {
  readonly start: number;
  readonly types: MemoryType[];
}

interface NodeMap {
  type: MemoryType | undefined;
  mapCount: number;
}

/**
 * Memory types and the tiers they make up.
 * Source: Linux mm/memory-tiers.c, functions of the same names in snake case.
 */
export class MemoryTypes {
  /** Fastest first. */
  readonly tiers: MemoryTier[] = [];
  /** Types that their owner can find again. */
  private readonly lists: Record<MemoryType['owner'], MemoryType[]> = { default: [], kmem: [] };
  private readonly maps = new Map<NodeId, NodeMap>();
  private readonly tierOfNode = new Map<NodeId, MemoryTier>();

  findOrAllocate(adistance: AbstractDistance, owner: MemoryType['owner']): MemoryType {
    const list = this.lists[owner];
    const known = list.find((type) => type.adistance === adistance);
    if (known) return known;
    const type = { adistance, owner, nodes: new Set<NodeId>(), references: 1, tier: undefined };
    list.unshift(type);
    return type;
  }

  /** Drops the list's own reference of each type, as the kmem module does when it goes. */
  putTypes(owner: MemoryType['owner']): void {
    for (const type of this.lists[owner].splice(0)) type.references--;
  }

  typeOf(node: NodeId): MemoryType | undefined {
    return this.maps.get(node)?.type;
  }

  mapCount(node: NodeId): number {
    return this.maps.get(node)?.mapCount ?? 0;
  }

  /** A node keeps the first type it gets; the first map of that type takes the node's one reference. */
  initNodeType(node: NodeId, type: MemoryType): boolean {
    const map = this.maps.get(node) ?? { type: undefined, mapCount: 0 };
    this.maps.set(node, map);
    map.type ??= type;
    if (map.type !== type) return false;
    if (map.mapCount++ === 0) type.references++;
    return true;
  }

  /** Undoes one map, whatever the type. With the last the node forgets its type. */
  clearNodeType(node: NodeId): void {
    const map = this.maps.get(node);
    if (!map?.type) return;
    map.mapCount--;
    if (map.mapCount > 0) return;
    map.type.references--;
    map.type = undefined;
  }

  tierOf(node: NodeId): MemoryTier | undefined {
    return this.tierOfNode.get(node);
  }

  nodesOf(tier: MemoryTier): NodeId[] {
    return tier.types.flatMap((type) => [...type.nodes]).sort((a, b) => a - b);
  }

  /** The node joins its type, and the type its tier, which is made where it was not. */
  joinTier(node: NodeId): MemoryTier {
    const type = this.typeOf(node);
    assert(type, `node ${node} joins a tier without a memory type`);
    type.nodes.add(node);
    type.tier ??= this.tierOfType(type);
    this.tierOfNode.set(node, type.tier);
    return type.tier;
  }

  private tierOfType(type: MemoryType): MemoryTier {
    const start = tierStart(type.adistance);
    let tier = this.tiers.find((tier) => tier.start === start);
    if (!tier) {
      tier = { start, types: [] };
      const slower = this.tiers.findIndex((tier) => tier.start > start);
      this.tiers.splice(slower === -1 ? this.tiers.length : slower, 0, tier);
    }
    tier.types.unshift(type);
    return tier;
  }

  /** The node leaves its tier but keeps its type. A tier without types is gone. False: it had none. */
  leaveTier(node: NodeId): boolean {
    const tier = this.tierOfNode.get(node);
    if (!tier) return false;
    this.tierOfNode.delete(node);
    const type = tier.types.find((type) => type.nodes.has(node));
    assert(type, `node ${node} is in a tier that has no type of it`);
    type.nodes.delete(node);
    if (type.nodes.size > 0) return true;
    tier.types.splice(tier.types.indexOf(type), 1);
    type.tier = undefined;
    if (tier.types.length === 0) this.tiers.splice(this.tiers.indexOf(tier), 1);
    return true;
  }
}
