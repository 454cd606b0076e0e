/** What a result knows of its runs that their records do not say, by run id. */
export interface BesideRecords {
  readonly slowdowns?: readonly ReplicateSlowdown[];
  readonly costs?: RunCosts;
}

/** The slowdown of runs that differ in their seed or window alone; `@tierlab/experiment` makes them. */
export interface ReplicateSlowdown {
  /** Ids of the runs. */
  readonly runs: readonly string[];
  /** Geometric mean. */
  readonly mean: number;
  /** Ends of its interval; absent with too few replicates that differ. */
  readonly low?: number;
  readonly high?: number;
}

/** What memory costs in each run. */
export interface RunCosts {
  /** `USD`. */
  readonly currency: string;
  readonly expression: string;
  /** Prices and other quantities, as they were given. */
  readonly quantities: Readonly<Record<string, string>>;
  /** By run id. */
  readonly cost: Readonly<Record<string, number>>;
}
