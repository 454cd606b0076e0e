import { expect, test } from 'vitest';
import { bytes, count, duration, flag, oneOf, ratio, resolveParams } from './index.ts';

const params = {
  hotAccesses: count({ default: 4, min: 1, doc: 'Accesses that make a page hot.' }),
  share: ratio({ default: 0.5, doc: 'Share of the budget.' }),
  budget: bytes({ default: 64 * 2 ** 20, doc: 'Bytes moved in a window.' }),
  period: duration({ default: 500e6, min: 1, doc: 'Time between passes.' }),
  order: oneOf({ values: ['hot', 'cold'], default: 'hot', doc: 'Which pages go first.' }),
  exchange: flag({ default: false, doc: 'Swap pages.' }),
};

test('defaults, flags and files, each with its source', () => {
  const { values, manifest } = resolveParams('p', params, {
    budget: '1.5 GiB',
    period: { value: '2s', source: 'file' },
    order: 'cold',
    exchange: 'on',
    hotAccesses: 7,
  });
  expect(values).toEqual({
    hotAccesses: 7,
    share: 0.5,
    budget: 1.5 * 2 ** 30,
    period: 2e9,
    order: 'cold',
    exchange: true,
  });
  expect(manifest).toEqual({
    hotAccesses: { value: '7', source: 'flag' },
    share: { value: '0.5', source: 'default' },
    budget: { value: '1536MiB', source: 'flag' },
    period: { value: '2s', source: 'file' },
    order: { value: 'cold', source: 'flag' },
    exchange: { value: 'on', source: 'flag' },
  });
});

test.each([
  [{ hotAccesses: '0' }, 'p: hotAccesses: expected count >= 1, got "0" (below 1)'],
  [{ hotAccesses: '2.5' }, 'p: hotAccesses: expected count >= 1, got "2.5" (not a count)'],
  [{ hotAccesses: 2.5 }, 'p: hotAccesses: expected count >= 1, got 2.5 (not a whole number)'],
  [{ share: '1.1' }, 'p: share: expected ratio >= 0 and <= 1, got "1.1" (above 1)'],
  [{ budget: '64' }, /budget: expected bytes >= 0 with its unit .* got "64" \(no number/],
  [{ period: '0 ns' }, /period: expected duration >= 1 with its unit .* \(below 1\)/],
  [{ order: 'warm' }, 'p: order: expected hot | cold, got "warm" (not one of them)'],
  [{ exchange: 'maybe' }, 'p: exchange: expected on | off, got "maybe" (neither on nor off)'],
  [{ exchange: 1 }, 'p: exchange: expected on | off, got 1 (a number)'],
])('%j is told', (given, message) => {
  expect(() => resolveParams('p', params, given as Record<string, string>)).toThrow(message);
});

test('an unknown parameter names those there are', () => {
  expect(() => resolveParams('p', params, { hotAcesses: '3' })).toThrow(
    'p: no parameter "hotAcesses"; it has: budget, exchange, hotAccesses, order, period, share',
  );
});

test('what is shown is read back', () => {
  for (const [name, param] of Object.entries(params)) {
    const text = (param.show as (value: unknown) => string)(param.default);
    expect(resolveParams('p', params, { [name]: text }).values[name]).toBe(param.default);
  }
});
