import type { RunRecord } from '@tierlab/core';
import type { GivenSettings } from '@tierlab/simulator';

import type { CostModel } from './cost.ts';
import type { MachineChange } from './machine-change.ts';
import type {
  Experiment,
  ExperimentMachine,
  ExperimentPolicy,
  ExperimentTrace,
  RunPoint,
} from './matrix.ts';

/** Carries out runs of an experiment, in the order of `points`. */
export type RunPoints = (
  experiment: Experiment,
  points: readonly RunPoint[],
) => Promise<readonly RunRecord[]>;

/** How much DRAM do these workloads need on this machine, for a slowdown that is still good enough? */
export interface PlanRequest {
  readonly workloads: readonly PlanWorkload[];
  readonly machine: ExperimentMachine;
  /** The node whose memory is sized; the others must have room for the rest. */
  readonly dramNode: number;
  /** The machine whose DRAM alone slowdowns are measured against: the same for machines that are to be compared; `machine` if absent. */
  readonly reference?: { readonly machine: ExperimentMachine; readonly dramNode: number };
  /** What-ifs of the machine that the sensitivity tells of; each is a plan of its own for the best policy. */
  readonly machineChanges?: readonly MachineChange[];
  /** What it is measured against: every page in the fastest tier. */
  readonly allFast: ExperimentPolicy;
  /** Policies and rulers. */
  readonly policies: readonly ExperimentPolicy[];
  /** At least 1; 1.05 is 5 % slower than with DRAM alone. */
  readonly slowdownTarget: number;
  /** Five that matter to a policy give its curve an interval. */
  readonly seeds: readonly number[];
  /** Sizes at first, over the footprint. */
  readonly shares?: readonly number[];
  /** Halvings of the step between sizes around the answer; 5 if absent. */
  readonly refinements?: number;
  readonly cost?: CostModel;
  /** The quantity of `cost` whose break-even is asked for; `cxlPrice` if absent. */
  readonly breakEvenQuantity?: string;
  readonly settings?: GivenSettings;
  readonly tool: Experiment['tool'];
}

export interface PlanWorkload {
  readonly trace: ExperimentTrace;
  /** Its part of the fleet; 1 if absent. */
  readonly weight?: number;
}
