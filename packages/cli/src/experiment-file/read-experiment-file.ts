import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

import { InputError, parseHotplugSteps, parseKernelVersion } from '@tierlab/core';
import { parseYamlDocument, type FilePath, type YamlDocument } from '@tierlab/firmware/file';
import { resolveParams } from '@tierlab/policy';
import { resolveSettings } from '@tierlab/simulator';

import { parseCapacities } from '../commands/compare/capacities.ts';
import { givenCost, parseCost } from '../commands/compare/cost-options.ts';
import { parseThresholds } from '../commands/compare/make-result.ts';
import { CliError } from '../errors.ts';
import { readInputFile } from '../files/read-file.ts';
import { openMachine } from '../machine/read-machine.ts';
import { ALL_POLICIES, choosePolicy, type PolicyChoice } from '../plugins/migration-policies.ts';
import { isPluginName } from '../plugins/load-plugin.ts';
import { tieringChain } from '../plugins/tiering-chain.ts';
import { readPlacements } from '../trace/read-placements.ts';
import {
  experimentFileSchema,
  keysAt,
  type ExperimentFile,
  type FilePlan,
  type FilePolicy,
  type FileTune,
} from './schema.ts';

/** Options of a command by their names, as the command line would have given them. */
export type FileOptions = Readonly<Record<string, unknown>>;

/** The command that an experiment file is read for; all but `compare` have a section of their own in it. */
export type FileCommand = 'compare' | 'plan' | 'tune';

/**
 * What the experiment file at `path` says, as options of `command`: where that has a section of its own, what stands there
 * goes before the rest.
 * Paths in it start at its folder.
 *
 * Everything is checked that can be checked before a trace is read: whatever is wrong is told with the line and column where
 * it stands. Throws `CLI_BAD_EXPERIMENT_FILE`, `CLI_FILE_NOT_FOUND`, and the codes of what the file names.
 */
export async function readExperimentFile(path: string, command: FileCommand): Promise<FileOptions> {
  const text = new TextDecoder().decode(await readInputFile(path));
  const document = parseYamlDocument(text, path, {
    schema: experimentFileSchema,
    keysAt,
    syntaxError: bad,
    contentError: bad,
  });
  const folder = dirname(path);
  const options = optionsOf(document.file, folder);
  const { plan, tune } = document.file;
  const tuned = tune && policyChoice({ ...tune, name: tune.policy }, folder);
  await checkDocument(document, { ...options, ...(tuned && { tuned }) }, process.cwd());
  if (command === 'plan' && plan) return { ...options, ...planOptions(plan, folder) };
  if (command !== 'tune') return options;
  // Policies and windows of a comparison are not those of a search.
  const { policy: _policy, windows: _windows, ...rest } = options;
  return { ...rest, ...(tune && tuned && tuneOptions(tune, tuned, folder)) };
}

const bad = (message: string, cause?: unknown): CliError =>
  new CliError('CLI_BAD_EXPERIMENT_FILE', message, { cause });

interface ReadOptions extends FileOptions {
  readonly trace: readonly string[];
  readonly machine: readonly string[];
  readonly placement?: readonly string[];
  readonly policy?: readonly PolicyChoice[];
  readonly windows?: string;
}

function optionsOf(file: ExperimentFile, folder: string): ReadOptions {
  const { traces, read = {}, machines, set, policies, capacities, settings, bootOptions } = file;
  const { maxPages, lenient, ...format } = read;
  const given: Record<string, unknown> = {
    placement: file.placements?.map((path) => pathFrom(folder, path)),
    kernel: file.kernel,
    tiering: file.tiering?.map((name) => pluginFrom(folder, name)),
    bootOption: bootOptions,
    hotplug: file.hotplug,
    set: set && assignments(set),
    policy: policies?.map((policy) => policyChoice(policy, folder)),
    capacity:
      capacities &&
      Object.entries(capacities).map(([node, sizes]) => `${node}=${[sizes].flat().join(',')}`),
    seeds: file.seeds?.join(','),
    windows: file.windows === undefined ? undefined : String(file.windows),
    setting: settings && assignments(settings),
    price: file.prices && assignments(file.prices),
    cost: file.cost,
    failIf: file.failIf,
    heatMaps: file.heatMaps === undefined ? undefined : String(file.heatMaps),
    jobs: file.jobs === undefined ? undefined : String(file.jobs),
    out: file.out === undefined ? undefined : pathFrom(folder, file.out),
    lenient,
    maxPages: maxPages === undefined ? undefined : String(maxPages),
    ...Object.fromEntries(Object.entries(format).map(([name, value]) => [name, String(value)])),
  };
  return {
    trace: traces.map((trace) => pathFrom(folder, trace)),
    machine: machines.map((machine) => machineFrom(folder, machine)),
    ...whatIsGiven(given),
  };
}

function planOptions(plan: FilePlan, folder: string): FileOptions {
  const { target, weights, dramNode, prices, refinements, out } = plan;
  return whatIsGiven({
    target: target === undefined ? undefined : String(target),
    weights: weights?.join(','),
    dramNode: dramNode === undefined ? undefined : String(dramNode),
    price: prices && assignments(prices),
    cost: plan.cost,
    breakEven: plan.breakEven,
    refinements: refinements === undefined ? undefined : String(refinements),
    sensitivity: plan.sensitivity,
    out: out === undefined ? undefined : pathFrom(folder, out),
  });
}

function tuneOptions(tune: FileTune, { name, params }: PolicyChoice, folder: string): FileOptions {
  const { budget, windows, heldOut, out } = tune;
  return whatIsGiven({
    policy: name,
    param: params,
    budget: budget === undefined ? undefined : String(budget),
    windows: windows === undefined ? undefined : String(windows),
    heldOut: heldOut === undefined ? undefined : String(heldOut),
    out: out === undefined ? undefined : pathFrom(folder, out),
  });
}

const whatIsGiven = (options: FileOptions): FileOptions =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));

const assignments = (values: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.entries(values).map(([name, value]) => `${name}=${String(value)}`);

function policyChoice(policy: string | FilePolicy, folder: string): PolicyChoice {
  if (typeof policy === 'string') return { name: pluginFrom(folder, policy), params: {} };
  const params = Object.entries(policy.params ?? {}).map(
    ([name, values]) => [name, [values].flat().map(String)] as const,
  );
  return { name: pluginFrom(folder, policy.name), params: Object.fromEntries(params) };
}

const pathFrom = (folder: string, path: string): string =>
  path === '-' || isAbsolute(path) || folder === '.' ? path : join(folder, path);

/** A machine of the catalogue is named, any other is a path. */
function machineFrom(folder: string, machine: string): string {
  const path = pathFrom(folder, machine);
  return existsSync(path) || machine.includes('/') ? path : machine;
}

/** A file is taken from the folder; a name and a package are not. */
function pluginFrom(folder: string, name: string): string {
  if (!isPluginName(name) || name.startsWith('@')) return name;
  const path = pathFrom(folder, name);
  return /^\.{0,2}\//.test(path) ? path : `./${path}`;
}

/** Asks the reader of each value whether it can be read, and says the place of one that cannot. */
async function checkDocument(
  { file, placeOf, reject }: YamlDocument<ExperimentFile>,
  options: ReadOptions & { readonly tuned?: PolicyChoice },
  directory: string,
): Promise<void> {
  const at = async (path: FilePath, check: () => unknown): Promise<void> => {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(error.code, `${placeOf(path)}: ${error.message}`, { cause: error });
    }
  };
  for (const [i, trace] of options.trace.entries()) {
    if (trace !== '-' && !existsSync(trace)) reject(['traces', i], `${trace}: no such file`);
  }
  for (const [i, path] of (options.placement ?? []).entries()) {
    await at(['placements', i], () => readPlacements([path], 1));
  }
  for (const [i, machine] of options.machine.entries()) {
    await at(['machines', i], () => openMachine(machine));
  }
  for (const [i, choice] of (options.policy ?? []).entries()) {
    await at(['policies', i], () => checkPolicy(choice, directory));
  }
  const { tuned } = options;
  if (tuned) await at(['tune'], () => checkPolicy(tuned, directory));
  const { kernel, hotplug, tiering = [], capacities = {}, settings = {}, failIf = [] } = file;
  if (kernel !== undefined) await at(['kernel'], () => parseKernelVersion(kernel));
  if (hotplug !== undefined) await at(['hotplug'], () => parseHotplugSteps(hotplug));
  if (tiering.length > 0) {
    await at(['tiering'], () => tieringChain(options['tiering'] as readonly string[], directory));
  }
  for (const [node, sizes] of Object.entries(capacities)) {
    await at(['capacities', node], () => parseCapacities([`${node}=${[sizes].flat().join(',')}`]));
  }
  for (const [name, value] of Object.entries(settings)) {
    await at(['settings', name], () => resolveSettings({ [name]: String(value) }));
  }
  const price = assignments(file.prices ?? {});
  const costOptions = { price, ...(file.cost !== undefined && { cost: file.cost }) };
  await at([price.length > 0 ? 'prices' : 'cost'], () => parseCost(costOptions));
  for (const [i, threshold] of failIf.entries()) {
    await at(['failIf', i], () => parseThresholds([threshold], givenCost(costOptions)));
  }
}

async function checkPolicy(choice: PolicyChoice, directory: string): Promise<void> {
  if (choice.name === ALL_POLICIES) return;
  const { policy } = await choosePolicy(choice, directory);
  for (const [name, values] of Object.entries(choice.params)) {
    for (const value of values) resolveParams(policy.name, policy.params, { [name]: value });
  }
}
