import { buildTiers, nodeList } from '@tierlab/core';
import { catalogueMachine, machineCatalogue } from '@tierlab/firmware/catalogue';
import { defaultDram } from '@tierlab/policy-default-dram';
import { cxlRegion, hmat } from '@tierlab/policy-hmat';
import { expect, test } from 'vitest';

/** `"4: 0-1, 36: 2-3"`: the tiers of Linux 6.12 on a machine of the catalogue. */
function tiersOf(name: string): string {
  const { boot } = buildTiers(catalogueMachine(name), {
    tieringPolicies: [hmat, cxlRegion, defaultDram],
  });
  return boot.tiers.map((tier) => `${tier.id}: ${nodeList(tier.nodes)}`).join(', ');
}

// What real kernels showed on these machines, or on guests with the same tables.
test.each([
  ['vm-hmat', '4: 0, 56: 1'],
  ['vm-no-hmat', '4: 0-1'],
  ['intel-2s-cpuless', '4: 0-1, 36: 2-3'],
  ['cascade-lake-2s-optane', '4: 0-1, 47: 2-3'],
  ['cascade-lake-2s-hbm-emulated', '4: 0-1, 5: 2-3'],
  ['cascade-lake-2s-memory-mode', '4: 0-3'],
  ['lab-three-tiers', '4: 0, 20: 1, 90: 2'],
  ['lab-hbm-dram-cxl', '0: 1, 4: 0, 27: 2'],
])('%s has the tiers %s', (name, tiers) => expect(tiersOf(name)).toBe(tiers));

test('every machine of the catalogue has tiers', () => {
  for (const { name } of machineCatalogue()) expect(tiersOf(name)).not.toBe('');
});
