import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { machineCatalogue } from './catalogue.ts';
import { machineFileJsonSchema, readMachineFile } from './file.ts';

const docs = new URL('../../../docs/', import.meta.url);
const blocks = [
  ...readFileSync(new URL('machines.md', docs), 'utf8').matchAll(/```yaml\n(.*?)```/gs),
];

test.each(blocks.map(([, text = '']) => [text]))('an example of docs/machines.md:\n%s', (text) => {
  const machine = readMachineFile(text, 'docs/machines.md');
  expect(machine.nodes.length).toBeGreaterThan(0);
});

test('there are examples', () => expect(blocks.length).toBeGreaterThan(3));

test('the JSON Schema that is shipped is the one of the code (npx vitest run -u)', async () => {
  const text = `${JSON.stringify(machineFileJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../machine.schema.json');
});

/** What of JSON Schema the reference shows. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

function kindOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(kindOf).join(' or ');
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.items !== undefined) return `list of ${kindOf(schema.items)}`;
  return schema.type === 'object' ? 'map' : (schema.type ?? 'anything');
}

function meaningOf({ description = '', examples = [], default: preset }: Schema): string {
  const shown = examples.map((example) => `\`${String(example)}\``).join(', ');
  return [
    description,
    shown === '' ? '' : `Such as ${shown}.`,
    preset === undefined ? '' : `\`${JSON.stringify(preset)}\` when left out.`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function tableOf(title: string, { properties = {} }: Schema): string {
  const rows = Object.entries(properties).map(
    ([key, schema]) => `| \`${key}\` | ${kindOf(schema)} | ${meaningOf(schema)} |`,
  );
  return [
    `## ${title}`,
    '',
    '| key | what it takes | what it says |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

test('docs/machine-file.md is the schema in words (npx vitest run -u)', async () => {
  const schema = machineFileJsonSchema() as { readonly $defs: Readonly<Record<string, Schema>> };
  const file = schema.$defs['tierlab-machine'] ?? {};
  const node = file.properties?.['nodes']?.items ?? {};
  const range = node.properties?.['memory']?.anyOf?.find(({ items }) => items !== undefined)?.items;
  const text = [
    '# The machine file, key by key',
    '',
    'YAML or JSON; [machines.md](machines.md) has examples. Sizes, latencies and bandwidths are texts with',
    'a unit: `64 GiB`, `1.5 TB`, `80 ns`, `2 us`, `38.4 GB/s`, `840 MB/s`, or a sum or product of such',
    '(`4 * 64 GiB`). GB is 10^9 bytes, GiB 2^30. Nothing has a unit by default.',
    '',
    tableOf('The file', file),
    tableOf('A node (`nodes`)', node),
    tableOf('A range of memory (`memory`, where addresses are given)', range ?? {}),
    tableOf('A memory-side cache (`caches`)', node.properties?.['caches']?.items ?? {}),
    tableOf(
      'An entry of the memory map (`memoryMap`)',
      file.properties?.['memoryMap']?.items ?? {},
    ),
    '## The catalogue',
    '',
    '| name | machine |',
    '|---|---|',
    ...machineCatalogue().map(
      ({ name, title, description }) => `| \`${name}\` | ${title}. ${description} |`,
    ),
    '',
  ].join('\n');
  await expect(text).toMatchFileSnapshot('../../../docs/machine-file.md');
});
