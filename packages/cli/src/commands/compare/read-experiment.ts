import { contentHash } from '@tierlab/core';
import {
  equalWindows,
  measureTrace,
  type Experiment,
  type ExperimentPlacement,
  type ExperimentPolicy,
  type ExperimentTrace,
} from '@tierlab/experiment';
import type { TierSheet } from '@tierlab/report';

import type { CommandContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { describeMachine } from '../../machine/described-machine.ts';
import {
  choosePolicy,
  policyChoices,
  type PolicyChoice,
} from '../../plugins/migration-policies.ts';
import { openReplayTrace } from '../../trace/open-replay-trace.ts';
import { readPlacements } from '../../trace/read-placements.ts';
import { givenTraceOptions } from '../../trace/trace-options.ts';
import { watchedTrace } from '../../trace/watched-trace.ts';
import { version } from '../../version.ts';
import { parseCapacities } from './capacities.ts';
import { parseWhole, parseSeeds, parseSettings } from './run-options.ts';
import type { GivenMachineOptions } from '../../machine/machine-options.ts';

/** What an experiment is made of, as a command line gives it; options of the trace's format stand beside it. */
export interface ExperimentOptions extends GivenMachineOptions, Readonly<Record<string, unknown>> {
  readonly machine: readonly string[];
  readonly trace: readonly string[];
  readonly placement?: readonly string[];
  readonly policy: readonly (string | PolicyChoice)[];
  readonly capacity: readonly string[];
  readonly setting: readonly string[];
  readonly seeds: string;
  readonly windows: string;
}

/** Compared where nobody says what: what nothing can beat, what doing nothing gives, and one that moves pages. */
const defaultPolicies: readonly string[] = ['all-fast', 'stay-put', 'kleio-history'];

/** What a command line asks for. */
export interface ReadExperiment {
  readonly experiment: Experiment;
  /** Of each machine. */
  readonly sheets: readonly TierSheet[];
  readonly assumed: readonly string[];
  /** A hash of how traces are to be read, since the same bytes read otherwise are another trace; empty where nobody says. */
  readonly reading: string;
  /** Whether a run is known by its inputs: not where a trace was piped or code of the user's own takes part. */
  readonly repeatable: (run: { readonly trace: string; readonly policy: string }) => boolean;
}

/** Reads machines, policies and the heads of traces, or makes traces ready for replay. Throws whatever is wrong with them. */
export async function readExperiment(
  options: ExperimentOptions,
  directory: string,
  context: CommandContext,
): Promise<ReadExperiment> {
  const capacities = parseCapacities(options.capacity);
  const policies: ExperimentPolicy[] = [];
  const plugins = new Set<string>();
  const given = options.policy.length > 0 ? options.policy : defaultPolicies;
  for (const choice of policyChoices(given)) {
    const { policy, params, builtIn } = await choosePolicy(choice, directory);
    policies.push({ policy, params });
    if (!builtIn) plugins.add(policy.name);
  }
  const machines = [];
  const sheets: TierSheet[] = [];
  const assumed = new Set<string>();
  for (const path of options.machine) {
    const described = await describeMachine(path, options, directory);
    for (const capacity of capacities) described.machine.memory(capacity);
    for (const text of described.assumed) assumed.add(`${path}: ${text}`);
    machines.push(described.machine);
    sheets.push(described.sheet);
  }
  const traces: ExperimentTrace[] = [];
  const placements = await readPlacements(options.placement ?? [], options.trace.length);
  for (const [i, path] of options.trace.entries()) {
    traces.push(...(await readTrace(path, placements[i], options, context)));
  }
  const reading = givenTraceOptions(options);
  const readAsFound = reading.format === undefined && Object.keys(reading.values).length === 0;
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
    sheets,
    assumed: [...assumed],
    reading: readAsFound ? '' : contentHash(reading).slice(0, 8),
    repeatable: ({ trace, policy }) => trace !== '-' && !plugins.has(policy),
  };
}

/** The trace at `path`, or the windows of it that `--windows` asks for. */
async function readTrace(
  path: string,
  placement: ExperimentPlacement | undefined,
  options: ExperimentOptions,
  context: CommandContext,
): Promise<ExperimentTrace[]> {
  const windows = parseWhole('--windows', options.windows, 1);
  if (path === '-' && windows > 1) {
    throw new CliError(
      'CLI_BAD_OPTION',
      '--windows: standard input can be read once, and windows take more; give the trace as a file',
    );
  }
  const opened = await openReplayTrace(
    path,
    givenTraceOptions(options),
    options['cache'] !== false,
    context,
  );
  const sha256 = await opened.sha256();
  const whole: ExperimentTrace = {
    name: path,
    ...(sha256 !== undefined && { sha256 }),
    ...(placement && { placement }),
    open: () => watchedTrace(opened, path, context),
  };
  if (windows === 1) return [whole];
  const { accesses } = await measureTrace(whole.open());
  return equalWindows(accesses, windows).map((window) => ({ ...whole, window }));
}
