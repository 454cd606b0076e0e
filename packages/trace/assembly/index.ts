export { heapBase } from './memory';
export {
  bitsToBytes,
  decodeDeltas,
  decodeNearTimes,
  decodeTimes,
  decodeValues,
} from './stream-vbyte';
export { payloadHash, xxh32 } from './xxh32';
