import { canonicalJson, type RunRecord } from '@tierlab/core';
import {
  checkThresholds,
  expandExperiment,
  inProcessExecutor,
  memoryStore,
  parseThreshold,
  runSweep,
  type Experiment,
  type ExperimentPolicy,
  type ExperimentTrace,
  type Threshold,
} from '@tierlab/experiment';
import {
  columnValues,
  intervalsTable,
  placementSummary,
  placementTable,
  policyLabel,
  tableToCsv,
  type Table,
} from '@tierlab/report';

import { exitCodes, type CommandContext } from '../../context.ts';
import { writeOutputFiles } from '../../files/output-files.ts';
import { describeMachine } from '../../machine/described-machine.ts';
import { choosePolicy } from '../../plugins/migration-policies.ts';
import { renderTable } from '../../terminal/table.ts';
import { openTraceFile } from '../../trace/open-trace-file.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import { watchedTrace } from '../../trace/watched-trace.ts';
import { version } from '../../version.ts';
import { parseCapacities } from './capacities.ts';
import type { CompareOptions } from './compare.ts';
import { parseSeeds, parseSettings } from './run-options.ts';

/** Compared where nobody says what: what nothing can beat, what doing nothing gives, and one that moves pages. */
const defaultPolicies: readonly string[] = ['all-fast', 'stay-put', 'kleio-history'];

/** Replays every trace on every machine under every policy, and shows and writes what came of it. */
export async function comparePoliciesOf(
  options: CompareOptions,
  context: CommandContext,
): Promise<void> {
  const directory = process.cwd();
  const { experiment, assumed } = await readExperiment(options, directory, context);
  const thresholds = options.failIf.map((text) => parseThreshold(text, thresholdMetrics()));
  const points = expandExperiment(experiment);

  const records = await runSweep({
    points,
    store: memoryStore(),
    executors: [inProcessExecutor(experiment)],
    signal: context.signal,
  });

  const placement = placementTable(records);
  if (options.out !== undefined) {
    await writeOutputFiles(options.out, {
      'placement.csv': tableToCsv(placement),
      'intervals.csv': tableToCsv(intervalsTable(records)),
      'runs.json': runsJson(records),
    });
  }
  if (options.json) context.stdout(runsJson(records));
  else {
    const summary = placementSummary(records);
    context.stdout(renderTable(summary.columns, summary.rows));
    if (summary.rows.some((row) => row.some((cell) => cell.endsWith(' *')))) {
      context.stdout('* a ruler: a bound, no policy that one could run\n');
    }
    for (const text of assumed) context.stderr.write(`assumed: ${text}\n`);
    if (options.out !== undefined) {
      context.stderr.write(`wrote placement.csv, intervals.csv and runs.json to ${options.out}\n`);
    }
  }
  reportThresholds(thresholds, placement, records, context);
}

/** The version is that of the form: a list of run records. */
const runsJson = (records: readonly RunRecord[]): string =>
  `${canonicalJson({ schemaVersion: 1, runs: records })}\n`;

interface ReadExperiment {
  readonly experiment: Experiment;
  readonly assumed: readonly string[];
}

async function readExperiment(
  options: CompareOptions,
  directory: string,
  context: CommandContext,
): Promise<ReadExperiment> {
  const capacities = parseCapacities(options.capacity);
  const policies: ExperimentPolicy[] = [];
  for (const text of options.policy.length > 0 ? options.policy : defaultPolicies) {
    const { policy, params } = await choosePolicy(text, directory);
    const values = Object.entries(params).map(([name, value]) => [name, [value]] as const);
    policies.push({ policy, params: Object.fromEntries(values) });
  }
  const machines = [];
  const assumed = new Set<string>();
  for (const path of options.machine) {
    const described = await describeMachine(path, options, directory);
    for (const capacity of capacities) described.machine.memory(capacity);
    for (const text of described.assumed) assumed.add(`${path}: ${text}`);
    machines.push(described.machine);
  }
  const traces: ExperimentTrace[] = [];
  for (const path of options.trace) {
    const opened = await openTraceFile(path, givenTraceOptions(options));
    const sha256 = await opened.sha256();
    traces.push({
      name: path,
      ...(sha256 !== undefined && { sha256 }),
      open: () => watchedTrace(opened, path, context),
    });
  }
  return {
    experiment: {
      traces,
      machines,
      policies,
      capacities,
      seeds: parseSeeds(options.seeds),
      settings: parseSettings(options.setting),
      tool: { name: 'tierlab', version },
    },
    assumed: [...assumed],
  };
}

/** Columns of numbers, which a threshold may name. */
function thresholdMetrics(): readonly string[] {
  return placementTable([]).columns.flatMap(({ name, kind }) =>
    kind === 'count' || kind === 'real' ? [name] : [],
  );
}

function reportThresholds(
  thresholds: readonly Threshold[],
  placement: Table,
  records: readonly RunRecord[],
  context: CommandContext,
): void {
  const runs = records.map((record, i) => ({
    run: policyLabel(record),
    value: (metric: string) => {
      const value = columnValues(placement, metric)[i];
      return typeof value === 'number' ? value : undefined;
    },
  }));
  for (const { threshold, run, value, crossed } of checkThresholds(thresholds, runs)) {
    if (!crossed) continue;
    context.exitCode = exitCodes.thresholdCrossed;
    context.stderr.write(`threshold crossed: ${threshold}: ${run} has ${value}\n`);
  }
}
