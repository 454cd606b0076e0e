import { defineMigrationPolicy, type MigrationPolicy, type NodeId } from '@tierlab/policy';
import { nodeSet, parseNodes } from './node-set.ts';

/**
 * `MPOL_BIND`: pages come from a set of nodes only, the nearest first, while these have room; nothing moves.
 *
 * The kernel reclaims or fails where the set is full; here the page then comes from anywhere, as a trace cannot fail.
 * Source: Linux 6.12, mm/mempolicy.c.
 */
export const bind: MigrationPolicy = defineMigrationPolicy({
  name: 'bind',
  doc: 'MPOL_BIND: new pages come from the nodes of a set, nearest first; nothing moves.',
  signals: ['allocation'],
  params: { nodes: nodeSet({ default: '0', doc: 'The set, as a kernel list: 0-1,3.' }) },
  create({ params, memory }) {
    const nodes = parseNodes(params.nodes, memory);
    const nearestFirst = new Map<NodeId, readonly NodeId[]>();
    return {
      allocate({ initiator }) {
        let order = nearestFirst.get(initiator);
        if (order === undefined) {
          order = nodes.toSorted(
            (a, b) => memory.distance(initiator, a) - memory.distance(initiator, b),
          );
          nearestFirst.set(initiator, order);
        }
        return order;
      },
    };
  },
});
