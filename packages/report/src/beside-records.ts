/** What a result knows of its runs that their records do not say, by run id. */
export interface BesideRecords {
  readonly slowdowns?: readonly ReplicateSlowdown[];
  readonly costs?: RunCosts;
  /** Runs that were asked for and have no record. */
  readonly refused?: readonly RefusedRun[];
}

/** A run that its policy or the model refused; `@tierlab/experiment` carries on without it. */
export interface RefusedRun {
  readonly trace: string;
  readonly machine: string;
  readonly policy: string;
  /** Parameters that were given as name=value, separated by blanks. */
  readonly params: string;
  /** Bytes that a node was cut to, by its id. */
  readonly capacities: Readonly<Record<number, number>>;
  readonly seed: number;
  /** Of the error that said so, such as `POLICY_OUT_OF_REACH`. */
  readonly code: string;
  readonly reason: string;
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
