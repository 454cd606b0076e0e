export { KernelLabError, type KernelLabErrorCode } from './errors.ts';
export type { KernelRecord, RecordInterval, RecordStart, VmstatCounters } from './record.ts';
