import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { migrationPolicies } from './index.ts';

const source = import.meta.dirname;
const pages = join(source, '../../../docs/policies');

/** Files of the three families that define a policy. */
const policyFiles = ['linux', 'research', 'rulers'].flatMap((family) =>
  readdirSync(join(source, family))
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => join(source, family, file))
    .filter((file) => /: MigrationPolicy =/.test(readFileSync(file, 'utf8'))),
);

const nameOf = (file: string): string =>
  file
    .split('/')
    .at(-1)!
    .replace(/\.(ts|md)$/, '');

test('files, registry and pages are the same policies', () => {
  const registered = [...migrationPolicies.keys()].toSorted();
  expect(policyFiles.map(nameOf).toSorted()).toEqual(registered);
  expect(readdirSync(pages).map(nameOf).toSorted()).toEqual(registered);
});

test('every policy has a test beside it', () => {
  expect(policyFiles.filter((file) => !existsSync(file.replace(/\.ts$/, '.test.ts')))).toEqual([]);
});

test.each([...migrationPolicies])('the page of %s names it and every parameter', (name, policy) => {
  const page = readFileSync(join(pages, `${name}.md`), 'utf8');
  expect(page.startsWith(`# ${name}\n`)).toBe(true);
  for (const param of Object.keys(policy.params)) expect(page).toContain(`\`${param}\``);
});
