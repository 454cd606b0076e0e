import { expect, test } from 'vitest';

import { readMeasured } from './measure-costs.ts';

const lines = [
  '@kernel 6.12.107',
  '@zone Node 0, zone DMA',
  '@fact pages_below_border 7',
  '@cost hint_fault 36712304 16384',
  '@exit 0',
];

test('costs are sums over a count, facts are numbers', () => {
  expect(readMeasured(lines)).toEqual({
    kernel: '6.12.107',
    costs: { hint_fault: { ns: 36_712_304, count: 16_384 } },
    facts: { pages_below_border: 7 },
  });
});

test('a program that failed gives no figures', () => {
  expect(() =>
    readMeasured(['calibrate: the scanner did not come', ...lines.slice(0, 4), '@exit 2']),
  ).toThrow('calibrate: the scanner did not come');
});
