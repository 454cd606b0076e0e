import { randomStream } from '@tierlab/core';
import { assert, describe, expect, it } from 'vitest';

import { instantiateKernels } from '../kernels.generated.ts';
import { encodedAlone } from './column.testing.ts';
import { decodeSparse, encodeSparse, sparseBytes } from './sparse.ts';

const { kernels, memory } = instantiateKernels(64);
const BASE = kernels.heapBase();
const OUT = BASE + 1_000_000;
const FIRST = 2 ** 51 + 3;

/** Half of the values 0, the others of up to `bits` bits, few of them of many. */
function differences(count: number, seed: number, bits: number): Uint32Array {
  const random = randomStream(seed);
  const next = (): number => random.word();
  return Uint32Array.from({ length: count }, () => {
    if (next() % 2 === 0) return 0;
    const width = next() % 16 === 0 ? bits : next() % 12;
    return width === 0 ? 0 : next() >>> (32 - width);
  });
}

const encoded = (values: Uint32Array): Uint8Array =>
  encodedAlone(sparseBytes(values, values.length), (out, at) =>
    encodeSparse(values, values.length, out, at),
  );

/** The kernel's times of a column's bytes, and how many bytes it took. */
function times(column: Uint8Array, count: number): { used: number; time: Float64Array } {
  const bytes = new Uint8Array(memory.buffer);
  // Nor what follows the column.
  bytes.fill(0xff, BASE, BASE + column.length + 64);
  bytes.set(column, BASE);
  const used = kernels.decodeSparseTimes(BASE, BASE + column.length, count, FIRST, OUT);
  return { used, time: new Float64Array(memory.buffer, OUT, count) };
}

describe('a sparse column', () => {
  it('is laid out as the specification draws it', () => {
    // 0 5 300 0: no exceptions, bits 1 and 2, two u16.
    expect([...encoded(Uint32Array.of(0, 5, 300, 0))]).toEqual([0, 0, 0, 0, 0b0110, 5, 0, 44, 1]);
    // In the second eight 70,000 is beyond: an exception at index 9, and no bit.
    const far = Uint32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 70_000);
    expect([...encoded(far)]).toEqual([1, 0, 0, 0, 9, 0, 0, 0, 0x70, 0x11, 1, 0, 0, 0b01, 1, 0]);
  });

  it('makes exceptions where eight values sum up to 2^16, and only there', () => {
    const below = Uint32Array.of(8_192, 57_343);
    const at = Uint32Array.of(8_191, 57_345);
    expect(encoded(below)[0]).toBe(0);
    expect([...encoded(at).subarray(0, 12)]).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 0x01, 0xe0, 0, 0]);
  });

  it('decodes the same in WebAssembly and in TypeScript', () => {
    for (const count of [1, 7, 8, 9, 16, 17, 1_000, 65_536])
      for (const bits of [8, 14, 16, count > 1_000 ? 17 : 24]) {
        const values = differences(count, count + bits, bits);
        const bytes = encoded(values);
        const reference = new Uint32Array(count);
        assert.equal(decodeSparse(bytes, 0, count, reference), bytes.length);
        assert.deepEqual(reference, values);

        let sum = FIRST;
        const expected = Float64Array.from(values, (difference) => (sum += difference));
        const { used, time } = times(bytes, count);
        assert.equal(used, bytes.length);
        assert.deepEqual(time, expected);
      }
  });

  it('is refused where its exceptions are not those of an encoder', () => {
    const bytes = encoded(Uint32Array.of(0, 100_000, 0, 90_000));
    const changed = (at: number, value: number): Uint8Array => {
      const copy = bytes.slice();
      copy[at] = value;
      return copy;
    };
    expect(times(bytes, 4).used).toBe(bytes.length);
    expect(times(changed(0, 3), 4).used).toBe(-1); // more than the column holds
    expect(times(changed(3, 255), 4).used).toBe(-1);
    expect(times(changed(4, 3), 4).used).toBe(-1); // the same index twice
    expect(times(changed(12, 4), 4).used).toBe(-1); // an index past the last
    expect(times(bytes.subarray(0, 3), 4).used).toBe(-1);
  });
});
