import { DAMON_DEFAULTS, type DamonAttributes } from '@tierlab/linux-mm';
import { count, type Param } from '@tierlab/policy';

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
