export { bootstrapMean, REPLICATES_MIN, type Interval } from './bootstrap.ts';
export { ExperimentError, type ExperimentErrorCode } from './errors.ts';
export { inProcessExecutor, labelOfPoint, openWindow, type Executor } from './executor.ts';
export {
  capacitiesText,
  expandExperiment,
  type Capacities,
  type Experiment,
  type ExperimentMachine,
  type ExperimentPlacement,
  type ExperimentPolicy,
  type ExperimentTrace,
  type RunPoint,
} from './matrix.ts';
export { comparePolicies, policyName, type FinishedRun, type PolicyPair } from './policy-pairs.ts';
export { portExecutor, serveExecutor, type PortEnd } from './port-executor.ts';
export {
  checkShards,
  mergeStores,
  parseShard,
  shardPoints,
  type FinishedShard,
  type Shard,
} from './shard.ts';
export { replicateSlowdowns, type ReplicateSlowdown } from './replicate-slowdown.ts';
export { holm, signFlipTest } from './sign-flip.ts';
export { memoryStore, type RunStore } from './store.ts';
export { findFinished, runSweep, sweepOutcomes, type Sweep, type SweepProgress } from './sweep.ts';
export { isRefused, recordsOf, type RefusedOutcome, type RunOutcome } from './outcome.ts';
export {
  checkThresholds,
  parseThreshold,
  type Threshold,
  type ThresholdResult,
} from './threshold.ts';
export { equalWindows, measureTrace, traceWindow, type TraceWindow } from './trace-window.ts';
export { createCostModel, DEFAULT_COST, type CostInput, type CostModel } from './cost.ts';
export { planCapacity } from './plan.ts';
export type { Plan, PlanAnswer, PlanCurve, PlanPoint } from './plan-answer.ts';
export type { PlanRequest, PlanWorkload, RunPoints } from './plan-request.ts';
export { changedMachine, type MachineChange } from './machine-change.ts';
export type { SensitivityLine } from './sensitivity.ts';
export { tunePolicy, type Choice, type TuneRequest, type TuneResult } from './tune.ts';
export { mapHeat, type HeatMap, type HeatMapRequest, type MappedRuns } from './heat-map.ts';
export { mapPoints, type PointHeatMap } from './map-points.ts';
