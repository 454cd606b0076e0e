import { describe, expect, test } from 'vitest';

import { formatQuantity, parseQuantity, type QuantityKind } from './quantity.ts';

describe('a plain number and unit', () => {
  test.each<[QuantityKind, string, number]>([
    ['size', '64 GiB', 64 * 2 ** 30],
    ['size', '64GiB', 64 * 2 ** 30],
    ['size', '1 TB', 1e12],
    ['size', '1.5 KiB', 1536],
    ['size', '0 B', 0],
    ['time', '80 ns', 80],
    ['time', '82.5 ns', 82.5],
    ['time', '500 ps', 0.5],
    ['time', '2 us', 2000],
    ['time', '2 µs', 2000],
    ['bandwidth', '38.4 GB/s', 38_400],
    ['bandwidth', '1 MiB/s', 1.048576],
    ['bandwidth', '840 MB/s', 840],
    ['bandwidth', '204.8 GB/s', 204_800],
  ])('%s %s is %d', (kind, text, value) => expect(parseQuantity(kind, text)).toBe(value));
});

test('an expression is read by mathjs, whose float noise does not come through', () => {
  expect(parseQuantity('size', '2 * 32 GiB')).toBe(64 * 2 ** 30);
  expect(parseQuantity('time', '0.1 us + 5 ns')).toBe(105);
  expect(parseQuantity('bandwidth', '8 * 38.4 GB/s')).toBe(307_200);
});

test.each<[QuantityKind, string | number, RegExp]>([
  ['time', 80, /expected a latency with its unit such as 80 ns, got 80 without a unit/],
  ['time', '80', /got "80"/],
  ['time', '-5 ns', /got "-5 ns", which is below 0/],
  ['time', '80 GiB', /expected a latency .* got "80 GiB"/],
  // Kelvin and megatesla: what mathjs reads into them.
  ['size', '4 K', /expected a size .* got "4 K"/],
  ['bandwidth', '5600 MT/s', /expected a bandwidth .* got "5600 MT\/s"/],
  ['size', '64 Gib', /got "64 Gib"/],
  ['size', '1e300 B', /too large/],
  ['size', '', /got ""/],
  ['size', 'import({})', /got "import/],
  ['size', 'ones(100000000) B', /got "ones/],
])('%s %s is refused', (kind, text, message) =>
  expect(() => parseQuantity(kind, text)).toThrow(message),
);

test('what is written is read back', () => {
  const cases: readonly [QuantityKind, number, string][] = [
    ['size', 64 * 2 ** 30, '64 GiB'],
    ['size', 2 ** 30 + 1, '1073741825 B'],
    ['size', 0, '0 B'],
    ['time', 80, '80 ns'],
    ['bandwidth', 38_400, '38.4 GB/s'],
    ['bandwidth', 840, '840 MB/s'],
    ['bandwidth', 131_073, '131.073 GB/s'],
  ];
  for (const [kind, value, text] of cases) {
    expect(formatQuantity(kind, value)).toBe(text);
    expect(parseQuantity(kind, text)).toBe(value);
  }
});
