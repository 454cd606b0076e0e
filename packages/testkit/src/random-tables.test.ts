import { buildTiers } from '@tierlab/core';
import { decodeAcpi } from '@tierlab/firmware';
import { defaultDram } from '@tierlab/policy-default-dram';
import { hmat } from '@tierlab/policy-hmat';
import { expect, test } from 'vitest';

import { randomTables } from './random-tables.ts';
import { createRandom } from './random.ts';

test('what is drawn is varied: one tier and many, missing figures, SLITs that Linux ignores', () => {
  const byTiers = new Map<number, number>();
  let [spoiltSlits, initiators, silent] = [0, 0, 0];
  for (let seed = 0; seed < 300; seed++) {
    const { tables, ramMiB } = randomTables(createRandom(seed));
    for (const bytes of Object.values(tables)) {
      expect(bytes.reduce((sum, byte) => sum + byte, 0) % 256).toBe(0);
    }
    const machine = decodeAcpi(tables, { ramMiB });
    const { boot } = buildTiers(machine, { tieringPolicies: [hmat, defaultDram] });
    byTiers.set(boot.tiers.length, (byTiers.get(boot.tiers.length) ?? 0) + 1);
    expect(machine.tables).toMatchObject({ SRAT: { state: 'used' }, HMAT: { state: 'used' } });
    if (machine.tables.SLIT?.state === 'ignored') spoiltSlits++;
    if (machine.nodes.some((node) => node.genericInitiator)) initiators++;
    if (boot.dramReference === undefined) silent++;
  }
  for (const tiers of [1, 2, 3, 4]) expect(byTiers.get(tiers)).toBeGreaterThan(10);
  expect(spoiltSlits).toBeGreaterThan(5);
  expect(initiators).toBeGreaterThan(30);
  expect(silent).toBeGreaterThan(30);
  expect(silent).toBeLessThan(200);
});
