import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll } from 'vitest';

/** A new folder for the tests of a file, removed after them: the path of `name` in it. */
export function testFolder(): (name: string) => string {
  const directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  return (name) => join(directory, name);
}

/** A machine file of one node of DRAM and a slower one, 1 GiB each. */
export const twoNodes = `nodes:
  - { cpus: 1, memory: 1 GiB, latency: 100 ns, bandwidth: 100 GB/s }
  - { memory: 1 GiB, latency: 300 ns, bandwidth: 50 GB/s }
`;
