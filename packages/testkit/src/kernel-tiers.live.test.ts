import { buildTiers, parseKernelVersion, parseNodeList } from '@tierlab/core';
import { decodeAcpi, pcMemoryMap } from '@tierlab/firmware';
import {
  bootTiers,
  defaultCacheDirectory,
  findKernel,
  shownTiers,
  tableMachine,
  tierDifferences,
} from '@tierlab/kernel-lab';
import { defaultDram } from '@tierlab/policy-default-dram';
import { cxlRegion, hmat } from '@tierlab/policy-hmat';
import { describe, expect, test } from 'vitest';

import { readRecords, tablesOf, toStep, type BootRecord } from './boot-records.testing.ts';
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

/** Recorded boots with options or steps; the day chooses which of them are booted again. */
const recorded = readRecords<BootRecord>('tiers.jsonl.gz').filter(
  ({ set, cmdline, steps }) => set !== 'cxl' && ((cmdline ?? '') !== '' || (steps ?? '') !== ''),
);
const chosen = Array.from({ length: 3 }, (_, i) => recorded[(seed * 3 + i) % recorded.length]);

describe.skipIf(process.env['TIERLAB_LIVE'] === undefined)('recorded boots, booted again', () => {
  const named = chosen.map((record) => [record.name, record] as const);
  test.each(named)('%s', { timeout: 600_000 }, async (_, record) => {
    const kernel = await findKernel(kernelVersion, { cacheDirectory: defaultCacheDirectory() });
    const version = parseKernelVersion(releaseOf(kernel.release));
    const bootOptions = (record.cmdline ?? '').split(' ').filter(Boolean);
    const booted = tableMachine(tablesOf(record), {
      memoryMap: pcMemoryMap(record.ramMiB ?? 0),
      bootOptions,
      kernel: version,
    })!;
    const steps = (record.steps ?? '').split(',').filter(Boolean).flatMap(toStep);
    const hotplug = { steps, machine: booted.machine };
    const theirs = await bootTiers(booted.guest, { kernel, bootOptions, hotplug });
    const ours = buildTiers(booted.machine, {
      kernel: version,
      tieringPolicies,
      steps,
      immovableNodes: parseNodeList(theirs.boot.states['has_normal_memory'] ?? ''),
    });
    const moments = [ours.boot, ...ours.steps.map(({ state }) => state)].map(shownTiers);
    const shown = [theirs.boot, ...theirs.steps.map(({ state }) => state)];
    expect(moments.map((moment, i) => tierDifferences(moment, shown[i]))).toEqual(
      moments.map(() => []),
    );
  });
});

/** Debian's name of its 6.1 kernel says 6.1.0; it is made from a later one of the series. */
const releaseOf = (name: string): string => (name.startsWith('6.1.0-') ? '6.1.192' : name);
