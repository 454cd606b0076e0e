import { defineMigrationPolicy } from '@tierlab/policy';
import type { MigrationPolicy } from '@tierlab/policy';

/**
 * New pages go round over all nodes by their page number; a huge page counts as one.
 *
 * Source: Linux mm/mempolicy.c interleave_nid, 6.12; a mapping of anonymous memory is numbered by
 * its addresses.
 */
export const interleave: MigrationPolicy = defineMigrationPolicy({
  name: 'interleave',
  doc: 'New pages go round over all nodes (MPOL_INTERLEAVE); nothing moves.',
  signals: ['allocation'],
  create({ memory }) {
    const order = memory.nodes.map((node) => [node.id]);
    return {
      allocate: ({ pageNumber, folioPages }) =>
        order[Math.floor(pageNumber / folioPages) % order.length],
    };
  },
});
