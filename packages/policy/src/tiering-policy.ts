import type { TieringPolicy } from '@tierlab/core';
import { PolicyError } from './errors.ts';

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * A tiering policy made of its declaration: a policy that places nodes into tiers by giving them an
 * abstract distance. The smallest answers for every node alike:
 * `defineTieringPolicy({ name: 'all-dram', priority: 0, adistance: () => ADISTANCE_DRAM })`.
 *
 * A plug-in module exports it as `policy`.
 *
 * @throws {PolicyError} `POLICY_BAD_DEFINITION`.
 */
export function defineTieringPolicy(policy: TieringPolicy): TieringPolicy {
  const { name, priority, adistance, register } = policy as Partial<TieringPolicy>;
  const bad = (what: string): PolicyError =>
    new PolicyError('POLICY_BAD_DEFINITION', `tiering policy ${JSON.stringify(name)}: ${what}`);
  if (typeof name !== 'string' || !NAME.test(name))
    throw bad('the name must be lower-case words joined by hyphens');
  if (!Number.isSafeInteger(priority))
    throw bad('priority must be an integer; the HMAT policy has 100, default-dram 0');
  if (typeof adistance !== 'function') throw bad('adistance must be a function of (node, view)');
  if (register !== undefined && typeof register !== 'function')
    throw bad('register must be a function of (view), or be left out');
  return policy;
}
