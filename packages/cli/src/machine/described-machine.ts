import {
  buildTiers,
  bytes,
  contentHash,
  DEFAULT_KERNEL,
  mappedMemory,
  nodeId,
  nodeList,
  parseHotplugSteps,
  parseKernelVersion,
  type Bytes,
  type Machine,
  type NodeId,
  type TierState,
} from '@tierlab/core';
import { memorySystem, type NodeTier } from '@tierlab/simulator';
import type { Capacities, ExperimentMachine } from '@tierlab/experiment';
import type { TierSheet } from '@tierlab/report';

import { CliError } from '../errors.ts';
import { tieringChain } from '../plugins/tiering-chain.ts';
import type { GivenMachineOptions } from './machine-options.ts';
import { openMachine } from './read-machine.ts';
import { tierSheet } from './tier-sheet.ts';

/** A machine that runs can be made on, and what was assumed of it because nobody told. */
export interface DescribedMachine {
  readonly machine: ExperimentMachine;
  readonly sheet: TierSheet;
  readonly assumed: readonly string[];
}

/** The machine at `path` in the tiers that its kernel builds, after all hotplug steps. */
export async function describeMachine(
  path: string,
  options: GivenMachineOptions,
  directory: string,
): Promise<DescribedMachine> {
  const kernel = options.kernel === undefined ? DEFAULT_KERNEL : parseKernelVersion(options.kernel);
  const { read, drivers } = await openMachine(path, {
    bootOptions: options.bootOption,
    settings: options.set,
  });
  const machine = read(kernel);
  const history = buildTiers(machine, {
    kernel,
    tieringPolicies: await tieringChain(options.tiering, directory),
    steps: [...drivers, ...parseHotplugSteps(options.hotplug ?? '')],
  });
  const nodeTiers = tiersOfNodes(history.final);
  const whole = memoryOf(machine, nodeTiers, new Map());
  return {
    machine: {
      name: path,
      // Of what runs see of it: kernel, what-ifs and plug-ins are in it, whatever form the machine came in.
      sha256: contentHash(whole.memory),
      memory: (capacities) =>
        memoryOf(machine, nodeTiers, readCapacities(capacities, nodeTiers, path)).memory,
    },
    sheet: tierSheet(path, kernel, machine, history, whole.memory),
    assumed: whole.assumed,
  };
}

/** Throws `CLI_BAD_OPTION` where one is of a node that has no memory. */
function readCapacities(
  capacities: Capacities,
  nodes: readonly NodeTier[],
  path: string,
): ReadonlyMap<NodeId, Bytes> {
  const known = nodes.map(({ id }) => id);
  return new Map(
    Object.entries(capacities).map(([text, size]) => {
      const id = nodeId(Number(text));
      if (known.includes(id)) return [id, bytes(size)];
      throw new CliError(
        'CLI_BAD_OPTION',
        `--capacity node${id}: ${path} has no memory on such a node; its nodes with memory are ${nodeList(known)}`,
      );
    }),
  );
}

function memoryOf(
  machine: Machine,
  tiers: readonly NodeTier[],
  given: ReadonlyMap<NodeId, Bytes>,
): ReturnType<typeof memorySystem> {
  // Memory that a driver brought is none of boot's: it is as much as its soft-reserved ranges have.
  const brought = tiers.flatMap(({ id }): [NodeId, Bytes][] => {
    const size = mappedMemory(machine, id, 'soft-reserved');
    return mappedMemory(machine, id, 'ram') === 0 && size > 0 ? [[id, size]] : [];
  });
  return memorySystem(machine, tiers, { capacity: new Map([...brought, ...given]) });
}

function tiersOfNodes(state: TierState): NodeTier[] {
  const rankOf = new Map(state.tiers.map((tier, rank) => [tier.id, rank]));
  return state.nodes
    .filter((node) => node.tier !== undefined)
    .map((node) => ({
      id: node.id,
      tierRank: rankOf.get(node.tier ?? -1) ?? 0,
      topTier: node.topTier,
      preferredTargets: node.demotion.preferred,
      fallbackTargets: node.demotion.fallback,
    }));
}
