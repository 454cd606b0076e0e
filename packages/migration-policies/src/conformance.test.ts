import { anyRun, describeMigrationPolicy } from '@tierlab/testkit';
import { expect, test } from 'vitest';
import { migrationPolicies } from './index.ts';

for (const policy of migrationPolicies.values()) {
  describeMigrationPolicy(policy, {
    skip: [
      ...(policy.relaxes.includes('contention')
        ? [{ reason: 'it is the bound itself', cases: ['no run beats the fastest memory'] }]
        : []),
      ...(policy.signals.includes('accessStream')
        ? [
            {
              reason: 'recency decides, and is tested against a plain implementation',
              cases: ['equally hot pages are treated alike'],
            },
          ]
        : []),
    ],
  });
}

test('random whole runs of every policy pass every check, and pages move', async () => {
  const policies = [...migrationPolicies.values()];
  let moved = 0;
  for (let seed = 1; seed <= 150; seed++) {
    moved += (await anyRun(seed, policies)).totals.movedRequests;
  }
  expect(moved).toBeGreaterThan(10_000);
});
