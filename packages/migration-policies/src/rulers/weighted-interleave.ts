import { defineMigrationPolicy } from '@tierlab/policy';
import type { MemoryNodeView, MigrationPolicy } from '@tierlab/policy';

/**
 * New pages are spread over all nodes in proportion to their bandwidth, with the weights that the
 * kernel computes by itself.
 *
 * Source: Linux mm/mempolicy.c reduce_interleave_weights, weighted_interleave_nid, 6.16.
 */
export const weightedInterleave: MigrationPolicy = defineMigrationPolicy({
  name: 'weighted-interleave',
  doc: "New pages are spread over all nodes in proportion to their bandwidth, with the kernel's automatic weights; nothing moves.",
  signals: ['allocation'],
  create({ memory }) {
    const weights = automaticWeights(memory.nodes);
    const order = memory.nodes.flatMap((node, i) =>
      Array.from({ length: weights[i] }, () => [node.id]),
    );
    return {
      allocate: ({ pageNumber, folioPages }) =>
        order[Math.floor(pageNumber / folioPages) % order.length],
    };
  },
});

/** Shares of 32 by the lesser of read and write bandwidth, at least 1, over their common divisor. */
export function automaticWeights(
  nodes: readonly Pick<MemoryNodeView, 'readBandwidth' | 'writeBandwidth'>[],
): number[] {
  const bandwidths = nodes.map((node) => Math.min(node.readBandwidth, node.writeBandwidth));
  const total = bandwidths.reduce((sum, bandwidth) => sum + bandwidth, 0);
  const shares = bandwidths.map((bandwidth) => Math.max(1, Math.trunc((32 * bandwidth) / total)));
  const divisor = shares.reduce(commonDivisor);
  return shares.map((share) => share / divisor);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
