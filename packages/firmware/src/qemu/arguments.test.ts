import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { nodeList, type Machine, type TableSignature } from '@tierlab/core';
import { describe, expect, test } from 'vitest';

import { decodeAcpi } from '../acpi/decode.ts';
import { readMachineFile } from '../file/read.ts';
import { qemuArguments } from './arguments.ts';
import { initrdTables } from './initrd.ts';

const read = (text: string): Machine => readMachineFile(text, 'm.yaml');

const tiered = read(`
nodes:
  - {cpus: '0,2', memory: 64 MiB, attachedInitiator: 0, from: {0: {latency: 80 ns, bandwidth: 40 GB/s}, 1: {latency: 140 ns, bandwidth: 30 GB/s}}, caches: [{size: 16 MiB}]}
  - {cpus: '1,3', memory: 64 MiB, attachedInitiator: 1, from: {0: {latency: 140 ns, bandwidth: 30 GB/s}, 1: {latency: 80 ns, bandwidth: 40 GB/s}}}
  - {memory: 128 MiB, from: {0: {readLatency: 250 ns, writeLatency: 260 ns, bandwidth: 10 GB/s}, 1: {readLatency: 350 ns, writeLatency: 360 ns, bandwidth: 10 GB/s}}}
distances: [[10, 21, 24], [21, 10, 31], [24, 31, 10]]
`);

test('nodes, memory, CPUs, distances, speeds and caches', () => {
  const { qemu, kernel } = qemuArguments(tiered);
  const options = qemu.join(' ').replaceAll(' -', '\n-').split('\n');
  expect(options).toContain('-machine q35,hmat=on');
  expect(options).toContain('-m 256M');
  expect(options).toContain('-object memory-backend-ram,id=node0,size=64M');
  expect(options).toContain('-numa node,nodeid=0,cpus=0,cpus=2,memdev=node0');
  expect(options).toContain('-numa node,nodeid=2,memdev=node2');
  expect(options).toContain('-numa dist,src=2,dst=1,val=31');
  expect(options).toContain(
    '-numa hmat-lb,initiator=0,target=2,hierarchy=memory,data-type=write-latency,latency=260',
  );
  expect(options).toContain(
    '-numa hmat-lb,initiator=1,target=2,hierarchy=memory,data-type=access-bandwidth,bandwidth=10000M',
  );
  expect(options).toContain(
    '-numa hmat-cache,node-id=0,size=16M,level=1,associativity=direct,policy=write-back,line=64',
  );
  expect(kernel).toEqual([]);
});

test('soft-reserved memory is set apart by the guest', () => {
  const machine = read(
    'nodes: [{cpus: 1, memory: 512 MiB}, {memory: 256 MiB, kind: soft-reserved}]',
  );
  expect(qemuArguments(machine).kernel).toEqual(['memmap=256M%0x20000000-1+0xefffffff']);
});

/** Where SeaBIOS puts tables: the end of 256 MiB of memory. */
const TABLES_AT = '0xfe00000 0x200000';

/** The tables in the memory of a guest of 256 MiB whose firmware has run. */
async function tablesOfQemu(args: readonly string[]): Promise<Record<string, Uint8Array>> {
  const directory = mkdtempSync(join(tmpdir(), 'tierlab-qemu-'));
  const path = join(directory, 'memory');
  const quiet = ['-nodefaults', '-display', 'none', '-accel', 'tcg', '-monitor', 'stdio'];
  const qemu = spawn('qemu-system-x86_64', [...args, ...quiet]);
  let said = '';
  qemu.stderr.on('data', (data) => (said += String(data)));
  try {
    for (let round = 0; round < 100; round++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (qemu.exitCode !== null) throw new Error(said);
      qemu.stdin.write(`pmemsave ${TABLES_AT} "${path}"\n`);
      await new Promise((resolve) => setTimeout(resolve, 500));
      if (!existsSync(path)) continue;
      const tables = findTables(readFileSync(path));
      if (tables['SRAT'] !== undefined && tables['APIC'] !== undefined) return tables;
    }
    throw new Error(`no SRAT in the memory of the guest; ${said}`);
  } finally {
    qemu.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
}

function findTables(memory: Buffer): Record<string, Uint8Array> {
  const tables: Record<string, Uint8Array> = {};
  for (const signature of ['SRAT', 'SLIT', 'HMAT', 'APIC'] satisfies TableSignature[]) {
    for (let at = memory.indexOf(signature); at !== -1; at = memory.indexOf(signature, at + 1)) {
      const length = memory.readUInt32LE(at + 4);
      const table = memory.subarray(at, at + length);
      const good =
        length >= 36 && length < 65_536 && table.reduce((a, b) => (a + b) % 256, 0) === 0;
      if (good) tables[signature] ??= table;
    }
  }
  return tables;
}

test('QEMU makes the tables of just this machine', async (context) => {
  try {
    execFileSync('qemu-system-x86_64', ['-version'], { stdio: 'ignore' });
  } catch {
    const missing = 'qemu-system-x86_64 is not installed: apt-get install qemu-system-x86';
    if (process.env['CI'] !== undefined) throw new Error(missing);
    context.skip(missing);
  }
  const made = decodeAcpi(await tablesOfQemu(qemuArguments(tiered).qemu), { ramMiB: 256 });
  expect(made.nodes.map(({ cpus }) => nodeList(cpus))).toEqual(['0,2', '1,3', '']);
  expect(made.distances).toEqual(tiered.distances);
  expect(made.hmat?.performance).toEqual(tiered.hmat?.performance);
  expect(made.hmat?.targets).toEqual(tiered.hmat?.targets);
}, 120_000);

describe('what the arguments cannot say', () => {
  const node = 'cpus: 1, memory: 1 GiB';
  test.each([
    [`nodes: [{id: 1, ${node}}]`, /node numbers have gaps/],
    [
      `nodes: [{${node}}, {genericInitiator: true}]`,
      /node 1 is a generic initiator; boot it with its tables/,
    ],
    [`nodes: [{memory: 1 GiB}, {${node}}]`, /node 0 without CPUs is before node 1 with CPUs/],
    [`nodes: [{${node}, proximityDomain: 4}]`, /node 0 has proximity domain 4/],
    [`nodes: [{${node}}, {memory: 1 GiB, kind: hot-plug}]`, /the memory of node 1 is hot-plug/],
    [`nodes: [{${node}, hotPluggable: true}]`, /the memory of node 0 is hot-pluggable/],
    [
      `nodes: [{${node}, latency: 5 ns}, {cpus: 1}]`,
      /node 1 has no memory, for which Linux drops the HMAT/,
    ],
    [
      `nodes: [{${node}, latency: 5 ns}, {memory: 1 GiB, latency: 70001 ns}]`,
      /latencies up to 70001 ns in units of 1 ns/,
    ],
    [`nodes: [{${node}, bandwidth: 65535 MB/s}]`, /bandwidths 65535 MB\/s in units of 1 MB\/s/],
    [
      `nodes: [{${node}, attachedInitiator: 0, caches: [{size: 1 GiB}]}]`,
      /memory-side cache and no latency and bandwidth/,
    ],
    // Node 1 is nearer to node 0 than node 0 itself, which QEMU attaches.
    [
      `nodes: [{${node}, from: {0: {latency: 90 ns}, 1: {latency: 80 ns}}}, {cpus: 1, memory: 1 GiB}]`,
      /what node 0 is seen by is not what QEMU makes of it/,
    ],
    ['nodes: [{cpus: 1, memory: 1 KiB}]', /1024 B of memory are not whole pages/],
    ['nodes: [{memory: 1 GiB}]', /it has no CPUs/],
  ])('%s', (text, message) => expect(() => qemuArguments(read(text))).toThrow(message));
});

test('the initrd has every table but the APIC', () => {
  const table = new Uint8Array(40);
  const text = new TextDecoder('latin1').decode(
    initrdTables({ SRAT: table, HMAT: table, APIC: table }),
  );
  expect(text).toContain('kernel/firmware/acpi/srat.aml');
  expect(text).toContain('kernel/firmware/acpi/hmat.aml');
  expect(text).not.toContain('apic.aml');
});
