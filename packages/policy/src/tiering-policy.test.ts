import { expect, test } from 'vitest';
import { ADISTANCE_DRAM, defineTieringPolicy, type TieringPolicy } from './index.ts';

const whole: TieringPolicy = { name: 'all-dram', priority: 0, adistance: () => ADISTANCE_DRAM };

test('a whole declaration is the policy', () => expect(defineTieringPolicy(whole)).toBe(whole));

test.each([
  ['a name with capitals', { ...whole, name: 'AllDram' }],
  ['no name', { ...whole, name: undefined }],
  ['a fractional priority', { ...whole, priority: 0.5 }],
  ['no adistance', { ...whole, adistance: undefined }],
  ['a register that is no function', { ...whole, register: 'no' }],
])('%s is refused', (_, policy) =>
  expect(() => defineTieringPolicy(policy as TieringPolicy)).toThrow(
    expect.objectContaining({ code: 'POLICY_BAD_DEFINITION' }),
  ),
);
