export {
  capacityCurve,
  type CapacityCurve,
  type CurveSample,
} from './capacity-curve/capacity-curve.ts';
export * from './errors.ts';
export * from './latency-curve.ts';
export * from './machine-memory.ts';
export * from './memory-system.ts';
export * from './replay.ts';
export type { RunRequest } from './run-request.ts';
export * from './settings.ts';
export * from './watermarks.ts';
export * from './tiny.ts';
