/** A machine from the XML that hwloc's `lstopo` writes. */
export { machineFromHwlocXml } from './hwloc/machine.ts';
