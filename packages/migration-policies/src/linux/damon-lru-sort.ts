import {
  activeMemoryBp,
  createScheme,
  DEFAULT_SETTINGS,
  KERNEL_SIGNALS,
  simulateDamon,
  simulateKernel,
  sortLru,
  type DamosPattern,
  type DamosScheme,
} from '@tierlab/linux-mm';
import { count, defineMigrationPolicy, flag, type MigrationPolicy } from '@tierlab/policy';
import { activeMemoryScores } from './active-memory-goal.ts';
import { attributesOf, AUTOTUNED, autotuneParam, monitorParams } from './damon-params.ts';
import { reclaimParams } from './kernel-params.ts';

/** Pages that a time quota allows for each of its milliseconds before anything was measured. Source: damos_set_effective_quota. */
const PAGES_PER_MS = 1024;
const FULL_BP = 10_000;

/**
 * DAMON_LRU_SORT: hot regions to the young end of the LRU, cold ones to the old end, so that kswapd demotes better
 * ones. It moves nothing itself. Source: Linux 6.12, mm/damon/lru_sort.c; its three newest knobs are of 7.0.
 */
export const damonLruSort: MigrationPolicy = defineMigrationPolicy({
  name: 'damon-lru-sort',
  doc: 'DAMON_LRU_SORT: sorts the LRU by what a monitor sees; kswapd then demotes what is coldest.',
  signals: KERNEL_SIGNALS,
  params: {
    hot_thres_access_freq: count({
      default: 500,
      max: 1000,
      doc: 'Per mille of samples in which a hot region is accessed.',
    }),
    cold_min_age: count({
      default: 120_000_000,
      doc: 'Microseconds for which a cold region was not accessed.',
    }),
    quota_ms: count({ default: 10, doc: 'CPU time for both schemes in a reset interval.' }),
    quota_reset_interval_ms: count({ default: 1000, min: 1, doc: 'quota_reset_interval_ms.' }),
    wmarks_interval: count({
      default: 5_000_000,
      min: 1,
      doc: 'Microseconds between two looks at free memory.',
    }),
    wmarks_high: count({
      default: 200,
      max: 1000,
      doc: 'Free memory above which it sleeps, per mille.',
    }),
    wmarks_mid: count({
      default: 150,
      max: 1000,
      doc: 'Free memory below which it wakes, per mille.',
    }),
    wmarks_low: count({
      default: 50,
      max: 1000,
      doc: 'Free memory below which it sleeps, per mille.',
    }),
    active_mem_bp: count({
      default: 0,
      max: FULL_BP,
      doc: 'Wanted share of active memory, ten-thousandths, by which the quotas are tuned; 0: they are not.',
    }),
    filter_young_pages: flag({
      default: false,
      doc: 'Of a hot region only the pages whose accessed bit is set, of a cold one only the others.',
    }),
    ...autotuneParam(),
    ...monitorParams(),
    ...reclaimParams(true),
  },
  create(context) {
    const { params, signals } = context;
    const autotuned = params.autotune_monitoring_intervals ? AUTOTUNED : undefined;
    const attributes = { ...attributesOf(params), ...autotuned?.attributes };
    const samples = Math.trunc(attributes.aggregationUs / attributes.sampleUs);
    const activeBp = (): number => activeMemoryBp(machine.kernel);
    const scores =
      params.active_mem_bp === 0 ? undefined : activeMemoryScores(activeBp, params.active_mem_bp);
    const scheme = (
      action: DamosScheme['action'],
      pattern: DamosPattern,
      score: (() => number) | undefined,
    ): DamosScheme =>
      createScheme({
        action,
        pattern,
        applyUs: attributes.aggregationUs,
        quota: {
          pages: Math.trunc(params.quota_ms / 2) * PAGES_PER_MS,
          resetMs: params.quota_reset_interval_ms,
          weightAccesses: 1,
          weightAge: 0,
          ...(score && { score }),
        },
        watermarks: {
          high: params.wmarks_high,
          mid: params.wmarks_mid,
          low: params.wmarks_low,
          intervalUs: params.wmarks_interval,
        },
      });
    const hot = scheme(
      'lru_prio',
      {
        accessesMin: Math.trunc((samples * params.hot_thres_access_freq) / 1000),
        accessesMax: Infinity,
        ageMin: 0,
        ageMax: Infinity,
      },
      scores?.hot,
    );
    const cold = scheme(
      'lru_deprio',
      {
        accessesMin: 0,
        accessesMax: 0,
        ageMin: Math.trunc(params.cold_min_age / attributes.aggregationUs),
        ageMax: Infinity,
      },
      scores?.cold,
    );
    const machine = simulateKernel(context, { settings: { ...DEFAULT_SETTINGS, ...params } });
    /** Clears the bit that it finds. Source: mm/damon/ops-common.c, damos_folio_filter_match. */
    const isYoung = (page: number): boolean => (signals.accessedBits.read(page, 1) & 1) === 1;
    const apply = (applied: DamosScheme, found: readonly number[]): number => {
      const prio = applied === hot;
      let sorted = 0;
      for (const page of found) {
        if (params.filter_young_pages && isYoung(page) !== prio) continue;
        if (sortLru(machine.kernel, page, prio)) sorted++;
      }
      return sorted;
    };
    const schemes = [hot, cold];
    const monitor = simulateDamon(context, undefined, attributes, schemes, apply, {
      goal: autotuned?.goal,
    });
    return {
      ...machine,
      start() {
        machine.start();
        monitor.start();
      },
    };
  },
});
