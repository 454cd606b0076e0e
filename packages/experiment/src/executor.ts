import { assert, InputError, type RunInput } from '@tierlab/core';
import { replayEach, type RunRequest } from '@tierlab/simulator';
import type { AccessTrace } from '@tierlab/trace';

import { ExperimentError } from './errors.ts';
import {
  traceLabel,
  type Experiment,
  type ExperimentMachine,
  type ExperimentPolicy,
  type ExperimentTrace,
  type RunPoint,
} from './matrix.ts';
import type { RunOutcome } from './outcome.ts';
import { traceWindow } from './trace-window.ts';

/**
 * What carries out runs. All points of one call share a trace and its window, and what became of them comes
 * back in the order of the points. A record depends on its point alone, never on what ran beside it.
 */
export interface Executor {
  execute(points: readonly RunPoint[]): Promise<readonly RunOutcome[]>;
}

/**
 * Carries out runs of `experiment` here: all runs of a call in one pass over their trace. Windows, capacities and seeds are
 * those of the points, whatever the experiment says of them.
 */
export function inProcessExecutor(experiment: Experiment): Executor {
  return {
    async execute(points) {
      const [first] = points;
      if (first === undefined) return [];
      const label = labelOfPoint(first);
      assert(
        points.every((point) => labelOfPoint(point) === label),
        'a pass is of one trace',
      );
      const trace = traceOfPoint(experiment, first);
      const requests = points.map((point) => requestOfPoint(experiment, trace, point));
      const outcomes = await replayEach(openWindow(trace), requests);
      return outcomes.map((outcome): RunOutcome => {
        if (!(outcome instanceof InputError)) return outcome;
        return { refused: { code: outcome.code, reason: outcome.message } };
      });
    },
  };
}

/** The trace of `point`, with the window that the point says. */
export function traceOfPoint(experiment: Experiment, point: RunPoint): ExperimentTrace {
  const { window: _, ...whole } = find('trace', experiment.traces, ({ name }) => name, point.trace);
  return { ...whole, ...(point.window && { window: point.window }) };
}

/** The part of `trace` that its window says. */
export function openWindow(trace: ExperimentTrace): AccessTrace {
  return trace.window ? traceWindow(trace.open(), trace.window) : trace.open();
}

/** The label of the trace that `point` replays. */
export function labelOfPoint(point: RunPoint): string {
  return traceLabel({ name: point.trace, ...(point.window && { window: point.window }) });
}

/** What the simulator is asked for at `point`, on `trace`. */
export function requestOfPoint(
  experiment: Experiment,
  trace: ExperimentTrace,
  point: RunPoint,
): RunRequest {
  const machine = find('machine', experiment.machines, (each) => each.name, point.machine);
  const policy = find('policy', experiment.policies, (each) => each.policy.name, point.policy);
  return {
    memory: machine.memory(point.capacities),
    policy: policy.policy,
    params: point.params,
    ...(experiment.settings && { settings: experiment.settings }),
    seed: point.seed,
    ...(trace.placement && { placement: [trace.placement.ranges] }),
    inputs: runInputs(trace, machine, policy),
    tool: experiment.tool,
  };
}

function runInputs(
  trace: ExperimentTrace,
  machine: ExperimentMachine,
  policy: ExperimentPolicy,
): RunInput[] {
  const { placement } = trace;
  return [
    input('trace', traceLabel(trace), trace.sha256),
    input('machine', machine.name, machine.sha256),
    ...(placement ? [input('placement', placement.name, placement.sha256)] : []),
    ...(policy.sha256 === undefined ? [] : [input('policy', policy.policy.name, policy.sha256)]),
  ];
}

function input(role: RunInput['role'], name: string, sha256: string | undefined): RunInput {
  return { role, name, ...(sha256 !== undefined && { sha256 }) };
}

function find<T>(
  what: string,
  things: readonly T[],
  nameOf: (thing: T) => string,
  name: string,
): T {
  const found = things.find((thing) => nameOf(thing) === name);
  if (found === undefined) {
    throw new ExperimentError(
      'EXPERIMENT_BAD_MATRIX',
      `${what} ${JSON.stringify(name)}: the experiment has none of that name`,
    );
  }
  return found;
}
