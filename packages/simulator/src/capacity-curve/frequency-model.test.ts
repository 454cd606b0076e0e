import { expect, test } from 'vitest';
import { instantiateKernels } from '../kernels.generated.ts';
import { groupByCount, KEYS } from './frequency-model.ts';

test('the kernel groups counts as the loop does', () => {
  const counts = Uint32Array.from({ length: 3000 }, (_, i) =>
    i < 1000 ? i % 70 : Math.floor(1.01 ** (i - 1000)),
  );
  counts.set([0xff, 0x100, 0xffff_ffff, 0x8000_0000, 0x7fff_ffff], 5);
  const { kernels, memory } = instantiateKernels(2);
  const low = Math.ceil(kernels.heapBase() / 16) * 16;
  const [carries, groups] = [low + counts.length, low + 5 * counts.length];
  new Uint8Array(memory.buffer).set(counts, low);
  new Uint32Array(memory.buffer, carries).set(counts.map((count) => count >>> 8));
  kernels.groupCounts(low, carries, counts.length, groups, KEYS);
  const column = (at: number): Float64Array => new Float64Array(memory.buffer, at, KEYS);
  expect({ pages: column(groups), accesses: column(groups + 8 * KEYS) }).toEqual(
    groupByCount(counts),
  );
});
