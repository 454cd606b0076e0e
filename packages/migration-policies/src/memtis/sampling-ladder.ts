/**
 * Loads and stores for each sample, which the sampler goes through a step at a time to stay within its share of a CPU.
 *
 * Source: cosmoss-jigu/memtis, linux/include/linux/htmm.h pebs_period_list, pebs_inst_period_list.
 */
const LOAD_PERIODS = [
  199, 293, 401, 499, 599, 701, 797, 907, 997, 1201, 1399, 1601, 1801, 1999, 2503, 3001, 3499, 4001,
  4507, 4999, 6007, 7001, 7993, 9001, 10_007, 12_007, 13_999, 16_001, 17_989, 19_997,
];
const STORE_PERIODS = [100_003, 300_007, 600_011, 1_000_003, 1_500_003];
/** Per mille of a CPU by which the sampler may miss its quota. */
const SLACK = 5;

/** Periods of both samplers. */
export interface SamplingPeriods {
  readonly loads: number;
  readonly stores: number;
}

/** Given the per mille of a CPU that the sampler took, the periods to go to; undefined: it is within `quota`. */
export function createSamplingLadder(
  quota: number,
): (perMille: number) => SamplingPeriods | undefined {
  let step = 0;
  return (perMille) => {
    const before = step;
    if (perMille > quota + SLACK) step = Math.min(step + 1, LOAD_PERIODS.length - 1);
    if (perMille < quota - SLACK) step = Math.max(step - 1, 0);
    if (step === before) return undefined;
    return {
      loads: LOAD_PERIODS[step],
      stores: STORE_PERIODS[Math.min(step, STORE_PERIODS.length - 1)],
    };
  };
}
