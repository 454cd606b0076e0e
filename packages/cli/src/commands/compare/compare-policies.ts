import {
  expandExperiment,
  inProcessExecutor,
  mapPoints,
  memoryStore,
  parseShard,
  isRefused,
  recordsOf,
  sweepOutcomes,
  shardPoints,
  type RunOutcome,
  type RunPoint,
  type Shard,
} from '@tierlab/experiment';

import { BASELINE_POLICY } from '@tierlab/report';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { keptRuns } from '../../files/run-store.ts';
import { writeShardFile } from '../../files/shard-file.ts';
import { policyChoices } from '../../plugins/migration-policies.ts';
import { startProgress } from '../../terminal/progress.ts';
import { chooseMapped } from './choose-mapped.ts';
import { givenCost, type CostOptions } from './cost-options.ts';
import { makeResult, parseThresholds } from './make-result.ts';
import { readExperiment, type ReadExperiment, type ExperimentOptions } from './read-experiment.ts';
import { parseWhole } from './run-options.ts';
import { startRunWorkers } from './run-workers.ts';
import { showResult } from './show-result.ts';

/** Options of `tierlab compare`, as the command line gives them. */
export interface CompareOptions extends ExperimentOptions, CostOptions {
  readonly heatMaps: string;
  readonly config?: string;
  readonly jobs: string;
  readonly failIf: readonly string[];
  readonly out?: string;
  readonly shard?: string;
  readonly json?: boolean;
}

/** Replays every trace on every machine under every policy, and shows and writes what came of it. */
export async function comparePoliciesOf(
  asked: CompareOptions,
  context: CommandContext,
): Promise<void> {
  const options = withBaseline(asked);
  const cost = givenCost(options);
  parseThresholds(options.failIf, cost);
  const heatMaps = parseWhole('--heat-maps', options.heatMaps, 0);
  const jobs = parseWhole('--jobs', options.jobs, 1);
  if (jobs > 1 && options.trace.includes('-')) {
    throw new CliError(
      'CLI_BAD_OPTION',
      '--jobs: every thread reads the trace, and standard input can be read once; give the trace as a file',
    );
  }
  const shard = givenShard(options);
  const read = await readExperiment(options, process.cwd(), context);
  const points = expandExperiment(read.experiment);
  const frame = {
    title: `${options.trace.join(', ')} on ${options.machine.join(', ')}`,
    failIf: options.failIf,
    sheets: read.sheets,
    ...(cost && { cost }),
  };
  if (shard !== undefined) {
    const part = shardPoints(points, shard);
    await carryOut(read, part, jobs, options, context);
    const { assumed, reading } = read;
    await writeShardFile(shard.out, shard, { points, frame, assumed, reading });
    context.stderr.write(
      `shard ${options.shard} has ${part.length} of ${points.length} runs, in ${shard.out}; tierlab merge puts the shards together\n`,
    );
    return;
  }
  const outcomes = await carryOut(read, points, jobs, options, context);
  // Nothing to show: the first refusal is the answer.
  if (outcomes.every(isRefused)) recordsOf(outcomes);
  const mapped = options.out === undefined ? [] : chooseMapped(points, outcomes, heatMaps);
  const maps = await mapPoints(read.experiment, mapped);
  const result = makeResult(points, outcomes, { ...frame, heatMaps: maps });
  await showResult(result, read.assumed, options, context);
}

/** The same with the ruler that slowdowns are measured against among its policies. */
function withBaseline(options: CompareOptions): CompareOptions {
  const { policy } = options;
  const isThere =
    policy.length === 0 || policyChoices(policy).some(({ name }) => name === BASELINE_POLICY);
  return isThere ? options : { ...options, policy: [BASELINE_POLICY, ...policy] };
}

/** The shard that is to be carried out, and the folder that its merge reads. */
function givenShard({ shard, out, json }: CompareOptions): (Shard & { out: string }) | undefined {
  if (shard === undefined) return undefined;
  const parsed = parseShard(shard);
  if (out === undefined) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--shard ${shard}: give --out, for its runs to be merged from`,
    );
  }
  if (json) {
    throw new CliError(
      'CLI_OPTION_WITHOUT_EFFECT',
      `--json with --shard ${shard}: a shard has no result; tierlab merge --json prints it`,
    );
  }
  return { ...parsed, out };
}

/** What became of `points`: found where an earlier call has left them, or made. */
async function carryOut(
  { experiment, reading, repeatable }: ReadExperiment,
  points: readonly RunPoint[],
  jobs: number,
  options: CompareOptions,
  context: CommandContext,
): Promise<readonly RunOutcome[]> {
  const { signal } = context;
  const { out } = options;
  const progress = startProgress(context.stderr, 'compare', 'runs');
  let done = 0;
  let found = 0;
  const workers =
    jobs > 1 ? startRunWorkers(jobs, { options, directory: process.cwd() }, signal) : undefined;
  try {
    return await sweepOutcomes({
      points,
      store: out === undefined ? memoryStore() : keptRuns(out, reading, points, repeatable),
      executors: workers?.executors ?? [inProcessExecutor(experiment)],
      signal,
      onProgress(now) {
        ({ done, found } = now);
        // One thread shows how far it is in its trace.
        if (jobs > 1) progress.update(done, points.length);
      },
    });
  } finally {
    await workers?.stop();
    progress.finish();
    if (found > 0) context.stderr.write(`${found} of ${points.length} runs were made before\n`);
    if (signal.aborted && out !== undefined) {
      context.stderr.write(
        `interrupted with ${done} of ${points.length} runs made; the same command goes on from there\n`,
      );
    }
  }
}
