import { expect, test } from 'vitest';

import { parseCapacities } from './capacities.ts';

const MiB = 2 ** 20;

test('sizes of one node are a list, nodes multiply', () => {
  expect(parseCapacities([])).toEqual([{}]);
  expect(parseCapacities(['node0=256MiB'])).toEqual([{ 0: 256 * MiB }]);
  expect(parseCapacities(['node0=64MiB,128 MiB', '1=1GiB'])).toEqual([
    { 0: 64 * MiB, 1: 1024 * MiB },
    { 0: 128 * MiB, 1: 1024 * MiB },
  ]);
  expect(parseCapacities(['node0=64MiB,node1=1GiB'])).toEqual([{ 0: 64 * MiB, 1: 1024 * MiB }]);
});

test.each([
  ['256MiB', /expected NODE=SIZE/],
  ['node0=', /expected NODE=SIZE/],
  ['node0=256', /unit/],
  ['node0=80 ns', /size/],
])('%s is refused', (text, message) => {
  expect(() => parseCapacities([text])).toThrow(message);
});
