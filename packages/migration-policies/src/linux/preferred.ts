import { defineMigrationPolicy, type MigrationPolicy } from '@tierlab/policy';
import { nodeSet, parseNodes } from './node-set.ts';

/**
 * `MPOL_PREFERRED` and `MPOL_PREFERRED_MANY`: pages come from the named nodes while they have room, then from the
 * nearest node that has; nothing moves. Source: Linux 6.12, mm/mempolicy.c.
 */
export const preferred: MigrationPolicy = defineMigrationPolicy({
  name: 'preferred',
  doc: 'MPOL_PREFERRED: new pages come from the named nodes first, then from the nearest; nothing moves.',
  signals: ['allocation'],
  params: {
    nodes: nodeSet({ default: '0', doc: 'The preferred nodes, as a kernel list: 0-1,3.' }),
  },
  create({ params, memory }) {
    const nodes = parseNodes(params.nodes, memory);
    return { allocate: () => nodes };
  },
});
