import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { runCli } from '../../run-cli.testing.ts';

test('a program is found where the path has it, and not where it cannot be run', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  writeFileSync(join(directory, 'iasl'), '');
  chmodSync(join(directory, 'iasl'), 0o755);
  vi.stubEnv('PATH', directory);
  try {
    const { stdout, exitCode } = await runCli('doctor', '--json');
    const { schemaVersion, ok, findings } = JSON.parse(stdout) as {
      schemaVersion: number;
      ok: boolean;
      findings: { what: string; found?: string }[];
    };
    expect({ schemaVersion, ok, exitCode }).toEqual({ schemaVersion: 1, ok: true, exitCode: 0 });
    const found = Object.fromEntries(findings.map((each) => [each.what, each.found]));
    expect(found).toMatchObject({ node: process.versions.node, iasl: join(directory, 'iasl') });
    expect(found['valgrind']).toBeUndefined();
    // getconf asks the C library, which knows it from the kernel's auxiliary vector.
    const pageSize = Number(execFileSync('/usr/bin/getconf', ['PAGESIZE'], { encoding: 'utf8' }));
    expect(found['page size']).toBe(`${pageSize / 1024} KiB`);
    expect((await runCli('doctor')).stdout).toMatch(/^valgrind +- +trace record/m);
  } finally {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  }
});
