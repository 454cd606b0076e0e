import { describe, expect, it } from 'vitest';

import { instantiateKernels } from '../kernels.generated.ts';
import { hashPayload, PayloadHash } from './payload-hash.ts';
import { xxh32 } from './xxh32.ts';

const { kernels, memory } = instantiateKernels(4);
const BASE = kernels.heapBase();
const KERNELS = { parts: kernels.payloadHash, lanes: kernels.laneHash } as const;

const bytesOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 2654435761) >>> 13);

describe.each(['parts', 'lanes'] as const)('the hash of a payload by %s', (kind) => {
  const hash = (payload: Uint8Array): number => hashPayload(PayloadHash[kind], payload);

  it('is the same in WebAssembly at every length', () => {
    for (let length = 0; length <= 700; length++) {
      const payload = bytesOf(length);
      // What is behind the payload is not of it.
      new Uint8Array(memory.buffer).fill(0xff, BASE, BASE + 2000);
      new Uint8Array(memory.buffer).set(payload, BASE);
      expect(KERNELS[kind](BASE, length) >>> 0).toBe(hash(payload));
    }
  });

  it('tells every flipped bit, every pair of top bits, and zeros at the end', () => {
    const payload = bytesOf(520);
    const right = hash(payload);
    for (let bit = 0; bit < payload.length * 8; bit++) {
      payload[bit >> 3] ^= 1 << (bit & 7);
      expect(hash(payload)).not.toBe(right);
      payload[bit >> 3] ^= 1 << (bit & 7);
    }
    for (let word = 0; word < 130; word++) {
      for (let other = word + 1; other < 130; other++) {
        payload[word * 4 + 3] ^= 0x80;
        payload[other * 4 + 3] ^= 0x80;
        expect(hash(payload)).not.toBe(right);
        payload[word * 4 + 3] ^= 0x80;
        payload[other * 4 + 3] ^= 0x80;
      }
    }
    expect(hash(Uint8Array.of(...payload, 0))).not.toBe(right);
  });
});

it('by lanes is laid out as the specification says', () => {
  // One word of 7, so lane 0 takes 7 and all others a zero; then the length, 4.
  const words = Array.from({ length: 32 }, (_, lane) => {
    const mixed = Math.imul(lane === 0 ? 7 : lane, 0x9e3779b1);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  });
  const end = new Uint8Array(Uint32Array.of(...words, 4).buffer);
  expect(hashPayload(PayloadHash.lanes, Uint8Array.of(7, 0, 0, 0))).toBe(xxh32(end));
});
