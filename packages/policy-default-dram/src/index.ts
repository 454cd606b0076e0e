import {
  ADISTANCE_DAX,
  ADISTANCE_DRAM,
  defineTieringPolicy,
  type TieringPolicy,
} from '@tierlab/policy/tiering';

/**
 * Answers for every node that nobody else placed: memory is DRAM (576, tier 4), but memory that the
 * dax/kmem driver brings is five times as far (2880, tier 22).
 * Source: Linux mm/memory-tiers.c set_node_memory_tier; drivers/dax/kmem.c MEMTIER_DEFAULT_DAX_ADISTANCE.
 */
export const defaultDram: TieringPolicy = defineTieringPolicy({
  name: 'default-dram',
  priority: 0,
  adistance: (_, { asker }) =>
    asker === 'kmem'
      ? { adistance: ADISTANCE_DAX, reason: 'nobody knows better, and it is kmem memory' }
      : { adistance: ADISTANCE_DRAM, reason: 'nobody knows better, so it counts as DRAM' },
});

export { defaultDram as policy };
