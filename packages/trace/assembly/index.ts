export { bitsToBytes, bitsToIds } from './bitmap';
export { laneHash } from './lane-hash';
export { heapBase } from './memory';
export { decodePacked } from './packed';
export { scanColumns } from './scan-columns';
export { scanLackey } from './scan-lackey';
export { scanObjects } from './scan-objects';
export { scanPerf } from './scan-perf';
export { scanRamulator } from './scan-ramulator';
export { closeBatch, fillSlots, openBatch } from './scan-state';
export { scanView } from './scan-view';
export { decodeSparseTimes } from './sparse';
export {
  decodeDeltas,
  decodeNearTimes,
  decodeTimes,
  decodeValues,
} from './stream-vbyte';
export { payloadHash, xxh32 } from './xxh32';
