import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { arbitraryMachineFile } from '../machine.arbitrary.ts';
import { readMachineFile } from './read.ts';
import { writeMachineFile } from './write.ts';

const written = (text: string): string => writeMachineFile(readMachineFile(text, 'm.yaml'));

test('a file says no more than it needs', () => {
  const text = `nodes:
  - cpus: 0-7
    memory: 64 GiB
    latency: 80 ns
    bandwidth: 200 GB/s
  - memory: 256 GiB
    kind: soft-reserved
    readLatency: 250 ns
    writeLatency: 260 ns
    bandwidth: 38.4 GB/s
  - cpus: 8-8
    memory: 1 GiB
    from:
      0:
        latency: 140 ns
      2:
        latency: 80 ns
    caches:
      - level: 1
        size: 1 GiB
        lineSize: 64 B
        indexing: direct
        writePolicy: write-back
distances:
  - [ 10, 14, 21 ]
  - [ 14, 10, 24 ]
  - [ 21, 24, 10 ]
`;
  expect(written(text)).toBe(text);
});

test('addresses are written where sizes do not give them', () => {
  const text = `nodes:
  - cpus: 0-3
    memory:
      - base: 0x0
        size: 640 KiB
      - base: 0x100000
        size: 1023 MiB
        kind: soft-reserved
memoryMap:
  - base: 0x0
    size: 512 KiB
    kind: ram
  - base: 0x100000
    size: 2 GiB
    kind: soft-reserved
`;
  expect(written(text)).toBe(text);
});

test('latency under load is written as it was read', () => {
  const text = `nodes:
  - cpus: 0-1
    memory: 1 GiB
    underLoad:
      - - 0.5
        - 1.1
      - - 1
        - 2.25
`;
  const machine = readMachineFile(text, 'm.yaml');
  expect(machine.loadedLatencies).toEqual([
    {
      node: 0,
      points: [
        { utilisation: 0.5, factor: 1.1 },
        { utilisation: 1, factor: 2.25 },
      ],
    },
  ]);
  expect(readMachineFile(writeMachineFile(machine), 'again')).toEqual(machine);
});

test('any machine is read back as it was', () => {
  let speaking = 0;
  fc.assert(
    fc.property(arbitraryMachineFile, (text) => {
      const machine = readMachineFile(text, 'random');
      if ((machine.hmat?.performance.length ?? 0) > 0) speaking++;
      expect(readMachineFile(writeMachineFile(machine), 'again')).toEqual(machine);
    }),
    { numRuns: 100, seed: 1 },
  );
  expect(speaking).toBeGreaterThan(25);
});

test('what a file has no words for is refused', () => {
  const machine = readMachineFile('nodes: [{cpus: 1, memory: 1 GiB, latency: 5 ns}]', 'm.yaml');
  const windows = { ...machine, cxl: { windows: [], devices: [], qosAnswered: true } };
  expect(() => writeMachineFile(windows)).toThrow(/a machine file cannot say CXL windows/);
  const silent = machine.hmat?.targets.map((target) => ({ ...target, shown: false })) ?? [];
  const hidden = { ...machine, hmat: { performance: [], genericPorts: [], targets: silent } };
  expect(() => writeMachineFile(hidden)).toThrow(
    /a machine file cannot say the hmat of this machine/,
  );
});
