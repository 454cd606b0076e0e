import type { AddressSpace } from './address-space.ts';
import { createClassicLists } from './classic-lru.ts';
import { columnHardware, type Hardware } from './hardware.ts';
import { createNodeState, type Kernel, type KernelSettings } from './kernel.ts';
import { createMemory, type KernelMemory, type MemoryNode } from './memory.ts';
import { createWalkedSpace } from './generation-walks.ts';
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
    settings: settingsOnly(settings),
    rules,
    nodeState: nodes.map(() => createNodeState()),
    space,
    random,
    generations: nodes.map((_, node) =>
      createGenerations(node, node * listsPerNode, zones.length, rules),
    ),
    generationOf: new Uint8Array(pageCount),
    walked: createWalkedSpace(space, hardware, nodes.length),
    classic: nodes.map((_, node) =>
      createClassicLists(node, node * listsPerNode + MAX_GENERATIONS * zones.length),
    ),
    countsDueMs: 0,
    localNode: -1,
    nowMs: 0,
  };
}

/** The settings without what else a policy's parameters are, in an object that is like that of every other kernel. */
const settingsOnly = (settings: KernelSettings): KernelSettings => ({
  kernel: settings.kernel,
  numa_balancing: settings.numa_balancing,
  numa_balancing_promote_rate_limit_MBps: settings.numa_balancing_promote_rate_limit_MBps,
  demotion_enabled: settings.demotion_enabled,
  lru_gen_enabled: settings.lru_gen_enabled,
  hot_threshold_ms: settings.hot_threshold_ms,
  scan_delay_ms: settings.scan_delay_ms,
  scan_period_min_ms: settings.scan_period_min_ms,
  scan_period_max_ms: settings.scan_period_max_ms,
  scan_size_mb: settings.scan_size_mb,
  swappiness: settings.swappiness,
});
