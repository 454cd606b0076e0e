import { readdirSync, readFileSync } from 'node:fs';

import type { Machine } from '@tierlab/core';
import { describe, expect, test } from 'vitest';

import { decodeAcpi } from './acpi/decode.ts';
import { encodeAcpi } from './acpi/encode.ts';
import { catalogueMachine, machineCatalogue } from './catalogue.ts';
import { machineTexts } from './catalogue/machines.generated.ts';
import { parseMachineDocument } from './file/document.ts';
import type { MachineFile } from './file/schema.ts';

const directory = new URL('../machines/', import.meta.url);
const files = readdirSync(directory).toSorted();

test('the catalogue is the files of machines/ (npx vitest run -u writes it again)', async () => {
  const texts = Object.fromEntries(
    files.map((file) => [
      file.replace('.yaml', ''),
      readFileSync(new URL(file, directory), 'utf8'),
    ]),
  );
  const lines = Object.entries(texts).map(
    ([name, text]) => `  ${JSON.stringify(name)}: ${JSON.stringify(text)},`,
  );
  const source = [
    '/** The files of machines/, written by catalogue.test.ts. */',
    'export const machineTexts: Readonly<Record<string, string>> = {',
    ...lines,
    '};',
    '',
  ].join('\n');
  await expect(source).toMatchFileSnapshot('catalogue/machines.generated.ts');
});

const FIGURES = new Set([
  'cpus',
  'memory',
  'latency',
  'readLatency',
  'writeLatency',
  'bandwidth',
  'readBandwidth',
  'writeBandwidth',
  'caches',
  'underLoad',
]);

describe.each(Object.keys(machineTexts))('%s', (name) => {
  const fileOf = (): MachineFile => parseMachineDocument(machineTexts[name] ?? '', name).file;
  test('has a name, a description and a source for every figure', () => {
    const file = fileOf();
    expect(file.name).toBeDefined();
    expect(file.description).toMatch(/\.$/);
    const figures = new Set(file.distances === undefined ? [] : ['distances']);
    for (const node of file.nodes) {
      const said = [node, ...Object.values(node.from ?? {})].flatMap((part) => Object.keys(part));
      for (const key of said) if (FIGURES.has(key)) figures.add(key);
    }
    expect(Object.keys(file.sources ?? {}).toSorted()).toEqual([...figures].toSorted());
  });
  test('is a machine, and tables tell it unless its nodes have gaps', () => {
    const machine = catalogueMachine(name);
    expect(machine.nodes).toHaveLength(fileOf().nodes.length);
    expect(name === 'power9-v100' ? 'gaps' : again(machine)).toEqual(
      name === 'power9-v100' ? 'gaps' : machine.hmat,
    );
  });
});

function again(machine: Machine): Machine['hmat'] {
  const { tables, options } = encodeAcpi(machine);
  return decodeAcpi(tables, options).hmat;
}

test('at least ten real ones, by name', () => {
  const catalogue = machineCatalogue();
  expect(catalogue.length).toBeGreaterThanOrEqual(10);
  expect(catalogue.map(({ name }) => name)).toContain('gh200');
  expect(() => catalogueMachine('gh20')).toThrow(
    'there is no machine "gh20" in the catalogue; did you mean gh200?',
  );
  expect(() => catalogueMachine('constructor')).toThrow(/there is no machine "constructor"/);
});
