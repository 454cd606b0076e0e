export { heapBase } from './memory';
export { bitsToBytes, decodeDeltas, decodeTimes, decodeValues } from './stream-vbyte';
