import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';

import type { Machine, MachineNode } from '@tierlab/core';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { FirmwareError } from '../errors.ts';
import { readMachineFile } from '../file/read.ts';
import { arbitraryMachineFile } from '../machine.arbitrary.ts';
import { decodeAcpi } from './decode.ts';
import { unitOf } from './encode-hmat.ts';
import { encodeAcpi, type EncodedAcpi } from './encode.ts';
import { READ_BANDWIDTH, READ_LATENCY, normalise } from './normalise.ts';

/** What tables tell of a machine; a node without a proximity domain gets its id for one. */
const told = ({ tables: _tables, notes: _notes, ...machine }: Machine): unknown => {
  const nodes: MachineNode[] = [];
  for (const node of machine.nodes) nodes.push({ proximityDomain: node.id, ...node });
  return { ...machine, nodes };
};
const read = (text: string): Machine => readMachineFile(text, 'm.yaml');

test('what is encoded is decoded to the same machine, and access classes by one rule', () => {
  const seen = { speaking: 0, attached: 0, cached: 0, offline: 0 };
  fc.assert(
    fc.property(arbitraryMachineFile, (text) => {
      const machine = read(text);
      const { tables, options } = encodeAcpi(machine);
      expect(told(decodeAcpi(tables, options))).toEqual(told(machine));
      if ((machine.hmat?.performance.length ?? 0) > 0) seen.speaking++;
      if (machine.hmat?.targets.some(({ attachedInitiator: a }) => a !== undefined))
        seen.attached++;
      if (machine.hmat?.targets.some(({ caches }) => caches.length > 0)) seen.cached++;
      if (machine.nodes.some(({ online }) => !online)) seen.offline++;
    }),
    { numRuns: 60, seed: 7 },
  );
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
});

interface BootRecord {
  readonly name: string;
  readonly ramMiB: number | null;
  readonly cmdline: string | null;
  readonly tables: Record<string, string>;
}
const recordsFile = new URL('../../fixtures/oracle/tiers.jsonl.gz', import.meta.url);
const records = gunzipSync(readFileSync(recordsFile))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as BootRecord);

/**
 * What no tables of ours say: one latency or bandwidth matrix that is both read and write, whose
 * last use wins (t17h, f*), and memory that an HMAT does not find because of its domain (t27b).
 */
const REFUSED = 't17h t27b f0002 f0024 f0026 f0032 f0034 f0074 f0140 f0148 f0220';

/** The tables, or why there are none. */
function tryEncode(machine: Machine): EncodedAcpi | string {
  try {
    return encodeAcpi(machine);
  } catch (error) {
    if (error instanceof FirmwareError) return error.message;
    throw error;
  }
}

test('recorded machines are encoded again, or refused with the reason', () => {
  const refused: string[] = [];
  let same = 0;
  for (const record of records) {
    const raw = Object.entries(record.tables).map(([signature, base64]) => [
      signature,
      Buffer.from(base64, 'base64'),
    ]);
    const machine = decodeAcpi(Object.fromEntries(raw), {
      ...(record.ramMiB !== null && { ramMiB: record.ramMiB }),
      bootOptions: [record.cmdline ?? ''],
    });
    const encoded = tryEncode(machine);
    if (typeof encoded === 'string') refused.push(`${record.name.split('-')[0]}`);
    else if (isDeepStrictEqual(told(decodeAcpi(encoded.tables, encoded.options)), told(machine)))
      same++;
  }
  expect(refused.join(' ')).toBe(REFUSED);
  expect(same).toBe(records.length - refused.length);
});

const roundTrip = (values: readonly number[], dataType: number): void => {
  const { base, entryOf } = unitOf(values, dataType);
  for (const value of values) expect(normalise(entryOf(value), base, dataType, 2)).toBe(value);
};

describe('the unit of a matrix', () => {
  test('is one nanosecond or one MB/s where that does', () => {
    expect(unitOf([80, 65_534], READ_LATENCY).base).toBe(1000);
    expect(unitOf([38_400, 65_534], READ_BANDWIDTH).base).toBe(1);
  });
  test.each([
    [[80, 250]],
    [[80, 4_000_000]],
    [[4_294_966]],
    // No common measure but 1 ns, of which the largest is too many: rounding up makes room.
    [[80, 2_000_001]],
  ])('latencies %j', (values) => roundTrip(values, READ_LATENCY));
  test.each([[[38_400, 200_000]], [[131_072, 65_536]], [[1_000_000_000, 15_000_000]]])(
    'bandwidths %j',
    (values) => roundTrip(values, READ_BANDWIDTH),
  );
  test('bandwidths without a common measure are refused, with what they are', () => {
    expect(() => unitOf([1, 70_001], READ_BANDWIDTH)).toThrow(
      /1, 70001 MB\/s have no common unit of which each is at most 65534/,
    );
  });
});

/** DRAM of the given figures, and memory of 1 MB/s. */
const twoNodes = (figures: string): Machine =>
  read(
    `nodes: [{ cpus: 1, memory: 1 GiB, ${figures} }, { memory: 1 GiB, latency: 300 ns, bandwidth: 1 MB/s }]`,
  );

const coordinatesOf = ({ hmat }: Machine) => hmat?.performance.map(({ coordinate }) => coordinate);

const neverRounded = (): never => {
  throw new Error('rounded');
};

describe('rounded figures', () => {
  test('are the nearest that a table can say, each is told, and the tables then say them exactly', () => {
    const exact = twoNodes('latency: 80 ns, bandwidth: 70001 MB/s');
    const told: string[] = [];
    const onRounded = (value: number, read: number) => told.push(`${value} as ${read}`);
    expect(() => encodeAcpi(exact)).toThrow(/no common unit .*allow rounding/);
    const { tables, options } = encodeAcpi(exact, { onRounded });
    // 70001 / 65534 is a base of 2 MB/s: 70001 is half-way and goes up, 1 goes to the least entry.
    expect(told).toEqual(['70001 as 70002', '1 as 2', '70001 as 70002', '1 as 2']);
    const again = decodeAcpi(tables, options);
    expect(coordinatesOf(again)?.map(({ readBandwidth }) => readBandwidth)).toEqual([70_002, 2]);
    expect(coordinatesOf(again)?.map(({ readLatency }) => readLatency)).toEqual([80, 300]);
    expect(encodeAcpi(again).tables).toEqual(tables);
  });

  test('are none where nothing has to be', () => {
    const exact = twoNodes('latency: 80 ns, bandwidth: 60000 MB/s');
    expect(encodeAcpi(exact, { onRounded: neverRounded }).tables).toEqual(encodeAcpi(exact).tables);
  });
});

describe('machines of which no tables tell', () => {
  test.each([
    ['nodes: [{id: 8, cpus: 1, memory: 1 GiB}]', /nodes 8 would get other numbers/],
    [
      'nodes: [{memory: 1 GiB}, {cpus: 1, memory: 1 GiB}]',
      /those with CPUs or generic initiators first/,
    ],
    ['nodes: [{cpus: 1-3, memory: 1 GiB}]', /CPU 0 is missing/],
    ['nodes: [{cpus: 1, memory: 1 GiB, proximityDomain: 5000}]', /cannot say this machine/],
  ])('%s', (text, message) => expect(() => encodeAcpi(read(text))).toThrow(message));
});

test('many CPUs are x2APIC entries', () => {
  const machine = read('nodes: [{cpus: 300, memory: 1 GiB}, {cpus: 300, memory: 1 GiB}]');
  const { tables, options } = encodeAcpi(machine);
  expect(decodeAcpi(tables, options).nodes.map(({ cpus }) => cpus.length)).toEqual([300, 300]);
});

test('iasl disassembles every table without complaint', (context) => {
  try {
    execFileSync('iasl', ['-v'], { stdio: 'ignore' });
  } catch {
    const missing = 'iasl is not installed: apt-get install acpica-tools';
    if (process.env['CI'] !== undefined) throw new Error(missing);
    context.skip(missing);
  }
  const machine = read(`
nodes:
  - {cpus: 4, memory: 4 GiB, latency: 80 ns, bandwidth: 200 GB/s, caches: [{size: 1 GiB}]}
  - {genericInitiator: true}
  - {memory: 8 GiB, from: {0: {latency: 250 ns}, 1: {latency: 90 ns}}, attachedInitiator: 0}
  - {memory: 8 GiB, kind: hot-plug}
distances: [[10, 11, 20, 20], [11, 10, 20, 20], [20, 20, 10, 30], [20, 20, 30, 10]]
`);
  const directory = mkdtempSync(join(tmpdir(), 'tierlab-iasl-'));
  try {
    for (const [signature, table] of Object.entries(encodeAcpi(machine).tables)) {
      const path = join(directory, `${signature}.aml`);
      writeFileSync(path, table);
      const said = execFileSync('iasl', ['-d', path], { encoding: 'utf8', stdio: 'pipe' });
      const text = readFileSync(path.replace('.aml', '.dsl'), 'utf8');
      expect(`${said}${text}`).not.toMatch(/error|warning|invalid|unknown|incorrect|should be/i);
      expect(text).toContain(`[${signature}]`);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
