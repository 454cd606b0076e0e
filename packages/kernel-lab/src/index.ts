export { KernelLabError, type KernelLabErrorCode } from './errors.ts';
export type {
  KernelRecord,
  PlayedStream,
  RecordInterval,
  RecordStart,
  VmstatCounters,
} from './record.ts';
export { encodePlay, type AccessPlay, type PlayPace } from './boot/access-play.ts';
export type { RunOptions } from './boot/boot-guest.ts';
export {
  bootTiers,
  type KernelStep,
  type KernelTiers,
  type TierBootOptions,
} from './boot/boot-tiers.ts';
export { requireSameNumbers } from './boot/guest-steps.ts';
export { findKernel, type KernelSource } from './boot/debian-kernels.ts';
export { defaultCacheDirectory } from './boot/guest-files.ts';
export {
  kernelFromFile,
  kernelImages,
  upstreamVersion,
  type KernelImage,
} from './boot/kernel-image.ts';
export {
  measureGuest,
  type MeasuredCost,
  type MeasuredGuest,
  type MeasureOptions,
} from './boot/measure-costs.ts';
export { measureOwnPages } from './boot/measure-own-pages.ts';
export type { ShownState } from './boot/read-tiers.ts';
export { recordScenario, type RecordOptions } from './boot/record-scenario.ts';
export {
  machineOfRecord,
  scenarioOfRecord,
  type GuestMachine,
  type Scenario,
} from './boot/scenario.ts';
export { scaledMachine, type BootableMachine, type ScalingOptions } from './boot/scaled-machine.ts';
export {
  shownTiers,
  tierDifferences,
  type ShownCoordinate,
  type ShownDemotion,
  type ShownTiers,
  type TierDifference,
} from './boot/shown-tiers.ts';
export { tableMachine, type TableMachineOptions } from './boot/table-machine.ts';
export {
  agreement,
  barOf,
  COMPARED_COUNTERS,
  finalCounter,
  judge,
  onSharedIntervals,
  recordPages,
  type Agreement,
  type Bar,
  type Verdict,
} from './agreement.ts';
export { readPartialRecord, readRecord } from './read-record.ts';
export { formatPlacement, parsePlacement } from './placement.ts';
export {
  accessesByMs,
  parseAccessProgram,
  programLength,
  type AccessPhase,
  type AccessProgram,
} from './replay/access-program.ts';
export type { GuestCosts } from './replay/guest-costs.ts';
export {
  replayedRecord,
  replayLabRecord,
  startReplay,
  type LabReplay,
  type ReplayOptions,
} from './replay/replay-record.ts';
export { parseSetup, type DamonArguments, type LabSetup } from './replay/setup.ts';
export {
  placementCurve,
  placementPicture,
  validationTable,
  type ValidatedScenario,
} from './validation.ts';
