import { readdirSync, writeFileSync } from 'node:fs';

import { beforeAll, expect, test } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';
import { testFolder } from '../../test-folder.testing.ts';

const at = testFolder();
beforeAll(() => {
  // 70,001 MB/s need a unit of 2, which 1 MB/s is no multiple of.
  writeFileSync(
    at('m.yaml'),
    `nodes:
  - { cpus: 1, memory: 1 GiB, latency: 100 ns, bandwidth: 70001 MB/s }
  - { memory: 1 GiB, latency: 300 ns, bandwidth: 1 MB/s }
`,
  );
});

test('figures that tables cannot say are refused, or with --round told', async () => {
  const convert = ['machine', 'convert', at('m.yaml'), '--to', 'acpi', '--out', at('tables')];
  const refused = await runCli(...convert);
  expect(refused.stderr).toMatch(/FIRMWARE_CANNOT_ENCODE: .*no common unit/);
  const { exitCode, stderr } = await runCli(...convert, '--round');
  expect({ exitCode }).toEqual({ exitCode: 0 });
  expect(stderr).toContain('rounded: 70001 is 70002 in the tables');
  expect(readdirSync(at('tables'))).toContain('HMAT');
  const { stdout } = await runCli('machine', 'convert', at('tables'), '--to', 'yaml');
  expect(stdout).toMatch(/70\.002 GB\/s|70002 MB\/s/);
});

test('a form that has no such limit does not round', async () => {
  const { exitCode, stderr } = await runCli(
    'machine',
    'convert',
    at('m.yaml'),
    '--to',
    'yaml',
    '--round',
  );
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/CLI_OPTION_WITHOUT_EFFECT: --round/);
});
