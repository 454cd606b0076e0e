/**
 * What an author of a tiering policy imports. A module of its own, because the contract for migration
 * policies takes longer to load than a machine's tiers take to build.
 */
export { PolicyError, type PolicyErrorCode } from './errors.ts';
export { defineTieringPolicy } from './tiering-policy.ts';
export { ADISTANCE_DAX, ADISTANCE_DRAM, memoryTarget, nodeId } from '@tierlab/core';
export type {
  AbstractDistance,
  AccessCoordinate,
  Machine,
  NodeId,
  TieringAnswer,
  TieringPass,
  TieringPolicy,
  TieringView,
} from '@tierlab/core';
