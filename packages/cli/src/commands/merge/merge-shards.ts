import { assert } from '@tierlab/core';
import {
  checkShards,
  ExperimentError,
  findFinished,
  mergeStores,
  type RunOutcome,
} from '@tierlab/experiment';

import type { CommandContext } from '../../context.ts';
import { runsDirectory, directoryStore } from '../../files/run-store.ts';
import { readShardFile } from '../../files/shard-file.ts';
import { makeResult } from '../compare/make-result.ts';
import { showResult } from '../compare/show-result.ts';

/** Options of `tierlab merge`, as the command line gives them. */
export interface MergeOptions {
  readonly out: string;
  readonly json?: boolean;
}

/**
 * Gathers the runs of the shards in `directories`, and shows and writes the result of the whole experiment: the bytes that
 * one call without shards would have written.
 */
export async function mergeShards(
  directories: readonly string[],
  options: MergeOptions,
  context: CommandContext,
): Promise<void> {
  const shards = await Promise.all(
    directories.map(async (name) => Object.assign(await readShardFile(name), { name })),
  );
  checkShards(shards);
  const [first] = shards;
  assert(first !== undefined, 'the command takes at least one folder');
  const { points, frame, assumed, reading } = first.experiment;
  const target = directoryStore(runsDirectory(options.out, reading));
  const sources = directories.map((name) => directoryStore(runsDirectory(name, reading)));
  const missing = await mergeStores(points, sources, target);
  const [lost] = missing;
  if (lost !== undefined) {
    throw new ExperimentError(
      'EXPERIMENT_MISSING_RUNS',
      `${missing.length} of ${points.length} runs are in none of ${directories.join(', ')}, as ${lost.policy} on ${lost.trace}; run that shard again, which makes what is missing`,
    );
  }
  const finished = await findFinished(points, target);
  const outcomes = points.map(({ id }) => finished.get(id) as RunOutcome);
  await showResult(makeResult(points, outcomes, frame), assumed, options, context);
}
