import { DAMON_DEFAULTS, type DamonAttributes, type IntervalsGoal } from '@tierlab/linux-mm';
import { count, flag, type Param } from '@tierlab/policy';

/** Knobs of every DAMON monitor under the names of its sysfs files, with their unit. */
export function monitorParams(): {
  readonly sample_us: Param<number>;
  readonly aggr_us: Param<number>;
  readonly min_nr_regions: Param<number>;
  readonly max_nr_regions: Param<number>;
} {
  return {
    sample_us: count({
      default: DAMON_DEFAULTS.sampleUs,
      min: 1,
      doc: 'intervals/sample_us: time between two looks at a region.',
    }),
    aggr_us: count({
      default: DAMON_DEFAULTS.aggregationUs,
      min: 1,
      doc: 'intervals/aggr_us: time over which accesses are counted.',
    }),
    min_nr_regions: count({ default: DAMON_DEFAULTS.regionsMin, min: 3, doc: 'nr_regions/min.' }),
    max_nr_regions: count({
      default: DAMON_DEFAULTS.regionsMax,
      min: 3,
      doc: 'nr_regions/max: bounds the work of one sample.',
    }),
  };
}

/** The monitor that the values of {@link monitorParams} ask for. */
export function attributesOf(params: {
  readonly sample_us: number;
  readonly aggr_us: number;
  readonly min_nr_regions: number;
  readonly max_nr_regions: number;
}): DamonAttributes {
  return {
    sampleUs: params.sample_us,
    aggregationUs: Math.max(params.aggr_us, params.sample_us),
    regionsMin: params.min_nr_regions,
    regionsMax: params.max_nr_regions,
  };
}

/** The knob of DAMON_LRU_SORT, since 7.0, and of DAMON_RECLAIM, later, that has them tune their intervals. */
export function autotuneParam(): { readonly autotune_monitoring_intervals: Param<boolean> } {
  return {
    autotune_monitoring_intervals: flag({
      default: false,
      doc: 'The monitor tunes its intervals, from 5 and 100 ms on, to see 0.4 % of the possible accesses.',
    }),
  };
}

/** What that knob sets. Source: mm/damon/lru_sort.c and reclaim.c, their apply_parameters, 7.2. */
export const AUTOTUNED: {
  readonly attributes: Pick<DamonAttributes, 'sampleUs' | 'aggregationUs'>;
  readonly goal: IntervalsGoal;
} = {
  attributes: { sampleUs: 5000, aggregationUs: 100_000 },
  goal: { accessBp: 40, aggregations: 3, sampleUsMin: 5000, sampleUsMax: 10_000_000 },
};
