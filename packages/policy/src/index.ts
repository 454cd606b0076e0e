export * from './costs.ts';
export * from './errors.ts';
export * from './hooks.ts';
export * from './hottest.ts';
export * from './memory-view.ts';
export * from './migration-policy.ts';
export * from './moves.ts';
export * from './params.ts';
export * from './quota.ts';
export * from './registry.ts';
export * from './signals.ts';
export * from './tiering-policy.ts';
export * from './wrap.ts';
export { ADISTANCE_DAX, ADISTANCE_DRAM, memoryTarget, nodeId } from '@tierlab/core';
export type {
  AbstractDistance,
  AccessCoordinate,
  Bytes,
  Machine,
  MegabytesPerSecond,
  Nanoseconds,
  NodeId,
  TieringAnswer,
  TieringPass,
  TieringPolicy,
  TieringView,
} from '@tierlab/core';
