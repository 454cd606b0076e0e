import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { bootMemory, mappedMemory, nodeDistance, nodeId, nodeList } from '@tierlab/core';
import { describe, expect, test } from 'vitest';

import { readMachineFile } from '../file/read.ts';
import { writeMachineFile } from '../file/write.ts';
import { decodeAcpi } from '../acpi/decode.ts';
import { encodeAcpi } from '../acpi/encode.ts';
import { decompress } from '../archive/decompress.ts';
import { machineFromSysfs, type SysfsMachine } from './machine.ts';
import { sysfsFromTar, type SysfsReader } from './reader.ts';

const fixture = (name: string): Uint8Array =>
  readFileSync(new URL(`../../fixtures/hwloc/${name}.tar.bz2`, import.meta.url));
const snapshots = new Map<string, Promise<SysfsMachine>>();
function snapshot(name: string): Promise<SysfsMachine> {
  const known = snapshots.get(name) ?? machineFromSysfs(sysfsFromTar(fixture(name)));
  snapshots.set(name, known);
  return known;
}

/** `"node: class 0, class 1"`, each `read latency/read bandwidth by initiators`. */
function access({ machine }: SysfsMachine): string[] {
  return (machine.hmat?.targets ?? []).map(({ node, access }) => {
    const shown = access.map(
      ({ coordinate: c, initiators }) =>
        `${c.readLatency}/${c.readBandwidth} by ${nodeList(initiators)}`,
    );
    return `${node}: ${shown.join(', ')}`;
  });
}

/** A snapshot of files given by path; every directory on the way exists. */
function snapshotOf(files: Readonly<Record<string, string>>): SysfsReader {
  const paths = Object.keys(files);
  return {
    list: async (path) => {
      const start = path === '' ? '' : `${path}/`;
      const below = paths.filter((one) => one.startsWith(start));
      const names = below.map((one) => one.slice(start.length).split('/')[0] ?? '');
      return below.length === 0 ? undefined : [...new Set(names)];
    },
    read: async (path) => files[path],
    link: async () => undefined,
  };
}

describe('snapshots of hwloc', () => {
  test('initiators: CPUs without memory, memory without CPUs, a generic initiator', async () => {
    const read = await snapshot('fakememinitiators-1np2c+1npp+gi');
    expect(access(read)).toEqual([
      '5: 8/419431 by 4, 26/131072 by 0',
      '6: 8/419431 by 4, 26/131072 by 2',
      '7: 8/8192 by 4, 77/78644 by 0,2',
      '8: 26/131072 by 1, 26/131072 by 1',
      '9: 26/131072 by 3, 26/131072 by 3',
      '10: 77/78644 by 1,3, 77/78644 by 1,3',
    ]);
    const { machine } = read;
    expect(
      machine.nodes.filter(({ genericInitiator }) => genericInitiator).map(({ id }) => id),
    ).toEqual([4]);
    expect(nodeDistance(machine, nodeId(0), nodeId(10))).toBe(28);
    expect(nodeDistance(machine, nodeId(4), nodeId(1))).toBe(31);
    expect(bootMemory(machine, nodeId(5))).toBe(97_447_340 * 1024);
    expect(bootMemory(machine, nodeId(0))).toBe(0);
  });

  test('only class 1: it stands for class 0; possible nodes that are not online', async () => {
    const read = await snapshot('fakeheteromemtiers');
    expect(nodeList(read.machine.nodes.map(({ id }) => id))).toBe('0-9');
    expect(access(read)).toContain('4: 0/10000 by 1, 0/10000 by 1');
    expect(read.machine.notes.map(({ text }) => text)).toContain(
      'access0 is not shown; access1 stands for it',
    );
    expect(nodeDistance(read.machine, nodeId(9), nodeId(9))).toBe(10);
    expect(nodeDistance(read.machine, nodeId(9), nodeId(3))).toBe(20);
  });

  test('memory-side caches, and initiators that only an attachment explains', async () => {
    const { machine } = await snapshot('memorysidecaches');
    const [target] = machine.hmat?.targets ?? [];
    expect(target?.attachedInitiator).toBe(0);
    expect(target?.caches).toEqual([
      {
        level: 1,
        size: 103_079_215_104,
        lineSize: 64,
        indexing: 'direct',
        writePolicy: 'write-back',
        addressMode: 'reserved',
      },
    ]);
    expect(nodeList(machine.nodes[1]?.cpus ?? [])).toMatch(/^1,5,9,/);
  });

  test('GPU nodes 250-255: node numbers with gaps, distances by online node', async () => {
    const { machine } = await snapshot('nvidiagpunumanodes');
    expect(nodeList(machine.nodes.map(({ id }) => id))).toBe('0,8,250-255');
    expect(nodeDistance(machine, nodeId(8), nodeId(0))).toBe(40);
    expect(nodeDistance(machine, nodeId(251), nodeId(251))).toBe(10);
    expect(nodeDistance(machine, nodeId(251), nodeId(8))).toBe(80);
    expect(bootMemory(machine, nodeId(255))).toBe(15 * 2 ** 30);
    expect(machine.hmat).toBeUndefined();
  });

  test('an offline node: distances by possible node', async () => {
    const { machine } = await snapshot('offline-cpu0-node0');
    expect(machine.nodes.map(({ id, online }) => `${id}:${online}`)).toEqual(['0:false', '1:true']);
    expect(nodeDistance(machine, nodeId(1), nodeId(0))).toBe(21);
    expect(machine.nodes[1]?.cpus[0]).toBe(1);
  });

  test('one node', async () => {
    const { machine, observed } = await snapshot('nvidia-dgx-gb10');
    expect(machine.nodes).toHaveLength(1);
    expect(observed.tiers).toBeUndefined();
  });

  test('memory that kmem brought is not there at boot', async () => {
    const { machine, kmemNodes } = await snapshot('fakeheteromemtiers');
    expect(nodeList(kmemNodes)).toBe('2,4,6,8-9');
    const online = machine.nodes.filter((node) => node.online);
    expect(nodeList(online.map(({ id }) => id))).toBe('0-2');
    expect(mappedMemory(machine, nodeId(4), 'soft-reserved')).toBe(524_288 * 1024);
    expect(mappedMemory(machine, nodeId(6), 'persistent')).toBe(393_216 * 1024);
    expect(bootMemory(machine, nodeId(6))).toBe(0);
  });

  test('a dax device whose node is not online brought nothing', async () => {
    const { machine, kmemNodes } = await snapshot('32em64t-2n8c+dax+nvme+mic+dimms');
    expect(kmemNodes).toEqual([]);
    expect(machine.nodes).toHaveLength(2);
  });

  test('a CPU mask where there is no list', async () => {
    const { machine } = await snapshot('fakeheterocpunuma');
    expect(nodeList(machine.nodes[3]?.cpus ?? [])).toBe('20-23');
  });

  test.each([
    'fakememinitiators-1np2c+1npp+gi',
    'memorysidecaches',
    'nvidiagpunumanodes',
    'nvidia-dgx-gb10',
  ])('%s is written as a machine file and read again', async (name) => {
    const { tables, notes: _, ...machine } = (await snapshot(name)).machine;
    const { notes: __, ...again } = readMachineFile(
      writeMachineFile({ ...machine, tables, notes: [] }),
      'again',
    );
    expect(again).toEqual({ ...machine, tables });
  });
});

const node0 = {
  'node0/meminfo': `\nNode 0 MemTotal:       1048576 kB\nNode 0 MemFree: 1 kB\n${'\0'.repeat(64)}`,
  'node0/cpulist': '0-3\n',
  'node0/distance': '10\n',
};
const under = (top: string): Record<string, string> =>
  Object.fromEntries(Object.entries(node0).map(([path, text]) => [`${top}${path}`, text]));

test.each([
  'sys/devices/system/node/',
  'devices/system/node/',
  '',
  'host/sys/devices/system/node/',
  'sys-copy/devices/system/node/',
  'nodes/',
])('the nodes are found below %j', async (top) => {
  const { machine } = await machineFromSysfs(snapshotOf(under(top)));
  expect(bootMemory(machine, nodeId(0))).toBe(2 ** 30);
});

test('what the running kernel had made of it is kept', async () => {
  const { observed } = await machineFromSysfs(
    snapshotOf({
      ...under('box/sys/devices/system/node/'),
      'box/sys/devices/virtual/memory_tiering/memory_tier4/nodelist': '0-1\n',
      'box/sys/devices/virtual/memory_tiering/memory_tier22/nodelist': '2\n',
      'box/proc/version': 'Linux version 6.6.2-amd64 (debian) #1 SMP',
    }),
  );
  expect(observed).toEqual({ release: '6.6.2-amd64', tiers: { '4': '0-1', '22': '2' } });
});

test('gzip and plain tar are read like bzip2', async () => {
  const tar = decompress(fixture('nvidiagpunumanodes'));
  const expected = (await snapshot('nvidiagpunumanodes')).machine;
  for (const bytes of [tar, gzipSync(tar)]) {
    expect((await machineFromSysfs(sysfsFromTar(bytes))).machine).toEqual(expected);
  }
});

describe('what no kernel writes is refused', () => {
  test.each([
    [{ 'etc/passwd': 'root' }, /no node directories found; give a copy of/],
    [{ ...node0, 'node0/meminfo': 'empty' }, /node0\/meminfo: expected a line with MemTotal/],
    [
      { ...node0, 'node0/cpulist': '0-x' },
      /node0\/cpulist: expected a list such as 0-3,8, got "0-x"/,
    ],
    [
      { ...node0, 'node0/distance': '10 20 30' },
      /node0\/distance: expected 1 distances, one for each of the nodes 0/,
    ],
    [{ ...node0, online: '0-' }, /online: expected a list/],
  ])('%#', async (files: Record<string, string>, message) => {
    await expect(machineFromSysfs(snapshotOf(files))).rejects.toThrow(message);
  });
});

test('a link that leads to itself is no file', async () => {
  const reader = sysfsFromTar(decompress(fixture('nvidiagpunumanodes')));
  expect(await reader.read('nvidiagpunumanodes/sys/devices/system/node/online')).toBe(
    '0,8,250-255\n',
  );
  expect(await reader.read('nothing/here')).toBeUndefined();
  expect(await reader.list('nvidiagpunumanodes/sys/devices/system/node/online')).toBeUndefined();
});

test('a snapshot is encoded to tables, its nodes with their ids as domains', async () => {
  const { machine } = await snapshot('memorysidecaches');
  const { tables, options } = encodeAcpi(machine);
  const again = decodeAcpi(tables, options);
  expect(again.hmat).toEqual(machine.hmat);
  expect(again.nodes.map(({ proximityDomain }) => proximityDomain)).toEqual([0, 1, 2, 3]);
});
