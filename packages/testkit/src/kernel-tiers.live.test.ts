import { buildTiers, parseKernelVersion } from '@tierlab/core';
import { decodeAcpi } from '@tierlab/firmware';
import {
  bootTiers,
  defaultCacheDirectory,
  findKernel,
  shownTiers,
  tierDifferences,
} from '@tierlab/kernel-lab';
import { defaultDram } from '@tierlab/policy-default-dram';
import { cxlRegion, hmat } from '@tierlab/policy-hmat';
import { describe, expect, test } from 'vitest';

import { randomTables } from './random-tables.ts';
import { createRandom } from './random.ts';

// Machines that no record has: drawn from a seed, booted, and held against the model. They take
// minutes and need QEMU and a kernel, so they run when asked for (`pnpm test:live`); a missing tool
// is then a failure. The seed is the day unless TIERLAB_SEED says one, so that each day tries others.
const seed = Number(process.env['TIERLAB_SEED'] ?? Math.floor(Date.now() / 86_400_000));
const machineCount = Number(process.env['TIERLAB_MACHINES'] ?? 5);
const kernelVersion = process.env['TIERLAB_KERNEL'] ?? '6.12';
const tieringPolicies = [hmat, cxlRegion, defaultDram];

describe.skipIf(process.env['TIERLAB_LIVE'] === undefined)('fresh machines', () => {
  const numbers = Array.from({ length: machineCount }, (_, i) => i);
  test.each(numbers)(`machine %i of seed ${seed}`, { timeout: 600_000 }, async (i) => {
    const cacheDirectory = defaultCacheDirectory();
    const kernel = await findKernel(kernelVersion, { cacheDirectory });
    const { ramMiB, cpus, tables, summary } = randomTables(createRandom(seed * 1000 + i));
    const theirs = await bootTiers(
      { qemu: ['-smp', String(cpus), '-m', `${ramMiB}M`], tables: Object.values(tables) },
      { kernel },
    );
    const { boot } = buildTiers(decodeAcpi(tables, { ramMiB }), {
      kernel: parseKernelVersion(releaseOf(theirs.kernel)),
      tieringPolicies,
    });
    const differences = tierDifferences(shownTiers(boot), theirs.boot);
    expect({ summary, differences }).toEqual({ summary, differences: [] });
  });
});

/** Debian's name of its 6.1 kernel says 6.1.0; it is made from a later one of the series. */
const releaseOf = (name: string): string => (name.startsWith('6.1.0-') ? '6.1.192' : name);
