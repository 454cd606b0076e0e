import { bytes, type Machine, nodeId, parseHotplugSteps } from '@tierlab/core';
import { describe, expect, test } from 'vitest';

import { guestSteps, needsDaxDrivers, requireSameNumbers } from './guest-steps.ts';
import { withMemorySlots } from './memory-slots.ts';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** Node 0 with RAM, node 1 with soft-reserved memory, node 2 (domain 5) with room for 256 MiB at 5 GiB. */
const machine: Machine = {
  nodes: [0, 1, 2].map((id) => ({
    id: nodeId(id),
    online: id === 0,
    cpus: id === 0 ? [0, 1] : [],
    genericInitiator: false,
    proximityDomain: id === 2 ? 5 : id,
  })),
  distances: [],
  memory: [
    { base: 0, size: GIB },
    { base: GIB, size: GIB },
    { base: 5 * GIB, size: 256 * MIB },
  ].map(({ base, size }, id) => ({
    node: nodeId(id),
    base: bytes(base),
    size: bytes(size),
    hotPluggable: id === 2,
    nonVolatile: false,
  })),
  memoryMap: [
    { base: bytes(0), size: bytes(GIB), kind: 'ram' },
    { base: bytes(GIB), size: bytes(GIB), kind: 'soft-reserved' },
  ],
  movableNode: false,
  tables: {},
  notes: [],
};

const linesOf = (text: string): string[] =>
  guestSteps(parseHotplugSteps(text), machine).map(({ line }) => line);

describe('steps of a guest', () => {
  test('every step has its line', () => {
    const text =
      'offline 1; online 1; offline-block 4; online-block 4; offline-cpu 1; online-cpu 1; kmem; kmem 1; unbind; unbind 1; unload-kmem';
    expect(linesOf(text)).toEqual([
      'offline 1',
      'online 1',
      'offline-block 4',
      'online-block 4',
      'offline-cpu 1',
      'online-cpu 1',
      'kmem all',
      'kmem 1',
      'unbind all',
      'unbind 1',
      'unload-kmem all',
    ]);
    expect(parseHotplugSteps(text).map(needsDaxDrivers).lastIndexOf(false)).toBe(5);
  });

  test('memory is plugged in where its node has room, by proximity domain', () => {
    const [add, remove] = guestSteps(parseHotplugSteps('add 2; remove 2'), machine);
    // 256 MiB are two blocks of 128 MiB; 5 GiB is 5368709120.
    expect([add.line, remove.line]).toEqual(['add 2', 'remove 2']);
    expect(add.monitor).toEqual([
      'object_add memory-backend-ram,id=node2-0,size=256M',
      'device_add pc-dimm,id=dimm-node2-0,memdev=node2-0,node=5,addr=5368709120',
    ]);
    expect(remove.monitor).toEqual(['device_del dimm-node2-0']);
    expect(linesOf('add 1')).toEqual(['add 0']); // no room: the guest refuses
  });

  test('what cannot be done is refused before anything boots', () => {
    const persistent: Machine = {
      ...machine,
      memoryMap: [{ base: bytes(GIB), size: bytes(GIB), kind: 'persistent' }],
    };
    expect(() => guestSteps(parseHotplugSteps('kmem 1'), persistent)).toThrow(/persistent memory/);
    expect(() => guestSteps(parseHotplugSteps('kmem'), persistent)).toThrow(/node 1 has persist/);
    const low = { ...machine.memory[2], base: bytes(3 * GIB) };
    expect(() => guestSteps(parseHotplugSteps('add 2'), { ...machine, memory: [low] })).toThrow(
      /above 4 GiB.* got 256 MiB at 3072 MiB/,
    );
  });

  test('a CPU or block keeps its number, or the step is refused', () => {
    const small = { ...machine, memory: machine.memory.slice(0, 1) };
    const fewer = {
      ...machine,
      nodes: machine.nodes.map((node) => ({ ...node, cpus: node.cpus.slice(0, 1) })),
    };
    const check = (text: string, booted: Machine) => (): void =>
      requireSameNumbers(parseHotplugSteps(text), machine, booted);
    expect(check('offline-block 9', small)).toThrow(/"offline-block 9".*other numbers/);
    expect(check('offline-cpu 1', fewer)).toThrow(/"offline-cpu 1".*other numbers/);
    expect(check('offline 1; offline-cpu 1', small)).not.toThrow();
    expect(check('offline-block 9', fewer)).not.toThrow();
  });
});

test('slots: room up to the end of the last window, nodes up to the last domain, tables in place of QEMU’s', () => {
  const table = new Uint8Array(36);
  table.set(new TextEncoder().encode('SLIT'));
  const guest = { qemu: ['-smp', '2', '-m', '1024M'], tables: [table] };
  const { qemu, tables } = withMemorySlots(guest, machine);
  // The window ends at 5.25 GiB: 2 GiB from 4 GiB on.
  expect(qemu.slice(0, 4)).toEqual(['-smp', '2', '-m', '1024M,slots=1,maxmem=3072M']);
  expect(qemu.filter((word) => word.startsWith('node,'))).toEqual([
    'node,nodeid=0,memdev=ram',
    ...[1, 2, 3, 4, 5].map((id) => `node,nodeid=${id}`),
  ]);
  const [signed] = tables!;
  expect(new TextDecoder().decode(signed.subarray(10, 24))).toBe('BOCHS BXPC    ');
  expect(signed[24]).toBe(2);
  expect(signed.reduce((sum, byte) => sum + byte, 0) % 256).toBe(0);
  expect(table[10]).toBe(0); // the caller's is as it was
  const full = { ...machine, memory: machine.memory.slice(0, 2) };
  expect(withMemorySlots(guest, full).qemu).toEqual(guest.qemu);
});
