import { contentHash } from '@tierlab/core';
import { resolveParams, type GivenParam, type MigrationPolicy } from '@tierlab/policy';
import { resolveSettings, type GivenSettings, type MemorySystem } from '@tierlab/simulator';
import type { AccessTrace, PlacedRange } from '@tierlab/trace';

import { ExperimentError } from './errors.ts';
import type { TraceWindow } from './trace-window.ts';

/**
 * Traces x machines x policies x capacities x seeds: every combination is a run. A list of parameter
 * values is one more dimension.
 */
export interface Experiment {
  readonly traces: readonly ExperimentTrace[];
  readonly machines: readonly ExperimentMachine[];
  readonly policies: readonly ExperimentPolicy[];
  /** Absent: the machines as they are. */
  readonly capacities?: readonly Capacities[];
  readonly seeds: readonly number[];
  readonly settings?: GivenSettings;
  readonly tool: { readonly name: string; readonly version: string };
}

export interface ExperimentTrace {
  /** Unlike any other trace's. */
  readonly name: string;
  readonly sha256?: string;
  /** The part of the trace that is replayed; all of it if absent. */
  readonly window?: TraceWindow;
  /** Where its pages were before it. */
  readonly placement?: ExperimentPlacement;
  /** The whole trace from its beginning, as often as it is asked for. */
  open(): AccessTrace;
}

/** Where the pages of a program were, from which a run starts. */
export interface ExperimentPlacement {
  readonly name: string;
  readonly sha256: string;
  readonly ranges: readonly PlacedRange[];
}

export interface ExperimentMachine {
  /** Unlike any other machine's. */
  readonly name: string;
  readonly sha256?: string;
  /** The machine with some nodes cut to `capacities`; throws an `InputError` where it has less. */
  memory(capacities: Capacities): MemorySystem;
}

export interface ExperimentPolicy {
  readonly policy: MigrationPolicy;
  /** Of a policy that comes from a file. */
  readonly sha256?: string;
  /** Values to try, by parameter. */
  readonly params?: Readonly<Record<string, readonly GivenParam[]>>;
}

/** Memory that a run may use, in bytes by node id; a node that is absent has all of its own. */
export type Capacities = Readonly<Record<number, number>>;

/** One run of an experiment, as plain data. */
export interface RunPoint {
  /**
   * SHA-256 of all that determines the run, cut to 16 hexadecimal digits: inputs, parameters, settings, seed
   * and the version of the tool. It does not depend on the other runs of the experiment.
   */
  readonly id: string;
  readonly trace: string;
  readonly window?: TraceWindow;
  readonly machine: string;
  readonly policy: string;
  readonly params: Readonly<Record<string, GivenParam>>;
  readonly capacities: Capacities;
  readonly seed: number;
}

/**
 * The runs of `experiment`: for each trace, machine, capacity, policy with its parameters, and seed, in this order.
 *
 * @throws {ExperimentError} `EXPERIMENT_BAD_MATRIX`.
 * @throws {PolicyError} `POLICY_BAD_PARAM`, `POLICY_UNKNOWN_PARAM`.
 */
export function expandExperiment(experiment: Experiment): readonly RunPoint[] {
  const { traces, machines, policies, seeds, capacities = [{}], tool } = experiment;
  checkList('traces', traces.map(traceLabel));
  checkList(
    'machines',
    machines.map((machine) => machine.name),
  );
  checkList('capacities', capacities.map(capacitiesText));
  checkList('seeds', seeds.map(String));
  const settings = resolveSettings(experiment.settings).manifest;
  const points: RunPoint[] = [];
  for (const trace of traces)
    for (const machine of machines)
      for (const capacity of capacities)
        for (const policy of policies)
          for (const params of paramChoices(policy))
            for (const seed of seeds) {
              const chosen = {
                trace: trace.name,
                ...(trace.window && { window: trace.window }),
                machine: machine.name,
                policy: policy.policy.name,
                params,
                capacities: capacity,
                seed,
              };
              const id = contentHash({
                ...chosen,
                params: resolveParams(policy.policy.name, policy.policy.params, params).manifest,
                inputs: [trace.sha256, machine.sha256, policy.sha256],
                ...(trace.placement && { placement: trace.placement.sha256 }),
                settings,
                tool,
              }).slice(0, 16);
              points.push({ id, ...chosen });
            }
  checkList(
    'policies',
    points.map((point) => point.id),
    points.map((point) => point.policy),
  );
  return points;
}

/** `nodeN=BYTES` by node, separated by blanks; empty for a machine as it is. */
export function capacitiesText(capacities: Capacities): string {
  return Object.entries(capacities)
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([node, sizeBytes]) => `node${node}=${sizeBytes}`)
    .join(' ');
}

/** The name of a trace with its window, as the manifest has it: `xz.trace[0..1000000)`. */
export function traceLabel(trace: Pick<ExperimentTrace, 'name' | 'window'>): string {
  const { name, window } = trace;
  return window ? `${name}[${window.start}..${window.end})` : name;
}

/** Every combination of the listed values; one without any where nothing is listed. */
export function paramChoices(policy: ExperimentPolicy): readonly Record<string, GivenParam>[] {
  let choices: readonly Record<string, GivenParam>[] = [{}];
  for (const [name, values] of Object.entries(policy.params ?? {})) {
    checkList(
      `values of ${policy.policy.name}.${name}`,
      values.map((value) => JSON.stringify(value)),
    );
    choices = choices.flatMap((choice) =>
      values.map((value) => Object.assign({}, choice, { [name]: value })),
    );
  }
  return choices;
}

function checkList(what: string, keys: readonly string[], names: readonly string[] = keys): void {
  if (keys.length === 0) {
    throw new ExperimentError(
      'EXPERIMENT_BAD_MATRIX',
      `${what}: none is given, at least one is needed`,
    );
  }
  const twice = keys.findIndex((key, i) => keys.indexOf(key) !== i);
  if (twice >= 0) {
    throw new ExperimentError(
      'EXPERIMENT_BAD_MATRIX',
      `${what}: ${JSON.stringify(names[twice])} is given twice`,
    );
  }
}
