import { readFileSync } from 'node:fs';

import { bootMemory, nodeDistance, nodeId, nodeList, type Machine } from '@tierlab/core';
import { describe, expect, test } from 'vitest';

import { readMachineFile } from '../file/read.ts';
import { writeMachineFile } from '../file/write.ts';
import { machineFromSysfs } from '../sysfs/machine.ts';
import { sysfsFromTar } from '../sysfs/reader.ts';
import { machineFromHwlocXml } from './machine.ts';

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../fixtures/hwloc/${name}`, import.meta.url));
const xml = (name: string): Machine => machineFromHwlocXml(fixture(`${name}.xml`).toString());

/** `"bandwidth by initiators"` of access class 1. */
function bandwidth(machine: Machine, node: number): string {
  const target = machine.hmat?.targets.find((entry) => entry.node === nodeId(node));
  const { coordinate, initiators } = target?.access[1] ?? { coordinate: undefined, initiators: [] };
  return `${coordinate?.readBandwidth}/${coordinate?.writeBandwidth} by ${nodeList(initiators)}`;
}

test('CPUs that hwloc gave to a node without CPUs are taken back', () => {
  const machine = xml('64intel64-heteromem');
  expect(machine.nodes.map(({ id, cpus }) => `${id}:${cpus.length}`)).toEqual([
    '0:16',
    '1:16',
    '2:16',
    '3:16',
    '4:0',
    '5:0',
    '6:0',
    '7:0',
  ]);
  expect(nodeList(machine.nodes[0]?.cpus ?? [])).toBe('0-3,16-19,32-35,48-51');
});

test("on Linux a bandwidth is the kernel's, in MB/s", () => {
  const machine = xml('64intel64-heteromem');
  expect(bandwidth(machine, 0)).toBe('22500/22500 by 0');
  expect(bandwidth(machine, 7)).toBe('90000/90000 by 0');
  expect(machine.notes.map(({ text }) => text).join()).toContain('taken as MB/s');
});

const synthetic = (values: string): string => `<topology version="2.0">
<object type="Machine" os_index="0">
  <object type="MemCache" depth="1" cache_size="1073741824" cache_linesize="64" cache_associativity="1">
    <object type="NUMANode" os_index="0" cpuset="0x3" gp_index="4" local_memory="4096"/>
  </object>
  <object type="NUMANode" os_index="1" cpuset="0x3" gp_index="5" local_memory="8192"/>
  <object type="PU" os_index="0"/><object type="PU" os_index="1"/>
</object>
${values}
<info name="Backend" value="Synthetic"/>
</topology>`;

test('elsewhere it is MiB/s: 1000 MiB/s is 1048 MB/s; reads or writes alone are more exact', () => {
  const machine = machineFromHwlocXml(
    synthetic(`
<memattr name="ReadLatency"><memattr_value target_obj_type="NUMANode" target_obj_gp_index="5" value="90" initiator_cpuset="0x3"/></memattr>
<memattr name="Bandwidth"><memattr_value target_obj_type="NUMANode" target_obj_gp_index="5" value="1000" initiator_cpuset="0x3"/></memattr>
<memattr name="Latency"><memattr_value target_obj_type="NUMANode" target_obj_gp_index="5" value="100" initiator_cpuset="0x3"/></memattr>
<memattr name="mine"><memattr_value target_obj_type="NUMANode" target_obj_gp_index="5" value="7" initiator_cpuset="0x3"/></memattr>`),
  );
  expect(bandwidth(machine, 1)).toBe('1048/1048 by 0');
  expect(machine.hmat?.performance[0]?.coordinate).toMatchObject({
    readLatency: 90,
    writeLatency: 100,
  });
  expect(machine.hmat?.targets[0]?.caches).toEqual([
    {
      level: 1,
      size: 2 ** 30,
      lineSize: 64,
      indexing: 'direct',
      writePolicy: 'other',
      addressMode: 'reserved',
    },
  ]);
});

test('attributes of other names, and of other initiators, count for nothing', () => {
  const machine = xml('8intel64-4n2t-memattrs');
  expect(bandwidth(machine, 1)).toBe('20/20 by 0-3');
  expect(machine.hmat?.performance.map(({ target }) => target)).toEqual([1, 1, 1, 1]);
});

test('a matrix of distances without a name', () => {
  const machine = xml('fakeheterodistances');
  expect(machine.distances).toHaveLength(8);
  expect(nodeDistance(machine, nodeId(0), nodeId(3))).toBe(22);
  expect(nodeDistance(machine, nodeId(2), nodeId(0))).toBe(16);
});

describe('hwloc and sysfs tell the same of one machine', () => {
  test.each(['fakeheterocpunuma', 'nvidia-dgx-gb10', '32em64t-2n8c+dax+nvme+mic+dimms'])(
    '%s',
    async (name) => {
      const fromXml = xml(name);
      const { machine } = await machineFromSysfs(sysfsFromTar(fixture(`${name}.tar.bz2`)));
      expect(fromXml.distances).toEqual(machine.distances);
      expect(fromXml.nodes.map(({ id }) => `${id}: ${bootMemory(fromXml, id)}`)).toEqual(
        machine.nodes.map(({ id }) => `${id}: ${bootMemory(machine, id)}`),
      );
      const cpus = fromXml.nodes.flatMap((node) => node.cpus);
      expect(new Set(cpus).size).toBe(cpus.length);
    },
  );
});

test('a machine of hwloc is written as a machine file and read again', () => {
  const { notes: _, ...machine } = xml('64intel64-heteromem');
  const { notes: __, ...again } = readMachineFile(
    writeMachineFile({ ...machine, notes: [] }),
    'again',
  );
  expect(again).toEqual(machine);
});

describe('what hwloc does not write is refused in one line', () => {
  test.each([
    ['<html></html>', /hwloc XML, 1:\d+: expected an hwloc topology, got <html>; write it with/],
    ['<topology version="3.0"><object type="Machine">', /hwloc XML, 1:\d+: unclosed tag/],
    ['<topology version="3.0"></topology>', /no NUMANode object/],
    [
      '<topology><object type="NUMANode" os_index="0"/></topology>',
      /version 2 or 3 of its XML, got 1/,
    ],
    ['', /hwloc XML, 1:0: .*(?:document must contain|no NUMANode)/],
    [synthetic('').replace('os_index="1" cpuset', 'os_index="0" cpuset'), /node 0 is there twice/],
    [synthetic('').replace('"4096"', '"lots"'), /expected a number as local_memory, got "lots"/],
    [synthetic('').replace('"0x3"', '"0xzz"'), /expected a mask of CPUs, got "0xzz"/],
    [
      synthetic(
        '<distances2 type="NUMANode" indexing="os"><indexes>0 1</indexes><u64values>10 20 20</u64values></distances2>',
      ),
      /expected 4 distances, got 3/,
    ],
  ])('%#', (text, message) => {
    expect(() => machineFromHwlocXml(text)).toThrow(message);
  });
});
