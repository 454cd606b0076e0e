import { createScheme, migrateTo, simulateDamon, type DamosScheme } from '@tierlab/linux-mm';
import { count, defineMigrationPolicy, type MigrationPolicy } from '@tierlab/policy';
import { attributesOf, monitorParams } from './damon-params.ts';

const PAGE_BYTES = 4096;
const FULL_BP = 10_000;

/**
 * Two DAMON schemes for every pair of tiers: accessed regions go up until the upper node is full, idle ones go down
 * until a little of it is free.
 *
 * Source: Linux 6.17, samples/damon/mtier.c, mm/damon/core.c, mm/damon/paddr.c.
 */
export const damonTier: MigrationPolicy = defineMigrationPolicy({
  name: 'damon-tier',
  doc: 'DAMON: regions that are accessed move up to a wanted fill of the upper tier, idle ones move down.',
  signals: ['accessedBits'],
  params: {
    node_mem_used_bp: count({
      default: 9970,
      max: FULL_BP,
      doc: 'Goal of promotion: used memory of the upper node, ten-thousandths.',
    }),
    node_mem_free_bp: count({
      default: 50,
      min: 1,
      max: FULL_BP,
      doc: 'Goal of demotion: free memory of the upper node, ten-thousandths.',
    }),
    quota_bytes: count({
      default: 209_715_200,
      doc: 'quotas/bytes: most that one scheme moves in a reset interval.',
    }),
    reset_interval_ms: count({ default: 1000, min: 1, doc: 'quotas/reset_interval_ms.' }),
    apply_interval_us: count({ default: 1_000_000, min: 1, doc: 'schemes/N/apply_interval_us.' }),
    weight_nr_accesses: count({ default: 100, doc: 'quotas/weights/nr_accesses_permil.' }),
    weight_age: count({ default: 100, doc: 'quotas/weights/age_permil.' }),
    access_bp: count({
      default: 400,
      max: FULL_BP,
      doc: 'intervals_goal/access_bp: share of access events to see; 0 keeps the intervals.',
    }),
    aggrs: count({
      default: 3,
      min: 1,
      doc: 'intervals_goal/aggrs: aggregations between two changes of the intervals.',
    }),
    min_sample_us: count({ default: 5000, min: 1, doc: 'intervals_goal/min_sample_us.' }),
    max_sample_us: count({ default: 10_000_000, min: 1, doc: 'intervals_goal/max_sample_us.' }),
    ...monitorParams(),
  },
  create(context) {
    const { params, memory, signals, moves } = context;
    const { accessedBits } = signals;
    const goal =
      params.access_bp === 0
        ? undefined
        : {
            accessBp: params.access_bp,
            aggregations: params.aggrs,
            sampleUsMin: params.min_sample_us,
            sampleUsMax: params.max_sample_us,
          };
    const options = { goal, lastSplit: { regionCount: 0 } };
    const quota = (score: () => number): DamosScheme['quota'] => ({
      pages: Math.trunc(params.quota_bytes / PAGE_BYTES),
      resetMs: params.reset_interval_ms,
      weightAccesses: params.weight_nr_accesses,
      weightAge: params.weight_age,
      score,
    });
    const freeBp = (node: number): number =>
      (memory.freePages(node) * FULL_BP) / memory.node(node).capacityPages;
    const young = (page: number): boolean => (accessedBits.read(page, 0) & 1) === 1;
    const monitors = memory.nodes.flatMap(({ id }) => {
      const above = memory.above(id);
      const below = memory.below(id);
      const up =
        above === undefined
          ? []
          : [
              simulateDamon(
                context,
                id,
                attributesOf(params),
                [
                  createScheme({
                    action: 'migrate_hot',
                    pattern: { accessesMin: 1, accessesMax: Infinity, ageMin: 0, ageMax: Infinity },
                    applyUs: params.apply_interval_us,
                    quota: quota(
                      () =>
                        ((FULL_BP - freeBp(above)) * FULL_BP) /
                        Math.max(1, params.node_mem_used_bp),
                    ),
                  }),
                ],
                (_, found) => migrateTo(moves, found.filter(young), above),
                options,
              ),
            ];
      const down =
        below === undefined
          ? []
          : [
              simulateDamon(
                context,
                id,
                attributesOf(params),
                [
                  createScheme({
                    action: 'migrate_cold',
                    pattern: { accessesMin: 0, accessesMax: 0, ageMin: 0, ageMax: Infinity },
                    applyUs: params.apply_interval_us,
                    quota: quota(() => (freeBp(id) * FULL_BP) / params.node_mem_free_bp),
                  }),
                ],
                (_, found) =>
                  migrateTo(
                    moves,
                    found.filter((page) => !young(page)),
                    below,
                  ),
                options,
              ),
            ];
      return [...up, ...down];
    });
    return {
      start() {
        for (const monitor of monitors) monitor.start();
      },
    };
  },
});
