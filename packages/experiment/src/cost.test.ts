import { expect, test } from 'vitest';

import { createCostModel } from './cost.ts';

const GIB = 2 ** 30;
const sizes = { dramBytes: 100 * GIB, cxlBytes: 50 * GIB, slowdown: 1.1 };
const prices = { dramPrice: '4 USD/GiB', cxlPrice: '2.5 USD/GiB' };

test('sizes times prices, in the units they come in', () => {
  expect(createCostModel(prices).cost(sizes)).toBeCloseTo(100 * 4 + 50 * 2.5, 9);
  const decimal = createCostModel({ dramPrice: '4 EUR/GB', cxlPrice: '0 EUR/GB' });
  expect(decimal.cost(sizes)).toBeCloseTo((100 * GIB * 4) / 1e9, 9);
  expect(decimal.currency).toBe('EUR');
});

test('an expression of the user: power over a lifetime, and machines that a slower run needs more of', () => {
  const model = createCostModel(
    {
      ...prices,
      dramPower: '0.4 W/GiB',
      energyPrice: '0.2 USD/kWh',
      lifetime: '4 year',
      server: '9000 USD',
    },
    'slowdown * (server + dram * dramPrice + cxl * cxlPrice) + dram * dramPower * lifetime * energyPrice',
  );
  const hours = 4 * 365.25 * 24;
  const expected = 1.1 * (9000 + 400 + 125) + 100 * 0.4 * (hours / 1000) * 0.2;
  expect(model.cost(sizes) / expected).toBeCloseTo(1, 3);
  expect(model.cost(sizes, { server: 2 }) - model.cost(sizes)).toBeCloseTo(1.1 * 9000, 6);
  expect(model.scaled('dramPrice', 1.1)).toBe('4.4 USD / GiB');
});

test.each([
  ['dram * dramPrice + ', 'Unexpected end'],
  ['dram + dramPrice', 'Units do not match'],
  ['dram / dramPrice', 'gives no amount of USD'],
  ['slowdown', 'gives no amount of USD'],
  ['dram * dramPrice * foo', 'foo is not known'],
  ['dram * dramPrice / 0', 'it gives Infinity'],
  ['dram * dramPrice > cxl * cxlPrice', 'gives no amount'],
])('%s: %s', (expression, problem) => {
  expect(() => createCostModel(prices, expression)).toThrow(problem);
});

test.each([
  'import({a: 1})',
  'x = 3',
  'f(x) = x',
  'dramPrice.toNumber("USD/B")',
  'cxl.constructor',
  '[1, 2][1]',
  'createUnit("evil")',
  'evaluate("1")',
  'parse("1")',
  'config({})',
  '{a: 1}',
  'dram; cxl',
  '"text"["constructor"]',
  'unit("4 USD")',
])('%s is not allowed', (expression) => {
  expect(() => createCostModel(prices, expression)).toThrow(/not allowed|no function/);
});

test.each([
  [{ dramPrice: '4 dollars/GiB' }, 'expected a number and a unit'],
  [{ dramPrice: '4', cxlPrice: '2' }, 'no quantity has a currency'],
  [{ dramPrice: '4 USD/GiB', cxlPrice: '2 EUR/GiB' }, 'USD and EUR'],
  [{ dram: '4 USD/GiB' }, 'not one of dram, cxl, slowdown'],
  [{ 'a-b': '4 USD/GiB' }, 'expected a name of letters and digits'],
  // A kelvin and a megatesla are what mathjs makes of these.
  [{ dramPrice: '4 USD/K', cxlPrice: '1 USD/GiB' }, 'Units do not match'],
])('%j: %s', (quantities, problem) => {
  expect(() => createCostModel(quantities)).toThrow(problem);
});
