/**
 * XXH32 with seed 0 of `bytes[from..to)`: the reference of `assembly/xxh32.ts`, and the one for short headers.
 *
 * Source: Yann Collet, "xxHash fast digest algorithm", doc/xxhash_spec.md version 0.1.1.
 */
export function xxh32(bytes: Uint8Array, from: number = 0, to: number = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  let at = from;
  let hash = PRIME5;
  if (to - from >= 16) {
    let lane0 = (PRIME1 + PRIME2) | 0;
    let lane1 = PRIME2;
    let lane2 = 0;
    let lane3 = -PRIME1;
    for (; at + 16 <= to; at += 16) {
      lane0 = mix(lane0, view.getUint32(at, true));
      lane1 = mix(lane1, view.getUint32(at + 4, true));
      lane2 = mix(lane2, view.getUint32(at + 8, true));
      lane3 = mix(lane3, view.getUint32(at + 12, true));
    }
    hash = rotate(lane0, 1) + rotate(lane1, 7) + rotate(lane2, 12) + rotate(lane3, 18);
  }
  hash = (hash + (to - from)) | 0;
  for (; at + 4 <= to; at += 4) {
    hash = Math.imul(rotate(hash + Math.imul(view.getUint32(at, true), PRIME3), 17), PRIME4);
  }
  for (; at < to; at++) {
    hash = Math.imul(rotate(hash + Math.imul(bytes[at], PRIME5), 11), PRIME1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const PRIME1 = 0x9e3779b1;
const PRIME2 = 0x85ebca77;
const PRIME3 = 0xc2b2ae3d;
const PRIME4 = 0x27d4eb2f;
const PRIME5 = 0x165667b1;

const mix = (lane: number, word: number): number =>
  Math.imul(rotate(lane + Math.imul(word, PRIME2), 13), PRIME1);

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
