import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';

import { randomStream } from '@tierlab/core';
import { assert, describe, expect, it } from 'vitest';

import { KERNELS_SOURCE_SHA256, instantiateKernels } from '../kernels.generated.ts';
import {
  WIDTH_SETS,
  bestWidthSet,
  controlBytes,
  decodeStream,
  encodeStream,
  streamBound,
  sumZigzag,
  zigzagDifferences,
} from './stream-vbyte.ts';

const { kernels, memory } = instantiateKernels(32);
const BASE = kernels.heapBase();
const OUT = BASE + 600_000;
const LARGEST = BASE + 1_400_000;

/** Values of every byte length, in bursts of one length. */
function values(count: number, seed: number, maxBytes: number): Uint32Array {
  const random = randomStream(seed);
  const next = (): number => random.word();
  let bytes = 0;
  return Uint32Array.from({ length: count }, () => {
    if ((next() & 7) === 0) bytes = next() % (maxBytes + 1);
    return bytes === 0 ? 0 : next() >>> (32 - bytes * 8);
  });
}

function encoded(set: number, column: Uint32Array): Uint8Array {
  const out = new Uint8Array(streamBound(column.length));
  return out.subarray(0, encodeStream(set, column, column.length, out, 0));
}

describe('the generated kernels', () => {
  it('were compiled from the sources beside them', () => {
    const folder = new URL('../../assembly/', import.meta.url);
    const hash = createHash('sha256');
    for (const name of readdirSync(folder).sort()) {
      if (name.endsWith('.ts'))
        hash.update(`${name}\n`).update(readFileSync(new URL(name, folder)));
    }
    expect(hash.digest('hex'), 'run: pnpm --filter @tierlab/trace build:kernels').toBe(
      KERNELS_SOURCE_SHA256,
    );
  });
});

describe('StreamVByte', () => {
  it('lays out control bits and bytes as the specification draws them', () => {
    // widths 0123; values 0, 5, 300, 70000, 1: codes 0 1 2 3 | 1, low bits first.
    expect([...encoded(0, Uint32Array.of(0, 5, 300, 70_000, 1))]).toEqual([
      0b11_10_01_00, 0b01, 5, 0x2c, 0x01, 0x70, 0x11, 0x01, 1,
    ]);
    // widths 1234: codes 0 0 1 2 | 0, and three zeros fill the last group.
    expect([...encoded(1, Uint32Array.of(0, 5, 300, 70_000, 1))]).toEqual([
      0b10_01_00_00, 0, 0, 5, 0x2c, 0x01, 0x70, 0x11, 0x01, 1, 0, 0, 0,
    ]);
  });

  it('chooses the smallest width set, and never one that cannot hold the column', () => {
    for (const maxBytes of [0, 1, 2, 3, 4]) {
      const column = values(1_003, 7 + maxBytes, maxBytes);
      const sizes = WIDTH_SETS.map((_, set) => {
        const out = new Uint32Array(column.length);
        const bytes = encoded(set, column);
        decodeStream(set, bytes, 0, column.length, out);
        return out.every((value, i) => value === column[i]) ? bytes.length : Infinity;
      });
      expect(sizes[bestWidthSet(column, column.length)]).toBe(Math.min(...sizes));
    }
  });

  for (const [set, widths] of WIDTH_SETS.entries()) {
    it(`decodes widths ${widths.join('')} the same in WebAssembly and in TypeScript`, () => {
      for (const count of [0, 1, 3, 4, 5, 63, 64, 1_000, 65_536]) {
        const column = values(count, count + 1, widths[3]);
        const bytes = encoded(set, column);
        new Uint8Array(memory.buffer).set(bytes, BASE);
        const data = BASE + controlBytes(count);
        const reference = new Uint32Array(count);
        const end = decodeStream(set, bytes, 0, count, reference);
        assert.deepEqual(reference, column);
        const out = new Uint32Array(memory.buffer, OUT, count);
        const used = kernels.decodeValues(set, BASE, data, count, OUT);
        assert.deepEqual([used, out], [end - controlBytes(count), column]);

        sumZigzag(reference, count);
        assert.equal(kernels.decodeDeltas(set, BASE, data, count, OUT, LARGEST), used);
        assert.deepEqual(out, reference);
        const lanes = new Uint32Array(memory.buffer, LARGEST, 4);
        if (count % 4 === 0) {
          assert.equal(
            Math.max(...lanes),
            reference.reduce((a, b) => Math.max(a, b), 0),
          );
        }
        const back = new Uint32Array(count);
        zigzagDifferences(reference, count, back);
        assert.deepEqual(back, column);

        assert.equal(kernels.decodeTimes(set, BASE, data, count, 2 ** 51 + 3, OUT), used);
        let time = 2 ** 51 + 3;
        const times = Float64Array.from(column, (difference) => (time += difference));
        assert.deepEqual(new Float64Array(memory.buffer, OUT, count), times);
      }
    });
  }

  it('spreads a bitmap to bytes', () => {
    for (const count of [0, 1, 7, 8, 9, 16, 17, 1_000, 65_536]) {
      const bits = Uint8Array.from(values((count + 7) >> 3, 99, 1));
      new Uint8Array(memory.buffer).set(bits, BASE);
      kernels.bitsToBytes(BASE, count, OUT);
      const expected = Uint8Array.from({ length: count }, (_, i) => (bits[i >> 3] >> (i & 7)) & 1);
      assert.deepEqual(new Uint8Array(memory.buffer, OUT, count), expected);
    }
  });

  it('numbers the bits of a bitmap', () => {
    for (const [count, first] of [
      [0, 0],
      [1, 7],
      [256, 0],
      [8192, 1_000_000],
    ] as const) {
      // All bytes there are, then any.
      const bits = Uint8Array.from(values(count, 99, 1), (byte, i) => (i < 256 ? i : byte));
      new Uint8Array(memory.buffer).set(bits, BASE);
      const expected: number[] = [];
      for (let i = 0; i < count * 8; i++)
        if ((bits[i >> 3] >> (i & 7)) & 1) expected.push(first + i);
      assert.equal(kernels.bitsToIds(BASE, count, first, OUT), expected.length);
      assert.deepEqual([...new Uint32Array(memory.buffer, OUT, expected.length)], expected);
    }
  });
});
