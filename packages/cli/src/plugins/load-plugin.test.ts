import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { loadPlugin } from './load-plugin.ts';

const policy = "export const policy = { name: 'mine' };\n";

let directory: string;
const write = (name: string, text: string): void => {
  mkdirSync(join(directory, name, '..'), { recursive: true });
  writeFileSync(join(directory, name), text);
};
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tierlab-test-'));
  write('mine.mjs', policy);
  write('mine.ts', policy.replace('= {', ': { readonly name: string } = {'));
  write('nothing.mjs', 'export const other = 1;\n');
  write('broken.mjs', 'throw new Error("no luck");\n');
  for (const [name, exports] of [
    ['tierlab-policy-plain', './index.mjs'],
    ['tierlab-policy-import', { '.': { types: './index.d.ts', import: './index.mjs' } }],
    ['@someone/tierlab-policy', { import: './index.mjs' }],
  ] as const) {
    write(`node_modules/${name}/package.json`, JSON.stringify({ name, exports }));
    write(`node_modules/${name}/index.mjs`, policy);
  }
  mkdirSync(join(directory, 'below'));
});
afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  './mine.mjs',
  './mine.ts',
  'tierlab-policy-plain',
  'tierlab-policy-import',
  '@someone/tierlab-policy',
])('%s is loaded', async (name) => {
  expect(await loadPlugin(name, directory)).toEqual({ name: 'mine' });
});

test('a package is found from a folder below', async () => {
  expect(await loadPlugin('tierlab-policy-plain', join(directory, 'below'))).toEqual({
    name: 'mine',
  });
});

test.each([
  ['./none.mjs', /no such file/],
  ['./nothing.mjs', /named export "policy", got other/],
  ['./broken.mjs', /does not load: no luck/],
  ['tierlab-policy-none', /install it/],
])('%s is refused', async (name, message) => {
  await expect(loadPlugin(name, directory)).rejects.toMatchObject({
    code: 'CLI_BAD_PLUGIN',
    message: expect.stringMatching(message),
  });
});
