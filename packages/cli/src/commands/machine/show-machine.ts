import {
  DEFAULT_KERNEL,
  mappedMemory,
  nodeList,
  parseKernelVersion,
  type AccessCoordinate,
  type Machine,
  type MachineNode,
  type MappedRange,
} from '@tierlab/core';

import type { CommandContext } from '../../context.ts';
import { memoryText, noteText } from '../../machine/machine-text.ts';
import { openMachine } from '../../machine/read-machine.ts';
import { renderTable } from '../../terminal/table.ts';
import type { machineForms } from './forms.ts';

/** Options of `tierlab machine`, as the command line gives them. */
export interface MachineCommandOptions {
  readonly to?: keyof typeof machineForms;
  readonly out?: string;
  readonly round?: boolean;
  readonly json?: boolean;
  readonly kernel?: string;
  readonly set: readonly string[];
  readonly bootOption: readonly string[];
}

/** Prints what is known of a machine. */
export async function showMachine(
  path: string,
  options: MachineCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { read, observed } = await openMachine(path, {
    bootOptions: options.bootOption,
    settings: options.set,
  });
  const machine = read(
    options.kernel === undefined ? DEFAULT_KERNEL : parseKernelVersion(options.kernel),
  );
  if (options.json) {
    context.stdout(`${JSON.stringify({ schemaVersion: 1, name: path, machine, observed })}\n`);
    return;
  }
  context.stdout(`${path}\n\n${nodesText(machine)}${speedsText(machine)}${readingText(machine)}`);
}

function nodesText(machine: Machine): string {
  return renderTable(
    [
      { head: 'node', align: 'right' },
      { head: 'domain', align: 'right' },
      { head: 'CPUs' },
      { head: 'memory', align: 'right' },
      { head: 'soft-reserved', align: 'right' },
      { head: 'online' },
      { head: 'node distances' },
      { head: 'memory-side caches' },
    ],
    machine.nodes.map((node, i) => [
      String(node.id),
      String(node.proximityDomain ?? '-'),
      cpusText(node),
      sizeOf(machine, node, 'ram'),
      sizeOf(machine, node, 'soft-reserved'),
      node.online ? 'yes' : 'no',
      (machine.distances[i] ?? []).join(' '),
      cachesText(machine, node),
    ]),
  );
}

const cpusText = ({ cpus, genericInitiator }: MachineNode): string =>
  [cpus.length > 0 ? nodeList(cpus) : '', genericInitiator ? 'generic initiator' : '']
    .filter((text) => text !== '')
    .join(', ') || '-';

const sizeOf = (machine: Machine, node: MachineNode, kind: MappedRange['kind']): string =>
  memoryText(mappedMemory(machine, node.id, kind));

function cachesText(machine: Machine, node: MachineNode): string {
  const target = machine.hmat?.targets.find((entry) => entry.node === node.id);
  const caches = target?.caches ?? [];
  return caches.map(({ level, size }) => `L${level} ${memoryText(size)}`).join(', ') || '-';
}

function speedsText(machine: Machine): string {
  if (machine.hmat === undefined) return '\nno HMAT: the speed of no path is known\n';
  return `\n${renderTable(
    [
      { head: 'initiator', align: 'right' },
      { head: 'target', align: 'right' },
      { head: 'read ns', align: 'right' },
      { head: 'write ns', align: 'right' },
      { head: 'read MB/s', align: 'right' },
      { head: 'write MB/s', align: 'right' },
    ],
    machine.hmat.performance.map(({ initiator, target, coordinate }) => [
      String(initiator),
      String(target),
      ...figures(coordinate),
    ]),
  )}`;
}

const figures = (coordinate: AccessCoordinate): string[] =>
  (['readLatency', 'writeLatency', 'readBandwidth', 'writeBandwidth'] as const).map((name) =>
    coordinate[name] === 0 ? '-' : String(coordinate[name]),
  );

function readingText(machine: Machine): string {
  const tables = Object.entries(machine.tables).flatMap(([name, use]) =>
    use.state === 'absent' ? [] : [`${name} ${use.state}`],
  );
  const lines = [
    ...(tables.length > 0 ? [`tables: ${tables.join(', ')}`] : []),
    ...machine.notes.map(noteText),
  ];
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}
