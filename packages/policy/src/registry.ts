import { PolicyError } from './errors.ts';

/**
 * Policies by name.
 *
 * @throws {PolicyError} `POLICY_DUPLICATE_NAME`.
 */
export function byName<T extends { readonly name: string }>(
  policies: Iterable<T>,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const policy of policies) {
    if (found.has(policy.name)) {
      throw new PolicyError(
        'POLICY_DUPLICATE_NAME',
        `two policies are called ${policy.name}: rename one of them`,
      );
    }
    found.set(policy.name, policy);
  }
  return found;
}
