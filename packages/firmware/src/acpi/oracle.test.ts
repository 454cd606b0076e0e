import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { nodeList, type Machine, type TableSignature } from '@tierlab/core';
import { expect, test } from 'vitest';
import { decodeAcpi } from './decode.ts';

interface Access {
  readonly read_latency: number;
  readonly write_latency: number;
  readonly read_bandwidth: number;
  readonly write_bandwidth: number;
}

/** A boot of a real kernel; see fixtures/oracle/README.md. */
interface BootRecord {
  readonly name: string;
  readonly set: string;
  readonly ramMiB: number | null;
  readonly cmdline: string | null;
  readonly tables: Record<TableSignature, string>;
  readonly answer: {
    readonly access: Record<string, Record<string, Access>>;
    readonly initiators: Record<string, Record<string, number[]>>;
    readonly distances: Record<string, number[]>;
    readonly states: Record<
      'online' | 'possible' | 'has_memory' | 'has_cpu' | 'has_generic_initiator',
      string
    >;
  };
}

const file = new URL('../../fixtures/oracle/tiers.jsonl.gz', import.meta.url);
const records = gunzipSync(readFileSync(file))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as BootRecord);

function decode(record: BootRecord): Machine {
  const tables = Object.entries(record.tables).map(([signature, base64]) => [
    signature,
    Buffer.from(base64, 'base64'),
  ]);
  return decodeAcpi(Object.fromEntries(tables), {
    ...(record.ramMiB !== null && { ramMiB: record.ramMiB }),
    bootOptions: [record.cmdline ?? ''],
  });
}

const nodesWhere = (machine: Machine, has: (node: Machine['nodes'][number]) => boolean): string =>
  nodeList(machine.nodes.filter(has).map((node) => node.id));

/** What sysfs shows of the machine's nodes at boot. */
function sysfsOf(machine: Machine): Omit<BootRecord['answer'], 'states'> {
  const online = machine.nodes.filter((node) => node.online);
  const access: BootRecord['answer']['access'] = {};
  const initiators: BootRecord['answer']['initiators'] = {};
  for (const target of machine.hmat?.targets ?? []) {
    if (!target.shown || !online.some((node) => node.id === target.node)) continue;
    for (const [accessClass, { coordinate, initiators: nodes }] of target.access.entries()) {
      (access[target.node] ??= {})[`access${accessClass}`] = {
        read_latency: coordinate.readLatency,
        write_latency: coordinate.writeLatency,
        read_bandwidth: coordinate.readBandwidth,
        write_bandwidth: coordinate.writeBandwidth,
      };
      if (nodes.length > 0) (initiators[target.node] ??= {})[`access${accessClass}`] = [...nodes];
    }
  }
  const index = online.map((node) => machine.nodes.indexOf(node));
  const distances = Object.fromEntries(
    online.map((node, i) => [node.id, index.map((j) => machine.distances[index[i]!]![j]!)]),
  );
  return { access, initiators, distances };
}

const atBoot = records.filter((record) => record.set !== 'cxl' && record.set !== 'acpi-hotadd');

test('the records are all here', () => expect(records).toHaveLength(289));

test.each(atBoot.map((record) => [record.name, record] as const))('%s', (_, record) => {
  const machine = decode(record);
  const { states, ...sysfs } = record.answer;
  expect({
    possible: nodesWhere(machine, () => true),
    online: nodesWhere(machine, (node) => node.online),
    has_cpu: nodesWhere(machine, (node) => node.cpus.length > 0),
    has_generic_initiator: nodesWhere(machine, (node) => node.genericInitiator),
  }).toEqual({
    possible: states.possible,
    online: states.online,
    has_cpu: states.has_cpu,
    has_generic_initiator: states.has_generic_initiator,
  });
  expect(sysfsOf(machine)).toEqual({
    access: sysfs.access,
    initiators: sysfs.initiators,
    distances: sysfs.distances,
  });
});
