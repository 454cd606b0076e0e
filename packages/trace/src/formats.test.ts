import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { traceFormats } from './readers/registry.ts';

const names = traceFormats.map((format) => format.name);

// Files of `readers/` that hold no format.
const SHARED: ReadonlySet<string> = new Set(['format', 'registry']);

test('each format of the registry is one file, one test and one page of docs', async () => {
  const files = await readdir(new URL('readers/', import.meta.url));
  const sources = files.filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));
  const formats = sources
    .map((file) => file.replace(/\.ts$/, ''))
    .filter((name) => !SHARED.has(name));
  const pages = await readdir(new URL('../../../docs/formats/', import.meta.url));
  const documented = pages
    .filter((page) => page !== 'README.md')
    .map((page) => page.replace(/\.md$/, ''));
  expect(formats.sort()).toEqual(names.toSorted());
  expect(documented.sort()).toEqual(names.toSorted());
  for (const name of names) expect(files).toContain(`${name}.test.ts`);
});

test('formats and their options are named once, and their options do not hide those of every format', () => {
  expect(new Set(names).size).toBe(names.length);
  for (const { options } of traceFormats) {
    const optionNames = options.map((option) => option.name);
    expect(new Set(optionNames).size).toBe(optionNames.length);
    for (const taken of ['format', 'lenient', 'max-pages'])
      expect(optionNames).not.toContain(taken);
  }
});
