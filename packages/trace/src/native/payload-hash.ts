import { xxh32 } from './xxh32.ts';

/** The ways of hashing a payload, by their number in a frame's header. */
export const PayloadHash = { parts: 0, lanes: 1 } as const;

/** The hash of `payload` in way `kind`: the reference of the kernels. */
export const hashPayload = (kind: number, payload: Uint8Array): number =>
  kind === PayloadHash.lanes ? laneHash(payload) : partsHash(payload);

/**
 * XXH32 of the XXH32s of the payload's four parts. The first three are a fourth of its length, rounded down to 16 bytes,
 * so that a machine may hash the four side by side. What version 1 of the format has.
 */
function partsHash(payload: Uint8Array): number {
  const part = (payload.length >> 6) << 4;
  const parts = new DataView(new ArrayBuffer(16));
  for (let i = 0; i < 4; i++) {
    const end = i < 3 ? (i + 1) * part : payload.length;
    parts.setUint32(i * 4, xxh32(payload, i * part, end), true);
  }
  return xxh32(new Uint8Array(parts.buffer));
}

const LANES = 32;
const PRIME = 0x9e3779b1;

/**
 * XXH32 of 32 lanes and the length, all u32. Lane `i` begins as `i` and takes every 32nd word of the payload, which is
 * filled up with zeros, from word `i` on: the word is added, the sum multiplied, and its upper half moved into the lower.
 */
function laneHash(payload: Uint8Array): number {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const lanes = Int32Array.from({ length: LANES }, (_, i) => i);
  const mix = (lane: number, word: number): void => {
    const mixed = Math.imul(lanes[lane] + word, PRIME);
    lanes[lane] = mixed ^ (mixed >>> 15);
  };
  const words = payload.length >> 2;
  for (let i = 0; i < words; i++) mix(i & (LANES - 1), view.getInt32(i * 4, true));
  const left = payload.length & 3;
  let padded = words;
  if (left > 0) {
    let word = 0;
    for (let i = 0; i < left; i++) word |= payload[words * 4 + i] << (8 * i);
    mix(padded++ & (LANES - 1), word);
  }
  while (padded & (LANES - 1)) mix(padded++ & (LANES - 1), 0);

  const end = new DataView(new ArrayBuffer(LANES * 4 + 4));
  lanes.forEach((lane, i) => end.setInt32(i * 4, lane, true));
  end.setUint32(LANES * 4, payload.length, true);
  return xxh32(new Uint8Array(end.buffer));
}
