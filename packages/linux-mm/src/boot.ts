import type { AddressSpace } from './address-space.ts';
import { createClassicLists } from './classic-lru.ts';
import { createNodeState, type Kernel, type KernelSettings } from './kernel.ts';
import { createMemory, type MemoryNode } from './memory.ts';
import { createGenerations, MAX_GENERATIONS } from './mglru.ts';
import type { Zone } from './zones.ts';

/** What a kernel starts from: the machine's nodes and zones, the settings, one task's mappings. */
export interface KernelDescription {
  readonly pageCount: number;
  readonly nodes: readonly MemoryNode[];
  readonly zones: readonly Zone[];
  readonly settings: KernelSettings;
  readonly space: AddressSpace;
  readonly random: () => number;
}

/** Makes a kernel with no page mapped. */
export function bootKernel(description: KernelDescription): Kernel {
  const { pageCount, nodes, zones, settings, space, random } = description;
  const listsPerNode = MAX_GENERATIONS * zones.length + 2;
  const memory = createMemory(pageCount, nodes, zones, listsPerNode * nodes.length);
  return {
    memory,
    settings,
    nodeState: nodes.map(() => createNodeState()),
    space,
    random,
    generations: nodes.map((_, node) => createGenerations(node, node * listsPerNode, zones.length)),
    generationOf: new Uint8Array(pageCount),
    walked: {
      space,
      pmdCount: space.pmdAccessed.length,
      ranSinceWalk: new Uint8Array(nodes.length),
    },
    classic: nodes.map((_, node) =>
      createClassicLists(node, node * listsPerNode + MAX_GENERATIONS * zones.length),
    ),
    nowMs: 0,
  };
}
