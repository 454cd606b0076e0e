import { createScheme, migrateTo, simulateDamon } from '@tierlab/linux-mm';
import { count, defineMigrationPolicy, type MigrationPolicy } from '@tierlab/policy';
import { attributesOf, AUTOTUNED, autotuneParam, monitorParams } from './damon-params.ts';

const PAGE_BYTES = 4096;
/** Pages that a time quota allows for each of its milliseconds before anything was measured. Source: damos_set_effective_quota. */
const PAGES_PER_MS = 1024;

/**
 * DAMON_RECLAIM with the next tier as its backing store: regions idle for `min_age` leave every node that has a tier
 * below, coldest first.
 *
 * The kernel's own writes them to swap and never demotes them (`no_demotion` of `reclaim_pages`); a machine of memory
 * tiers alone has nowhere else to put them. Source: Linux 6.12, mm/damon/reclaim.c, mm/vmscan.c.
 */
export const damonReclaim: MigrationPolicy = defineMigrationPolicy({
  name: 'damon-reclaim',
  doc: 'DAMON_RECLAIM with the tier below as its swap: regions idle for long are moved down, coldest first.',
  signals: ['accessedBits'],
  params: {
    min_age: count({
      default: 120_000_000,
      doc: 'Microseconds for which a region was not accessed.',
    }),
    quota_ms: count({ default: 10, doc: 'CPU time in a reset interval.' }),
    quota_sz: count({ default: 134_217_728, doc: 'Bytes in a reset interval.' }),
    quota_reset_interval_ms: count({ default: 1000, min: 1, doc: 'quota_reset_interval_ms.' }),
    wmarks_interval: count({
      default: 5_000_000,
      min: 1,
      doc: 'Microseconds between two looks at free memory.',
    }),
    wmarks_high: count({
      default: 500,
      max: 1000,
      doc: 'Free memory above which it sleeps, per mille.',
    }),
    wmarks_mid: count({
      default: 400,
      max: 1000,
      doc: 'Free memory below which it wakes, per mille.',
    }),
    wmarks_low: count({
      default: 200,
      max: 1000,
      doc: 'Free memory below which it sleeps, per mille.',
    }),
    ...autotuneParam(),
    ...monitorParams(),
  },
  create(context) {
    const { params, memory, moves } = context;
    const autotuned = params.autotune_monitoring_intervals ? AUTOTUNED : undefined;
    const attributes = { ...attributesOf(params), ...autotuned?.attributes };
    const lastSplit = { regionCount: 0 };
    const monitors = memory.nodes.flatMap(({ id }) => {
      const below = memory.below(id);
      if (below === undefined) return [];
      const scheme = createScheme({
        action: 'pageout',
        pattern: {
          accessesMin: 0,
          accessesMax: 0,
          ageMin: Math.trunc(params.min_age / attributes.aggregationUs),
          ageMax: Infinity,
        },
        applyUs: attributes.aggregationUs,
        quota: {
          pages: Math.min(Math.trunc(params.quota_sz / PAGE_BYTES), params.quota_ms * PAGES_PER_MS),
          resetMs: params.quota_reset_interval_ms,
          weightAccesses: 0,
          weightAge: 1,
        },
        watermarks: {
          high: params.wmarks_high,
          mid: params.wmarks_mid,
          low: params.wmarks_low,
          intervalUs: params.wmarks_interval,
        },
      });
      return [
        simulateDamon(
          context,
          id,
          attributes,
          [scheme],
          (_, found) => migrateTo(moves, found, below),
          { goal: autotuned?.goal, lastSplit },
        ),
      ];
    });
    return {
      start() {
        for (const monitor of monitors) monitor.start();
      },
    };
  },
});
