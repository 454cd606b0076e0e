import { randomShares } from '@tierlab/core';
import type { GivenParam, MigrationPolicy } from '@tierlab/policy';
import type { GivenSettings } from '@tierlab/simulator';

import { ExperimentError } from './errors.ts';
import {
  expandExperiment,
  paramChoices,
  type Capacities,
  type Experiment,
  type ExperimentMachine,
  type ExperimentTrace,
} from './matrix.ts';
import type { RunPoints } from './plan-request.ts';
import { comparePolicies, type FinishedRun, type PolicyPair } from './policy-pairs.ts';
import { equalWindows, measureTrace, type TraceWindow } from './trace-window.ts';

/** Which of some parameter values make a policy quickest on a trace? */
export interface TuneRequest {
  readonly trace: ExperimentTrace;
  readonly machine: ExperimentMachine;
  readonly capacities?: Capacities;
  readonly policy: MigrationPolicy;
  /** Values to try by parameter, in an order in which neighbours are alike. */
  readonly params: Readonly<Record<string, readonly GivenParam[]>>;
  /** Choices of parameters that are tried at most, the defaults among them. */
  readonly budget: number;
  readonly seeds: readonly number[];
  /** Equal windows that the trace is cut into, each replayed as a trace of its own; 20 if absent. */
  readonly windows?: number;
  /** Share of the windows, the last ones, that the search does not see; 0.3 if absent. */
  readonly heldOut?: number;
  /** Seed of the search. */
  readonly seed?: number;
  readonly settings?: GivenSettings;
  readonly tool: Experiment['tool'];
}

export type Choice = Readonly<Record<string, GivenParam>>;

export interface TuneResult {
  /** Every choice that was tried, with its mean time on the windows of the search; the quickest first. */
  readonly tried: readonly { readonly params: Choice; readonly meanTimeNs: number }[];
  readonly best: Choice;
  /** Windows that the search saw, and those it did not. */
  readonly train: readonly TraceWindow[];
  readonly heldOut: readonly TraceWindow[];
  /** The best choice against the defaults on the windows held out; absent where the defaults won. */
  readonly proof?: PolicyPair;
  /** Whether every combination was tried. */
  readonly exhaustive: boolean;
}

/**
 * Searches `params` on the first windows of the trace, and holds the best choice against the defaults on the others.
 *
 * The search starts in the middle of the lists and walks to the quickest neighbour (one parameter, one step), until no
 * neighbour is quicker; then again from a random choice, while the budget lasts. The defaults are tried as well. Neighbours share one pass over the trace.
 *
 * @throws {ExperimentError} `EXPERIMENT_BAD_REQUEST`, `EXPERIMENT_BAD_WINDOW`; whatever running throws.
 */
export async function tunePolicy(request: TuneRequest, run: RunPoints): Promise<TuneResult> {
  const { trace, budget, policy, params, windows = 20, heldOut: heldOutShare = 0.3 } = request;
  if (!(Number.isSafeInteger(budget) && budget >= 2))
    bad(`budget ${budget}: expected at least 2 choices`);
  if (!(heldOutShare > 0 && heldOutShare < 1)) {
    bad(`held-out part ${heldOutShare}: expected more than 0 and less than 1`);
  }
  if (!(Number.isSafeInteger(windows) && windows >= 2))
    bad(`${windows} windows: expected at least 2`);
  if (Object.keys(params).length === 0) bad('no parameter to search: give values to try');
  if (trace.window) bad('the trace of a search cannot be a window: it is parted here');

  const { accesses } = await measureTrace(trace.open());
  const all = equalWindows(accesses, windows);
  const heldOutCount = Math.min(windows - 1, Math.max(1, Math.round(windows * heldOutShare)));
  const train = all.slice(0, -heldOutCount);
  const heldOut = all.slice(-heldOutCount);
  const choices = paramChoices({ policy, params });
  const times = new Map<Choice, number>();
  const defaults: Choice = {};
  const tryChoices = async (asked: readonly Choice[]): Promise<void> => {
    const fresh = asked.filter((choice) => !times.has(choice)).slice(0, budget - times.size);
    for (const [choice, meanTimeNs] of await measure(request, run, train, fresh)) {
      times.set(choice, meanTimeNs);
    }
  };

  await tryChoices([defaults]);
  await search({ choices, params, seed: request.seed ?? 1, budget, times, tryChoices });

  const tried = [...times]
    .map(([choice, meanTimeNs]) => ({ params: choice, meanTimeNs }))
    .toSorted((a, b) => a.meanTimeNs - b.meanTimeNs);
  const best = tried[0]?.params ?? defaults;
  const proof = best === defaults ? undefined : await prove(request, run, heldOut, best);
  return {
    tried,
    best,
    train,
    heldOut,
    ...(proof && { proof }),
    exhaustive: times.size > choices.length,
  };
}

function bad(message: string): never {
  throw new ExperimentError('EXPERIMENT_BAD_REQUEST', message);
}

interface Search {
  readonly choices: readonly Choice[];
  readonly params: TuneRequest['params'];
  readonly seed: number;
  readonly budget: number;
  readonly times: ReadonlyMap<Choice, number>;
  readonly tryChoices: (choices: readonly Choice[]) => Promise<void>;
}

async function search({ choices, params, seed, budget, times, tryChoices }: Search): Promise<void> {
  const random = randomShares(seed);
  const timeOf = (choice: Choice): number => times.get(choice) ?? Infinity;
  // The choice in the middle of all lists is the first start: lists are made around what is thought likely.
  let here = choices[Math.floor(choices.length / 2)];
  while (here !== undefined && times.size < budget) {
    await tryChoices([here]);
    for (;;) {
      const around = neighbours(choices, params, here);
      await tryChoices(around);
      const [quickest] = around.toSorted((a, b) => timeOf(a) - timeOf(b));
      if (quickest === undefined || !(timeOf(quickest) < timeOf(here))) break;
      here = quickest;
    }
    const untried = choices.filter((choice) => !times.has(choice));
    here = untried[Math.floor(random() * untried.length)];
  }
}

/** The choices that differ from `here` by one step of one parameter. */
function neighbours(
  choices: readonly Choice[],
  params: TuneRequest['params'],
  here: Choice,
): readonly Choice[] {
  return choices.filter((choice) => {
    const steps = Object.entries(params).map(([name, values]) =>
      Math.abs(values.indexOf(choice[name]) - values.indexOf(here[name])),
    );
    return steps.reduce((sum, step) => sum + step, 0) === 1;
  });
}

function experimentOf(
  { machine, capacities, policy, seeds, settings, tool }: TuneRequest,
  traces: readonly ExperimentTrace[],
  choice: Choice,
): Experiment {
  return {
    traces,
    machines: [machine],
    policies: [{ policy, params: listed(choice) }],
    ...(capacities && { capacities: [capacities] }),
    seeds,
    ...(settings && { settings }),
    tool,
  };
}

const listed = (choice: Choice): Record<string, readonly GivenParam[]> =>
  Object.fromEntries(Object.entries(choice).map(([name, value]) => [name, [value]]));

/** The mean time of each choice over the windows and seeds. */
async function measure(
  request: TuneRequest,
  run: RunPoints,
  windows: readonly TraceWindow[],
  choices: readonly Choice[],
): Promise<readonly (readonly [Choice, number])[]> {
  if (choices.length === 0) return [];
  const runs = await runChoices(request, run, windows, choices);
  return choices.map((choice, i) => {
    const times = runs[i].map(({ record }) => record.totals.timeNs);
    return [choice, times.reduce((sum, timeNs) => sum + timeNs, 0) / times.length] as const;
  });
}

async function prove(
  request: TuneRequest,
  run: RunPoints,
  windows: readonly TraceWindow[],
  best: Choice,
): Promise<PolicyPair | undefined> {
  const runs = await runChoices(request, run, windows, [best, {}]);
  // The choice was run first, and is the first of the one pair.
  return comparePolicies(runs.flat())[0];
}

/** The runs of each choice, all asked for at once, so that they share passes. */
async function runChoices(
  request: TuneRequest,
  run: RunPoints,
  windows: readonly TraceWindow[],
  choices: readonly Choice[],
): Promise<readonly (readonly FinishedRun[])[]> {
  const traces = windows.map((window) => ({ ...request.trace, window }));
  const experiments = choices.map((choice) => experimentOf(request, traces, choice));
  const points = experiments.map(expandExperiment);
  const records = await run(experiments[0], points.flat());
  const each = windows.length * request.seeds.length;
  return points.map((of, i) => of.map((point, j) => ({ point, record: records[i * each + j] })));
}
