import { randomStream } from '@tierlab/core';
import { assert, describe, expect, it } from 'vitest';

import { instantiateKernels } from '../kernels.generated.ts';
import { encodedAlone } from './column.testing.ts';
import {
  decodePacked,
  encodePacked,
  PACKED_WIDTH_MAX,
  packedBytes,
  packedGroups,
  packedHeadBytes,
} from './packed.ts';

const { kernels, memory } = instantiateKernels(32);
const BASE = kernels.heapBase();
const OUT = BASE + 600_000;
const LARGEST = BASE + 1_400_000;

/** Groups of every width, above bases of every size. */
function values(count: number, seed: number): Uint32Array {
  const random = randomStream(seed);
  const next = (): number => random.word();
  let width = 0;
  let base = 0;
  return Uint32Array.from({ length: count }, (_, i) => {
    // Some neighbours have the width of the one before.
    if (i % 64 === 0) base = next() % (2 ** 26 - 2 ** 25);
    if (i % 64 === 0 && (i === 0 || next() % 2 === 0)) {
      width = next() % (PACKED_WIDTH_MAX + 1);
    }
    return base + (width === 0 ? 0 : next() >>> (32 - width));
  });
}

const encoded = (column: Uint32Array): Uint8Array =>
  encodedAlone(packedBytes(column, column.length), (out, at) =>
    encodePacked(column, column.length, out, at),
  );

describe('a packed column', () => {
  it('is laid out as the specification draws it', () => {
    // 7 9 8: base 7, width 2, values 0 2 1 lowest bits first: 01 10 00, then 61 times 0 in 16 bytes.
    const bytes = [...encoded(Uint32Array.of(7, 9, 8))];
    expect(bytes).toEqual([(7 << 5) + 2, 0, 0, 0, 0b01_10_00, ...Array<number>(15).fill(0)]);
  });

  it('has one head and no bits for each group of one value', () => {
    expect([...encoded(new Uint32Array(65).fill(5))]).toEqual([160, 0, 0, 0, 160, 0, 0, 0]);
  });

  it('is impossible where a group spans more than 25 bits, or begins at 2^27', () => {
    const fits = Uint32Array.of(2 ** 27 - 1, 2 ** 27 - 2 + 2 ** 25);
    expect(packedBytes(fits, 2)).toBe(4 + 25 * 8);
    expect(packedBytes(Uint32Array.of(0, 2 ** 25), 2)).toBe(Infinity);
    expect(packedBytes(Uint32Array.of(2 ** 27), 1)).toBe(Infinity);
  });

  it('decodes the same in WebAssembly and in TypeScript', () => {
    for (const count of [1, 3, 63, 64, 65, 1_000, 65_536]) {
      const column = values(count, count);
      const bytes = encoded(column);
      const reference = new Uint32Array(count);
      assert.equal(decodePacked(bytes, 0, count, reference), bytes.length);
      assert.deepEqual(reference, column);

      new Uint8Array(memory.buffer).set(bytes, BASE);
      const largest = column.reduce((a, b) => Math.max(a, b));
      for (const limit of [0, largest, largest + 1]) {
        const used = kernels.decodePacked(BASE, packedGroups(count), OUT, limit, LARGEST);
        assert.equal(used, bytes.length - packedHeadBytes(count));
        assert.deepEqual(new Uint32Array(memory.buffer, OUT, count), column);
        const told = Math.max(...new Uint32Array(memory.buffer, LARGEST, 4));
        if (largest >= limit) assert.equal(told, largest);
        else assert.isBelow(told, limit);
      }
    }
  });

  it('is refused with a width that no writer gives', () => {
    new Uint32Array(memory.buffer, BASE, 1)[0] = PACKED_WIDTH_MAX + 1;
    expect(kernels.decodePacked(BASE, 1, OUT, 0, LARGEST)).toBe(-1);
  });
});
