import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

import { buildTiers, InputError } from '@tierlab/core';
import { decodeAcpi } from '@tierlab/firmware';
import { scaledMachine, shownTiers, tierDifferences } from '@tierlab/kernel-lab';
import { defaultDram } from '@tierlab/policy-default-dram';
import { cxlRegion, hmat } from '@tierlab/policy-hmat';
import { expect, test } from 'vitest';

interface BootRecord {
  readonly name: string;
  readonly ramMiB: number | null;
  readonly cmdline: string | null;
  readonly tables: Record<string, string>;
}

const recordsFile = new URL('../../firmware/fixtures/oracle/tiers.jsonl.gz', import.meta.url);
const records = gunzipSync(readFileSync(recordsFile))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as BootRecord);
const tieringPolicies = [hmat, cxlRegion, defaultDram];

test('a machine made small has the tiers that it had: of every recorded boot that can be made small', () => {
  const refused: string[] = [];
  for (const { name, ramMiB, cmdline, tables } of records) {
    const raw = Object.entries(tables).map(([signature, base64]) => [
      signature,
      Buffer.from(base64, 'base64'),
    ]);
    const machine = decodeAcpi(Object.fromEntries(raw), {
      ...(ramMiB !== null && { ramMiB }),
      bootOptions: [cmdline ?? ''],
    });
    try {
      const small = scaledMachine(machine).machine;
      const [before, after] = [machine, small].map((one) =>
        shownTiers(buildTiers(one, { tieringPolicies }).boot),
      );
      expect({ name, differences: tierDifferences(before, after) }).toEqual({
        name,
        differences: [],
      });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      refused.push(name.split('-')[0]);
    }
  }
  // What no tables of ours say (see the encoder's test), and CXL windows.
  expect(refused.join(' ')).toBe(
    't17h t27b f0002 f0024 f0026 f0032 f0034 f0074 f0140 f0148 f0220 cxl cxl',
  );
});
