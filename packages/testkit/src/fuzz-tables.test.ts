import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { buildTiers, InputError, parseHotplugSteps } from '@tierlab/core';
import { decodeAcpi, type AcpiTables } from '@tierlab/firmware';
import { defaultDram } from '@tierlab/policy-default-dram';
import { cxlRegion, hmat } from '@tierlab/policy-hmat';
import { expect, test } from 'vitest';
import { mutateTables } from './mutate-tables.ts';
import { createRandom } from './random.ts';

const url = new URL('../../firmware/fixtures/oracle/tiers.jsonl.gz', import.meta.url);
const seeds: AcpiTables[] = gunzipSync(readFileSync(url))
  .toString()
  .trim()
  .split('\n')
  .map((line) => {
    const { tables } = JSON.parse(line) as { tables: Record<string, string> };
    return Object.fromEntries(
      Object.entries(tables).map(([signature, text]) => [signature, Buffer.from(text, 'base64')]),
    );
  });

// A slice; `node scripts/fuzz-tables.mjs COUNT` runs millions.
test('mutated tables give an answer or a coded error', () => {
  const random = createRandom(1);
  const answers = { machine: 0, error: 0, hmat: 0, fallback: 0 };
  for (let i = 0; i < 1500; i++) {
    const seed = seeds[Math.floor(random() * seeds.length)];
    const other = seeds[Math.floor(random() * seeds.length)];
    const { tables } = mutateTables(seed, other, random);
    try {
      const machine = decodeAcpi(tables);
      buildTiers(machine, {
        tieringPolicies: [hmat, cxlRegion, defaultDram],
        steps: parseHotplugSteps('offline 1; add 1; kmem; kmem 1; online 1'),
      });
      answers.machine++;
      if (machine.hmat) answers.hmat++;
      if (machine.tables.SRAT?.state === 'ignored') answers.fallback++;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      answers.error++;
    }
  }
  // Every kind of outcome is met, or the mutants are no good.
  expect(Math.min(...Object.values(answers))).toBeGreaterThan(75);
});
