import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// The whole of it is 20 GB: `node scripts/stream-convert.mjs`.
const GIGABYTES = '0.1';

test('text through a pipe: constant memory, every access, and a file that Ctrl-C leaves readable', () => {
  const script = fileURLToPath(
    new URL('../../../../../scripts/stream-convert.mjs', import.meta.url),
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, GIGABYTES]);
  expect(String(stderr) + String(stdout)).toMatch(/^ok {3}whole: .*\nok {3}interrupted: .*\n$/);
  expect(status).toBe(0);
});
