import { canonicalJson, type RunRecord } from '@tierlab/core';
import {
  capacitiesText,
  checkThresholds,
  comparePolicies,
  expandExperiment,
  inProcessExecutor,
  memoryStore,
  parseThreshold,
  policyName,
  runSweep,
  type FinishedRun,
  type RunPoint,
  type Threshold,
  type ThresholdResult,
} from '@tierlab/experiment';
import {
  columnValues,
  isRuler,
  placementSummary,
  placementTable,
  RESULT_VERSION,
  type Result,
} from '@tierlab/report';

import { exitCodes, type CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputFiles } from '../../files/output-files.ts';
import { keptRuns } from '../../files/run-store.ts';
import { resultFiles } from '../../result/result-files.ts';
import { startProgress } from '../../terminal/progress.ts';
import { renderTable } from '../../terminal/table.ts';
import type { CompareOptions } from './compare.ts';
import { readExperiment, type ReadExperiment } from './read-experiment.ts';
import { parseWhole } from './run-options.ts';
import { startRunWorkers } from './run-workers.ts';

/** Replays every trace on every machine under every policy, and shows and writes what came of it. */
export async function comparePoliciesOf(
  options: CompareOptions,
  context: CommandContext,
): Promise<void> {
  const thresholds = options.failIf.map((text) => parseThreshold(text, thresholdMetrics()));
  const jobs = parseWhole('--jobs', options.jobs, 1);
  if (jobs > 1 && options.trace.includes('-')) {
    throw new CliError(
      'CLI_BAD_OPTION',
      '--jobs: every thread reads the trace, and standard input can be read once; give the trace as a file',
    );
  }
  const read = await readExperiment(options, process.cwd(), context);
  const points = expandExperiment(read.experiment);
  // Made here, by a thread or earlier: their keys come in one order, so that the files have the same bytes.
  const records = (await carryOut(read, points, jobs, options, context)).map(
    (record) => JSON.parse(canonicalJson(record)) as RunRecord,
  );
  const runs = points.map((point, i): FinishedRun => {
    return { point, record: records[i] as RunRecord };
  });
  const checked = thresholdLines(thresholds, runs);
  const result: Result = {
    schemaVersion: RESULT_VERSION,
    title: `${options.trace.join(', ')} on ${options.machine.join(', ')}`,
    records,
    pairs: comparePolicies(runs),
    ...(thresholds.length > 0 && { thresholds: checked }),
    machines: read.sheets,
  };
  await showResult(result, read.assumed, options, context);
  for (const { threshold, run, value, crossed } of checked) {
    if (!crossed) continue;
    context.exitCode = exitCodes.thresholdCrossed;
    context.stderr.write(`threshold crossed: ${threshold}: ${run} has ${value}\n`);
  }
}

/** The records of `points`: found where an earlier call has left them, or made. */
async function carryOut(
  { experiment, reading, repeatable }: ReadExperiment,
  points: readonly RunPoint[],
  jobs: number,
  options: CompareOptions,
  context: CommandContext,
): Promise<readonly RunRecord[]> {
  const { signal } = context;
  const { out } = options;
  const progress = startProgress(context.stderr, 'compare', 'runs');
  let done = 0;
  let found = 0;
  const workers =
    jobs > 1 ? startRunWorkers(jobs, { options, directory: process.cwd() }, signal) : undefined;
  try {
    return await runSweep({
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

async function showResult(
  result: Result,
  assumed: readonly string[],
  { out, json }: CompareOptions,
  context: CommandContext,
): Promise<void> {
  const files = out === undefined ? {} : resultFiles(result);
  if (out !== undefined) await writeOutputFiles(out, files);
  if (json) {
    context.stdout(`${JSON.stringify(result)}\n`);
    return;
  }
  const summary = placementSummary(result.records);
  context.stdout(renderTable(summary.columns, summary.rows));
  if (summary.rows.some((row) => row.some((cell) => cell.endsWith(' *')))) {
    context.stdout('* a ruler: a bound, no policy that one could run\n');
  }
  for (const text of assumed) context.stderr.write(`assumed: ${text}\n`);
  if (out !== undefined) context.stderr.write(`wrote ${Object.keys(files).join(', ')} to ${out}\n`);
}

/** Columns of numbers, which a threshold may name. */
function thresholdMetrics(): readonly string[] {
  return placementTable([]).columns.flatMap(({ name, kind }) =>
    kind === 'count' || kind === 'real' ? [name] : [],
  );
}

/** Every threshold at every run that is no ruler: a bound fails no build. */
function thresholdLines(
  thresholds: readonly Threshold[],
  runs: readonly FinishedRun[],
): readonly ThresholdResult[] {
  const placement = placementTable(runs.map(({ record }) => record));
  const names = runNames(runs.map(({ point }) => point));
  const checked = runs.flatMap(({ record }, i) => {
    const value = (metric: string): number | undefined => {
      const cell = columnValues(placement, metric)[i];
      return typeof cell === 'number' ? cell : undefined;
    };
    return isRuler(record) ? [] : [{ run: names[i] as string, value }];
  });
  return checkThresholds(thresholds, checked);
}

/** What each run is called among the others: its policy, and whatever else they differ in. */
function runNames(points: readonly RunPoint[]): readonly string[] {
  const parts: readonly ((point: RunPoint) => string)[] = [
    policyName,
    ({ trace }) => `on ${trace}`,
    ({ window }) => (window ? `accesses ${window.start} to ${window.end - 1}` : ''),
    ({ machine }) => `on ${machine}`,
    ({ capacities }) => capacitiesText(capacities),
    ({ seed }) => `seed ${seed}`,
  ];
  const telling = parts.filter((part) => part === policyName || new Set(points.map(part)).size > 1);
  return points.map((point) => telling.map((part) => part(point)).join(', '));
}
