import { writeFileSync, mkdirSync } from 'node:fs';

import { encodeAcpi } from '@tierlab/firmware';
import { readMachineFile } from '@tierlab/firmware/file';
import { beforeAll, describe, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder } from '../../test-folder.testing.ts';

// The machine that started this project: a virtual machine with DRAM and slower memory without CPUs.
// Distance of node 1: 576 * (300+300)/(100+100) * (100000+100000)/(50000+50000) = 3456, tier 27.
const vm = `
nodes:
  - cpus: 4
    memory: 2 GiB
    latency: 100 ns
    bandwidth: 100 GB/s
  - memory: 2 GiB
    latency: 300 ns
    bandwidth: 50 GB/s
`;

const at = testFolder();

beforeAll(() => {
  writeFileSync(at('vm.yaml'), vm);
  const { tables, memoryMap } = encodeAcpi(readMachineFile(vm, 'vm.yaml'));
  mkdirSync(at('tables'));
  writeFileSync(at('tables/memmap'), memoryMap);
  for (const [name, bytes] of Object.entries(tables)) writeFileSync(at(`tables/${name}`), bytes);
  mkdirSync(at('truncated'));
  writeFileSync(at('truncated/SRAT'), tables.SRAT!.subarray(0, 60));
  writeFileSync(at('typo.yaml'), vm.replace('latency: 300', 'latancy: 300'));
  writeFileSync(at('negative.yaml'), vm.replace('300 ns', '-300 ns'));
  writeFileSync(
    at('noise.bin'),
    Uint8Array.from({ length: 300 }, (_, i) => (i * 37) % 256),
  );
  writeFileSync(
    at('far.mjs'),
    'export const policy = { name: "far", priority: 200, adistance: (node) => (node === 1 ? 1300 : undefined) };',
  );
});

interface Answer {
  readonly tiers: unknown;
  readonly nodes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly steps: readonly { readonly step: string; readonly tiers: unknown }[];
  readonly error?: { readonly code: string };
}

async function json(...args: string[]): Promise<Answer[]> {
  const { stdout } = await runCli('tiers', '--json', ...args);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

describe('tierlab tiers', () => {
  test('one machine as a file and as tables gets one answer', async () => {
    const [file, tables] = await json(at('vm.yaml'), at('tables'));
    expect(file?.tiers).toEqual({ 4: '0', 27: '1' });
    expect(file?.nodes['0']).toMatchObject({
      adistance: 576,
      tier: 4,
      answeredBy: 'hmat',
      topTier: true,
      demotion: { preferred: '1', fallback: '1' },
      distances: [10, 20],
    });
    expect({ ...tables, machine: '', notes: [] }).toEqual({ ...file, machine: '', notes: [] });
  });

  test('before 6.10 all of it was DRAM; without its HMAT it still is', async () => {
    const [old] = await json(at('vm.yaml'), '--kernel', '6.8');
    expect(old?.tiers).toEqual({ 4: '0-1' });
    const [blind] = await json(at('tables'), '--boot-option', 'numa=nohmat');
    expect(blind?.tiers).toEqual({ 4: '0-1' });
    expect(blind?.nodes['1']).toMatchObject({ answeredBy: 'default-dram', access1: null });
    const [blindFile] = await json(at('vm.yaml'), '--boot-option', 'numa=nohmat');
    expect(blindFile?.tiers).toEqual({ 4: '0-1' });
  });

  test('a what-if, a policy of one’s own, a step', async () => {
    // trunc(576 * 220 / 200) = 633, 633 * 200000 / 100000 = 1266: tier 9. A single division gives 1267.
    const [whatIf] = await json(at('vm.yaml'), '--set', 'node1.latency=110ns');
    expect(whatIf?.tiers).toEqual({ 4: '0', 9: '1' });
    const [own] = await json(at('vm.yaml'), '--tiering', at('far.mjs'));
    expect(own?.tiers).toEqual({ 4: '0', 10: '1' });
    expect(own?.nodes['1']).toMatchObject({ adistance: 1300, answeredBy: 'far' });
    const [stepped] = await json(at('vm.yaml'), '--hotplug', 'offline 0');
    expect(stepped?.steps.map(({ step }) => step)).toEqual(['offline 0']);
  });

  test('--explain names the numbers, --diff-kernels the rule', async () => {
    const { stdout } = await runCli('tiers', at('vm.yaml'), '--explain');
    expect(stdout).toContain('576 * 600 / 200 * 200000 / 100000 = 3456');
    const differences = await runCli('tiers', at('vm.yaml'), '--diff-kernels', '6.8,6.12');
    expect(differences.stdout).toContain('late-cpuless-nodes (since 6.10)');
  });
});

describe('bad input', () => {
  test.each([
    ['a machine that is not there', ['nowhere.yaml'], /CLI_FILE_NOT_FOUND: nowhere.yaml/],
    ['a truncated table', ['truncated'], /FIRMWARE_TRUNCATED_TABLE: SRAT/],
    ['a typo', ['typo.yaml'], /typo.yaml:8:5: .*latancy.*latency/],
    ['a negative latency', ['negative.yaml'], /negative.yaml:8:14/],
    ['bytes of no known form', ['noise.bin'], /noise.bin/],
    ['an unknown tiering policy', ['vm.yaml', '--tiering', 'hmta'], /CLI_UNKNOWN_POLICY.*hmat/],
    ['an unknown kernel', ['vm.yaml', '--kernel', '5.15'], /CORE_BAD_KERNEL/],
    [
      'a boot option without effect',
      ['tables', '--boot-option', 'quiet'],
      /FIRMWARE_BAD_BOOT_OPTION/,
    ],
    ['a what-if about no node', ['vm.yaml', '--set', 'node7.latency=1ns'], /FIRMWARE_BAD_SETTING/],
    [
      'an option without effect',
      ['vm.yaml', '--diff-kernels', '6.8,6.12', '--explain'],
      /--explain/,
    ],
  ])('%s: one line, exit code 2', async (_, args, message) => {
    const paths = args.map((arg) =>
      /\.(yaml|bin)$|^t/.test(arg) && arg !== 'nowhere.yaml' ? at(arg) : arg,
    );
    const { stderr, exitCode, stdout } = await runCli('tiers', ...paths);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  test('with --json the error stands in the machine’s line, and the others get theirs', async () => {
    const [bad, good] = await json('nowhere', at('vm.yaml'));
    expect(bad?.error?.code).toBe('CLI_FILE_NOT_FOUND');
    expect(good?.tiers).toEqual({ 4: '0', 27: '1' });
  });
});
