import { parseNodeList } from '@tierlab/core';

import { saidWith, withoutTimestamp } from './guest-log.ts';
import type { ShownCoordinate, ShownDemotion, ShownTiers } from './shown-tiers.ts';

/** What a kernel shows at one moment. */
export interface ShownState extends ShownTiers {
  /** Node lists by state (`has_memory`, `has_cpu`...). */
  readonly states: Readonly<Record<string, string>>;
}

/** A moment as the guest tells it, and what it would not do to get there. */
export interface ToldState {
  readonly state: ShownState;
  readonly refused: readonly string[];
}

/** Reads the serial log of the `tiers` task: what was shown at boot (0) and after each step (1, 2...). */
export function readToldStates(lines: readonly string[], stepCount: number): readonly ToldState[] {
  return Array.from({ length: stepCount + 1 }, (_, number) => {
    const said = (word: string): readonly string[] => saidWith(`${word} ${number}`, lines);
    const states = Object.fromEntries(said('state').map(splitOnce));
    return {
      state: {
        tiers: Object.fromEntries(said('tier').map(splitOnce)),
        demotion: readDemotion(said('demotion'), states['has_memory']),
        access: readAccess(said('access')),
        initiators: readInitiators(said('initiators')),
        distances: Object.fromEntries(
          said('distance').map((line) => {
            const [node, row] = splitOnce(line);
            return [node, row.split(' ').map(Number)];
          }),
        ),
        states,
      },
      refused: said('refused'),
    };
  });
}

function splitOnce(line: string): readonly [string, string] {
  const space = line.indexOf(' ');
  return space === -1 ? [line, ''] : [line.slice(0, space), line.slice(space + 1)];
}

/**
 * Source: Linux mm/memory-tiers.c dump_demotion_targets, 6.12: the node masks, or `null` for a node
 * that demotes nowhere. Each rebuild logs every node with memory again, so the last line of a node
 * holds, as long as it has memory.
 */
function readDemotion(lines: readonly string[], withMemory = ''): Record<string, ShownDemotion> {
  const targets: Record<string, ShownDemotion> = {};
  const nodes: readonly number[] = parseNodeList(withMemory);
  for (const line of lines.map(withoutTimestamp)) {
    const found =
      /^Demotion targets for Node (\d+): (?:null|preferred: (.*), fallback: (.*))$/.exec(line);
    if (!found || !nodes.includes(Number(found[1]))) continue;
    targets[found[1]] = { preferred: found[2] ?? null, fallback: found[3] ?? null };
  }
  return targets;
}

function readAccess(lines: readonly string[]): Record<string, Record<string, ShownCoordinate>> {
  const access: Record<string, Record<string, Record<string, number>>> = {};
  for (const line of lines) {
    const [node, accessClass, field, value] = line.split(' ');
    ((access[node] ??= {})[accessClass] ??= {})[field] = Number(value);
  }
  return access as unknown as Record<string, Record<string, ShownCoordinate>>;
}

function readInitiators(
  lines: readonly string[],
): Record<string, Record<string, readonly number[]>> {
  const initiators: Record<string, Record<string, readonly number[]>> = {};
  for (const line of lines) {
    const [node, accessClass, ...links] = line.split(' ');
    (initiators[node] ??= {})[accessClass] = links
      .map((link) => Number(link.slice('node'.length)))
      .filter((id) => Number.isInteger(id)) // an unmatched `node[0-9]*` stays as it is
      .sort((a, b) => a - b);
  }
  return initiators;
}
