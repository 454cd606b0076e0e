import { type HotplugStep, type Machine, type NodeId, stepText } from '@tierlab/core';

import { KernelLabError } from '../errors.ts';
import { blockCount, plugCommands, unplugCommands } from './memory-slots.ts';

/** What is done after boot. */
export interface GuestStep {
  readonly step: HotplugStep;
  /** The line that the guest's task reads: a word and its argument. */
  readonly line: string;
  /** What QEMU is told to do meanwhile, in the words of its monitor. */
  readonly monitor: readonly string[];
}

/**
 * How a guest of `machine` does each of `steps`. Throws `LAB_BAD_SCENARIO` for what neither it nor
 * QEMU can do.
 */
export function guestSteps(steps: readonly HotplugStep[], machine: Machine): readonly GuestStep[] {
  return steps.map((step) => ({ step, ...wordsOf(step, machine) }));
}

/**
 * Throws `LAB_BAD_SCENARIO` where a step names a CPU or a memory block by a number that is another's
 * in `booted`, the machine that `given` became: one that was made small has few of either.
 */
export function requireSameNumbers(
  steps: readonly HotplugStep[],
  given: Machine,
  booted: Machine,
): void {
  for (const step of steps) {
    const same =
      ('cpu' in step && isSame(cpusOf(given), cpusOf(booted))) ||
      ('block' in step && isSame(given.memory, booted.memory)) ||
      !('cpu' in step || 'block' in step);
    if (same) continue;
    throw new KernelLabError(
      'LAB_BAD_SCENARIO',
      `step "${stepText(step)}": the machine is booted with one CPU and 128 MiB a node, which have other numbers; name a node, or give tables of a PC with at most 8 GiB, which are booted as they are`,
    );
  }
}

const cpusOf = ({ nodes }: Machine): readonly (readonly number[])[] =>
  nodes.map(({ cpus }) => cpus);

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Whether a step needs the drivers of dax devices. */
export const needsDaxDrivers = ({ kind }: HotplugStep): boolean => /kmem|unbind/.test(kind);

function wordsOf(step: HotplugStep, machine: Machine): Omit<GuestStep, 'step'> {
  switch (step.kind) {
    case 'offline':
    case 'online':
      return { line: stepText(step), monitor: [] };
    case 'offline-block':
    case 'online-block':
    case 'offline-cpu':
    case 'online-cpu':
      return { line: stepText(step), monitor: [] };
    case 'kmem':
      refusePersistent(step, machine, step.node);
      return { line: stepText(step), monitor: [] };
    case 'kmem-all':
      refusePersistent(step, machine);
      return { line: 'kmem all', monitor: [] };
    case 'unbind':
      return { line: stepText(step), monitor: [] };
    case 'unbind-all':
      return { line: 'unbind all', monitor: [] };
    case 'unload-kmem':
      return { line: 'unload-kmem all', monitor: [] };
    case 'add':
      return {
        line: `add ${blockCount(machine, step.node)}`,
        monitor: plugCommands(machine, step.node),
      };
    case 'remove':
      return {
        line: `remove ${blockCount(machine, step.node)}`,
        monitor: unplugCommands(machine, step.node),
      };
    default:
      return step satisfies never;
  }
}

/** Persistent memory becomes a dax device in a namespace, which takes `ndctl`. */
function refusePersistent(step: HotplugStep, { memory, memoryMap }: Machine, node?: NodeId): void {
  const persistent = memoryMap.filter(({ kind }) => kind === 'persistent');
  const found = memory.find(
    (range) =>
      (node === undefined || range.node === node) &&
      persistent.some(
        ({ base, size }) => base < range.base + range.size && range.base < base + size,
      ),
  );
  if (found === undefined) return;
  throw new KernelLabError(
    'LAB_BAD_SCENARIO',
    `step "${stepText(step)}": node ${found.node} has persistent memory, whose namespaces the guest has no tool to make; describe it as soft-reserved, which kmem takes alike`,
  );
}
