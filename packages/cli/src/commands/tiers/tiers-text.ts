import {
  bootMemory,
  nodeList,
  stepText,
  type AccessCoordinate,
  type Machine,
  type TierHistory,
  type TierNode,
  type TierState,
} from '@tierlab/core';

import { memoryText } from '../../machine/machine-text.ts';
import { renderTable } from '../../terminal/table.ts';
import { reasonText } from './tiers-json.ts';

/** What a machine's tiers are, for a person: the tiers, the nodes, and what each step made of them. */
export function tiersText(machine: Machine, history: TierHistory): string {
  const parts = [stateText(machine, history.boot)];
  for (const { step, refused, state } of history.steps) {
    parts.push(
      refused === undefined
        ? `after ${stepText(step)}:\n\n${stateText(machine, state)}`
        : `after ${stepText(step)}: refused, ${refused}\n`,
    );
  }
  return parts.join('\n');
}

/** Every rule that decided, in the order of the kernel's life. */
export function reasonsText(notes: readonly string[], history: TierHistory): string {
  const lines = ['why:', ...indented([...notes, ...history.reasons.map(reasonText)])];
  for (const { step, reasons } of history.steps) {
    lines.push(`${stepText(step)}:`, ...indented(reasons.map(reasonText)));
  }
  return `${lines.join('\n')}\n`;
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

function stateText(machine: Machine, state: TierState): string {
  const tiers = renderTable(
    [{ head: 'tier', align: 'right' }, { head: 'distance' }, { head: 'nodes' }, { head: '' }],
    state.tiers.map((tier) => [
      String(tier.id),
      `${tier.adistanceStart} to ${tier.adistanceStart + 127}`,
      nodeList(tier.nodes),
      tier.adistanceStart <= state.topTierAdistance ? 'top tier' : '',
    ]),
  );
  const nodes = renderTable(
    [
      { head: 'node', align: 'right' },
      { head: 'CPUs' },
      { head: 'memory at boot', align: 'right' },
      { head: 'adistance', align: 'right' },
      { head: 'tier', align: 'right' },
      { head: 'answered by' },
      { head: 'demotes to' },
      { head: 'or falls back to' },
      { head: 'access1 read/write' },
      { head: 'node distances' },
    ],
    state.nodes.map((node) => nodeRow(machine, node)),
  );
  return `${tiers}\n${nodes}`;
}

function nodeRow(machine: Machine, node: TierNode): string[] {
  const cpus = machine.nodes.find(({ id }) => id === node.id)?.cpus ?? [];
  return [
    String(node.id),
    cpus.length === 0 ? '-' : nodeList(cpus),
    memoryText(bootMemory(machine, node.id)),
    node.adistance === undefined ? '-' : String(node.adistance),
    node.tier === undefined ? '-' : String(node.tier),
    node.answeredBy ?? '-',
    nodeList(node.demotion.preferred) || '-',
    nodeList(node.demotion.fallback) || '-',
    node.access === undefined ? '-' : coordinateText(node.access[1].coordinate),
    node.distances.join(' '),
  ];
}

function coordinateText(coordinate: AccessCoordinate): string {
  const { readLatency, writeLatency, readBandwidth, writeBandwidth } = coordinate;
  return `${readLatency}/${writeLatency} ns ${readBandwidth}/${writeBandwidth} MB/s`;
}
