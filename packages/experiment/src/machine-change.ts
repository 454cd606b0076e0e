import { contentHash, megabytesPerSecond, nanoseconds } from '@tierlab/core';
import type { MemoryPath, MemorySystem } from '@tierlab/simulator';

import type { ExperimentMachine } from './matrix.ts';

/** What if a node were slower or narrower: its unloaded latencies or its bandwidths, as every initiator sees them, times a factor. */
export interface MachineChange {
  readonly node: number;
  readonly input: 'latency' | 'bandwidth';
  /** Above 0. */
  readonly factor: number;
}

/** `machine` with `change`; its tiers stay as they are. */
export function changedMachine(
  machine: ExperimentMachine,
  change: MachineChange,
): ExperimentMachine {
  const { name, sha256 } = machine;
  return {
    name: `${name}, node${change.node} ${change.input} x ${change.factor}`,
    ...(sha256 !== undefined && { sha256: contentHash([sha256, change]) }),
    memory: (capacities) => changedMemory(machine.memory(capacities), change),
  };
}

function changedMemory(memory: MemorySystem, change: MachineChange): MemorySystem {
  const index = memory.nodes.findIndex(({ id }) => id === change.node);
  return {
    ...memory,
    initiators: memory.initiators.map((initiator) => ({
      ...initiator,
      paths: initiator.paths.map((path, i) => (i === index ? changedPath(path, change) : path)),
    })),
  };
}

function changedPath(path: MemoryPath, { input, factor }: MachineChange): MemoryPath {
  return input === 'latency'
    ? {
        ...path,
        readLatency: nanoseconds(path.readLatency * factor),
        writeLatency: nanoseconds(path.writeLatency * factor),
      }
    : {
        ...path,
        readBandwidth: megabytesPerSecond(path.readBandwidth * factor),
        writeBandwidth: megabytesPerSecond(path.writeBandwidth * factor),
      };
}
