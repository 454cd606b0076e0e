/** A machine from what `/sys` showed on it. */
export { machineFromSysfs, type ObservedKernel, type SysfsMachine } from './sysfs/machine.ts';
export { sysfsFromTar, type SysfsReader } from './sysfs/reader.ts';
