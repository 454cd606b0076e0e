import { expect, test } from 'vitest';

import { readMeasured } from './measure-costs.ts';

const lines = [
  '@kernel 6.12.107',
  '@tier memory_tier4 0',
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

test('the length of the list before the program started is a fact too', () => {
  const zone = ['Node 0, zone DMA32', ' pages free 9', ' min 1', ' low 2', ' high 3', ' promo 4']
    .concat(' present 10', ' managed 10', ' count: 1693')
    .map((line) => `@zone ${line}`);
  expect(readMeasured([...zone, '@exit 0']).facts).toEqual({ per_cpu_before: 1693 });
});

test('a program that failed gives no figures', () => {
  expect(() =>
    readMeasured(['calibrate: the scanner did not come', ...lines.slice(0, 4), '@exit 2']),
  ).toThrow('calibrate: the scanner did not come');
});
