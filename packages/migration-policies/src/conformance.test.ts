import { letterTrace, replay, tinyMemory } from '@tierlab/simulator';
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

test.each([...migrationPolicies.values()])(
  '$name needs no memory for memory that is not used',
  async (policy) => {
    // 64 TiB a node.
    const huge = { pages: 2 ** 34, latencyNs: 100 };
    const record = await replay({
      trace: letterTrace('abcABCabc'),
      memory: tinyMemory([huge, { ...huge, latencyNs: 300 }]),
      policy,
    });
    expect(record.totals.accesses).toBe(9);
  },
);
