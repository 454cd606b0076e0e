import { createAddressSpace } from './address-space.ts';
import { bootKernel } from './boot.ts';
import { mapPage } from './first-touch.ts';
import { DEFAULT_SETTINGS, type Kernel, type KernelSettings } from './kernel.ts';
import type { MemoryNode } from './memory.ts';
import { createZones } from './zones.ts';

/** Pages of each node, all free at the start; marks of 10, 20, 30 and 40 pages. */
export interface TinyNodes {
  readonly fast: number;
  readonly slow: number;
}

/**
 * A kernel of two nodes, the CPU's node 0 above node 1, and one mapping of `pageCount` pages that starts at a huge
 * page's border; nothing is mapped yet.
 */
export function tinyKernel(
  nodes: TinyNodes,
  pageCount: number,
  settings: Partial<KernelSettings> = {},
): Kernel {
  const zones = [nodes.fast, nodes.slow].flatMap((pages, node) =>
    createZones(
      [
        {
          node,
          type: 2,
          min: 10,
          low: 20,
          high: 30,
          promo: 40,
          presentPages: pages,
          managedPages: pages,
          freePages: pages,
          perCpuPages: 0,
          perCpuUnmovable: 0,
        },
      ],
      1,
    ),
  );
  const kernel = bootKernel({
    pageCount,
    nodes: [describeNode(0, nodes.fast, true), describeNode(1, nodes.slow, false)],
    zones,
    settings: { ...DEFAULT_SETTINGS, numa_balancing: 2, demotion_enabled: true, ...settings },
    space: createAddressSpace(pageCount, [
      { virtualPage: 512, pages: Uint32Array.from({ length: pageCount }, (_, page) => page) },
    ]),
    random: () => 0.5,
  });
  kernel.localNode = 0;
  return kernel;
}

function describeNode(node: number, presentPages: number, topTier: boolean): MemoryNode {
  return {
    zones: [node],
    presentPages,
    topTier,
    preferredTargets: topTier ? [1] : [],
    fallbackTargets: topTier ? [1] : [],
    zonelist: topTier ? [0, 1] : [1, 0],
  };
}

/** Touches every page of the mapping in order. */
export function touchAll(kernel: Kernel): void {
  for (let page = 0; page < kernel.space.pageAt.length; page++) mapPage(kernel, page, 0);
}

/** Pages of the mapping by node, such as `0:180 1:20`. */
export function showNodes(kernel: Kernel): string {
  const counts = new Map<number, number>();
  for (const page of kernel.space.pageAt) {
    const node = kernel.memory.nodeOf[page];
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([a], [b]) => a - b)
    .map(([node, count]) => `${node}:${count}`)
    .join(' ');
}
