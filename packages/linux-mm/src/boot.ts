import type { AddressSpace } from './address-space.ts';
import { createClassicLists } from './classic-lru.ts';
import { columnHardware, type Hardware } from './hardware.ts';
import { createNodeState, type Kernel, type KernelSettings } from './kernel.ts';
import { createMemory, type KernelMemory, type MemoryNode } from './memory.ts';
import { createGenerations, MAX_GENERATIONS } from './generations.ts';
import { rulesOf } from './versions.ts';
import type { Zone } from './zones.ts';

/** What a kernel starts from: the machine's nodes and zones, the settings, one task's mappings. */
export interface KernelDescription {
  readonly pageCount: number;
  readonly nodes: readonly MemoryNode[];
  readonly zones: readonly Zone[];
  readonly settings: KernelSettings;
  readonly space: AddressSpace;
  readonly random: () => number;
  /** Who holds the pages; the kernel's own columns where it is not given. */
  readonly hardware?: (memory: KernelMemory) => Hardware;
}

/** Makes a kernel with no page mapped. */
export function bootKernel(description: KernelDescription): Kernel {
  const { pageCount, nodes, zones, settings, space, random } = description;
  const listsPerNode = MAX_GENERATIONS * zones.length + 2;
  const memory = createMemory(pageCount, nodes, zones, listsPerNode * nodes.length);
  const rules = rulesOf(settings.kernel);
  const hardware = (description.hardware ?? columnHardware)(memory);
  return {
    memory,
    hardware,
    settings,
    rules,
    nodeState: nodes.map(() => createNodeState()),
    space,
    random,
    generations: nodes.map((_, node) =>
      createGenerations(node, node * listsPerNode, zones.length, rules),
    ),
    generationOf: new Uint8Array(pageCount),
    walked: { space, hardware, ranSinceWalk: new Uint8Array(nodes.length) },
    classic: nodes.map((_, node) =>
      createClassicLists(node, node * listsPerNode + MAX_GENERATIONS * zones.length),
    ),
    localNode: -1,
    nowMs: 0,
  };
}
