import { describe, expect, it } from 'vitest';

import { instantiateKernels } from '../kernels.generated.ts';
import { xxh32 } from './xxh32.ts';

const { kernels, memory } = instantiateKernels(4);
const BASE = kernels.heapBase();

function inWasm(bytes: Uint8Array): number {
  new Uint8Array(memory.buffer).set(bytes, BASE);
  return kernels.xxh32(BASE, bytes.length) >>> 0;
}

describe('xxh32', () => {
  it.each([
    // Published values: python-xxhash's README, xxHash's own sanity check for the empty input.
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('of %j', (text, expected) => {
    const bytes = Buffer.from(text);
    expect(xxh32(bytes)).toBe(expected);
    expect(inWasm(bytes)).toBe(expected);
  });

  it('is the same in WebAssembly at every length and offset', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => Math.imul(i, 2654435761) >>> 13);
    for (let from = 0; from < 20; from++) {
      for (let to = from; to <= bytes.length; to += 1 + (to & 3)) {
        expect(xxh32(bytes, from, to)).toBe(inWasm(bytes.subarray(from, to)));
      }
    }
  });
});
