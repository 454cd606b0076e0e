import { buildTiers, parseKernelVersion } from '@tierlab/core';
import {
  bootTiers,
  scaledMachine,
  shownTiers,
  tierDifferences,
  upstreamVersion,
  type KernelImage,
} from '@tierlab/kernel-lab';

import { exitCodes, type CommandContext } from '../../context.ts';
import { openMachine, type OpenedMachine } from '../../machine/read-machine.ts';
import { linuxTieringPolicies } from '../../plugins/tiering-chain.ts';
import { chosenKernels, type KernelOptions } from './kernels.ts';
import { kernelTiersJson, kernelTiersText, type TiersBesideOurs } from './kernel-tiers-text.ts';

/** Options of `tierlab lab tiers`, as the command line gives them. */
export interface LabTiersOptions extends KernelOptions {
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** Boots the machine under each kernel and shows what it built beside what we say it builds. */
export async function compareWithKernels(
  path: string,
  options: LabTiersOptions,
  context: CommandContext,
): Promise<void> {
  const machine = await openMachine(path, { settings: options.set });
  const kernels = await chosenKernels(options, context);
  for (const [i, kernel] of kernels.entries()) {
    const answer = await bootAndCompare(machine, kernel, context);
    if (answer.differences.length > 0) context.exitCode = exitCodes.failure;
    if (options.json) context.stdout(`${JSON.stringify(kernelTiersJson(path, answer))}\n`);
    else context.stdout(`${i === 0 ? '' : '\n'}${kernelTiersText(path, answer)}`);
  }
}

async function bootAndCompare(
  { read, drivers }: OpenedMachine,
  kernel: KernelImage,
  context: CommandContext,
): Promise<TiersBesideOurs> {
  const version = parseKernelVersion(upstreamVersion(kernel));
  const machine = read(version);
  const { guest, bootOptions } = scaledMachine(machine);
  const theirs = await bootTiers(guest, {
    kernel,
    bootOptions,
    // A machine seen with its dax devices in use had them brought up after boot.
    steps: drivers.length > 0 ? ['kmem'] : [],
    signal: context.signal,
  });
  const { final } = buildTiers(machine, {
    kernel: version,
    tieringPolicies: linuxTieringPolicies,
    steps: drivers,
  });
  const ours = shownTiers(final);
  return { release: theirs.kernel, theirs, ours, differences: tierDifferences(ours, theirs) };
}
