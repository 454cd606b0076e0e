import { InputError } from '@tierlab/core';

/** What can be wrong with an experiment that was asked for. */
export type ExperimentErrorCode =
  /** A list of the matrix is empty, or names one thing twice. */
  | 'EXPERIMENT_BAD_MATRIX'
  /** Text that is no shard: `i/n` with 1 <= i <= n. */
  | 'EXPERIMENT_BAD_SHARD'
  /** Two stores disagree about one run. */
  | 'EXPERIMENT_CONFLICT'
  /** Shards of different experiments, inputs or versions. */
  | 'EXPERIMENT_SHARD_MISMATCH'
  /** One shard given twice. */
  | 'EXPERIMENT_DUPLICATE_SHARD'
  /** A shard that is not given. */
  | 'EXPERIMENT_MISSING_SHARD'
  /** Runs that a merge or a plan needs and nobody has made. */
  | 'EXPERIMENT_MISSING_RUNS'
  /** Text that is no threshold: `slowdown > 1.05`. */
  | 'EXPERIMENT_BAD_THRESHOLD'
  /** A cost expression that cannot be read or does not give an amount of money. */
  | 'EXPERIMENT_BAD_COST'
  /** A part of a trace that is not there. */
  | 'EXPERIMENT_BAD_WINDOW'
  /** A plan or search whose numbers make no sense. */
  | 'EXPERIMENT_BAD_REQUEST';

/** An experiment cannot be made as it was asked for; the message says what to change. */
export class ExperimentError extends InputError<ExperimentErrorCode> {
  override readonly name: string = 'ExperimentError';
}
