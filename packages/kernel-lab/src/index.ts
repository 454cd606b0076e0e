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
  type KernelTiers,
  type TierBootOptions,
  type TiersAndStates,
} from './boot/boot-tiers.ts';
export { findKernel, type KernelSource } from './boot/debian-kernels.ts';
export { defaultCacheDirectory } from './boot/guest-files.ts';
export { kernelFromFile, kernelImages, type KernelImage } from './boot/kernel-image.ts';
export { recordScenario, type RecordOptions } from './boot/record-scenario.ts';
export { scenarioOfRecord, type GuestMachine, type Scenario } from './boot/scenario.ts';
export { scaledMachine, type ScaledMachine } from './boot/scaled-machine.ts';
export {
  shownTiers,
  tierDifferences,
  type ShownCoordinate,
  type ShownDemotion,
  type ShownTiers,
  type TierDifference,
} from './boot/shown-tiers.ts';
