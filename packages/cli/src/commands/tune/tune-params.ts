import type { RunRecord } from '@tierlab/core';
import { tunePolicy, type Choice, type TuneResult } from '@tierlab/experiment';
import { RESULT_VERSION, showTime, tableToCsv, type Table } from '@tierlab/report';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { writeOutputFiles } from '../../files/output-files.ts';
import { resultFiles } from '../../result/result-files.ts';
import { renderTable } from '../../terminal/table.ts';
import { readExperiment, type ReadExperiment } from '../compare/read-experiment.ts';
import { parseWhole } from '../compare/run-options.ts';
import { startRunner } from '../compare/runner.ts';
import type { GivenMachineOptions } from '../../machine/machine-options.ts';
import type { PolicyChoice } from '../../plugins/migration-policies.ts';

/** Options of `tierlab tune`, as the command line gives them. */
export interface TuneOptions extends GivenMachineOptions, Readonly<Record<string, unknown>> {
  readonly config?: string;
  readonly machine: readonly string[];
  readonly trace: readonly string[];
  readonly policy?: string;
  /** Values to try: as texts of the command line, or by parameter from an experiment file. */
  readonly param: readonly string[] | PolicyChoice['params'];
  readonly budget: string;
  readonly windows: string;
  readonly heldOut: string;
  readonly capacity: readonly string[];
  readonly seeds: string;
  readonly setting: readonly string[];
  readonly jobs: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Version of the form that `--json` prints. */
const TUNE_SCHEMA_VERSION = 1;

/** Searches, and prints what was tried and whether the best choice is worth having. */
export async function tuneParams(options: TuneOptions, context: CommandContext): Promise<void> {
  const jobs = parseWhole('--jobs', options.jobs, 1);
  const policy = givenPolicy(options);
  checkOne('--machine', options.machine);
  checkOne('--trace', options.trace);
  const asked = { ...options, policy: [policy], windows: '1' };
  const read = await readExperiment(asked, process.cwd(), context);
  const { traces, machines, policies, capacities = [], seeds, settings, tool } = read.experiment;
  const [trace, machine, chosen, capacity] = [traces[0], machines[0], policies[0], capacities[0]];
  if (trace === undefined || machine === undefined || chosen === undefined) return;
  if (Object.keys(chosen.params ?? {}).length > 0) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--policy ${policy}: parameters that are searched or fixed are given with --param, a fixed one with a single value`,
    );
  }
  if (capacities.length > 1) {
    throw new CliError(
      'CLI_BAD_OPTION',
      `--capacity ${options.capacity.join(' ')}: a search has one size a node`,
    );
  }
  const request = {
    trace,
    machine,
    ...(capacity && { capacities: capacity }),
    policy: chosen.policy,
    params: parseParams(options.param),
    budget: parseWhole('--budget', options.budget, 2),
    windows: parseWhole('--windows', options.windows, 2),
    heldOut: Number(options.heldOut),
    seeds,
    ...(settings && { settings }),
    tool,
  };
  const runner = startRunner(read, { options: asked }, jobs, context);
  let result: TuneResult;
  try {
    result = await tunePolicy(request, runner.run);
  } finally {
    await runner.stop();
  }
  await showChoices(result, runner.records(), read, { ...options, policy }, context);
}

function checkOne(option: string, values: readonly string[]): void {
  if (values.length === 1) return;
  throw new CliError(
    'CLI_BAD_OPTION',
    `${option} ${values.join(' ')}: a search has one; say which with ${option}`,
  );
}

/** The policy that is searched, Throws `CLI_USAGE`. */
function givenPolicy({ policy }: TuneOptions): string {
  if (policy !== undefined) return policy;
  throw new CliError(
    'CLI_USAGE',
    '--policy: it is not given, and no experiment file says it in a section tune',
  );
}

async function showChoices(
  result: TuneResult,
  records: readonly RunRecord[],
  { sheets, assumed }: ReadExperiment,
  { out, json, policy, trace, machine }: TuneOptions & { readonly policy: string },
  context: CommandContext,
): Promise<void> {
  const text = `${JSON.stringify({ schemaVersion: TUNE_SCHEMA_VERSION, ...result })}\n`;
  if (out !== undefined) {
    const files = {
      'tune.csv': tableToCsv(tuneTable(result)),
      'tune.json': text,
      ...resultFiles({
        schemaVersion: RESULT_VERSION,
        title: `${policy} searched on ${trace[0]} and ${machine[0]}`,
        records,
        ...(result.proof && { pairs: [result.proof] }),
        machines: sheets,
      }),
    };
    await writeOutputFiles(out, files);
    context.stderr.write(`wrote ${Object.keys(files).join(', ')} to ${out}\n`);
  }
  if (json) {
    context.stdout(text);
    return;
  }
  context.stdout(tuneText(policy, result));
  for (const line of assumed) context.stderr.write(`assumed: ${line}\n`);
}

/** `tune`: a row for each choice that was tried, the quickest first. */
function tuneTable({ tried, best }: TuneResult): Table {
  const defaultNs = tried.find(({ params }) => isDefaults(params))?.meanTimeNs;
  return {
    name: 'tune',
    columns: [
      { name: 'parameters', kind: 'text', definition: 'What differs from the defaults.' },
      {
        name: 'mean_time_ns',
        kind: 'real',
        definition: 'Mean time of the parts that the search saw, in nanoseconds.',
      },
      { name: 'time_ratio', kind: 'real', definition: 'That over the mean time of the defaults.' },
      { name: 'best', kind: 'flag', definition: 'true: the choice that was held to the proof.' },
    ],
    rows: tried.map(({ params, meanTimeNs }) => [
      choiceText(params),
      meanTimeNs,
      defaultNs === undefined ? undefined : meanTimeNs / defaultNs,
      params === best,
    ]),
  };
}

/** Reads `NAME=VALUE,VALUE` each. Throws `CLI_BAD_OPTION`. */
function parseParams(given: TuneOptions['param']): Readonly<Record<string, readonly string[]>> {
  if (!isTexts(given)) return given;
  const params = given.map((text) => {
    const [, name, values] = /^\s*([^=\s]+)\s*=(.+)$/.exec(text) ?? [];
    if (name === undefined || values === undefined) {
      throw new CliError(
        'CLI_BAD_OPTION',
        `--param ${text}: expected NAME=VALUE,VALUE,..., as fill=0.25,0.5,0.75`,
      );
    }
    return [name, values.split(',').map((value) => value.trim())] as const;
  });
  return Object.fromEntries(params);
}

const isTexts = (given: TuneOptions['param']): given is readonly string[] => Array.isArray(given);

function tuneText(
  policy: string,
  { tried, best, train, heldOut, proof, exhaustive }: TuneResult,
): string {
  const defaultNs = tried.find(({ params }) => isDefaults(params))?.meanTimeNs ?? Number.NaN;
  const table = renderTable(
    [
      { head: 'parameters' },
      { head: 'mean time', align: 'right' },
      { head: 'against defaults', align: 'right' },
    ],
    tried.map(({ params, meanTimeNs }) => [
      choiceText(params),
      showTime(meanTimeNs),
      (meanTimeNs / defaultNs).toFixed(4),
    ]),
  );
  const seen = `${policy}: ${tried.length} choices on the first ${train.length} of ${train.length + heldOut.length} parts${exhaustive ? ', all there are' : ''}\n`;
  return `${seen}\n${table}\n${verdictText(best, heldOut.length, proof)}`;
}

/** What the parts that the search did not see say of its best choice. */
function verdictText(best: Choice, parts: number, proof: TuneResult['proof']): string {
  if (proof === undefined) return 'No choice was quicker than the defaults: keep them.\n';
  const { verdict, timeRatio, timeRatioLow, timeRatioHigh } = proof;
  const change = `${Number((100 * Math.abs(1 - timeRatio)).toPrecision(2))} % ${timeRatio < 1 ? 'less' : 'more'} time than the defaults`;
  const interval =
    timeRatioLow === undefined || timeRatioHigh === undefined
      ? 'no interval'
      : `ratio ${timeRatioLow.toFixed(4)} to ${timeRatioHigh.toFixed(4)}`;
  const worth =
    verdict === 'quicker'
      ? 'it is quicker'
      : `it is not shown to be quicker (${verdict}): keep the defaults`;
  return `${choiceText(best)} on the ${parts} parts held out: ${change} (${interval}); ${worth}.\n`;
}

const isDefaults = (params: Choice): boolean => Object.keys(params).length === 0;

const choiceText = (params: Choice): string =>
  isDefaults(params)
    ? 'defaults'
    : Object.entries(params)
        .map(([name, value]) => `${name}=${typeof value === 'object' ? value.value : value}`)
        .join(' ');
