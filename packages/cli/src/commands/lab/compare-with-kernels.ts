import {
  buildTiers,
  DEFAULT_KERNEL,
  parseHotplugSteps,
  parseKernelVersion,
  stepText,
  type HotplugStep,
  type KernelVersion,
} from '@tierlab/core';
import {
  bootTiers,
  requireSameNumbers,
  scaledMachine,
  shownTiers,
  tableMachine,
  tierDifferences,
  upstreamVersion,
  type BootableMachine,
  type KernelImage,
  type KernelTiers,
} from '@tierlab/kernel-lab';

import { exitCodes, type CommandContext } from '../../context.ts';
import { openMachine, type OpenedMachine } from '../../machine/read-machine.ts';
import { linuxTieringPolicies } from '../../plugins/tiering-chain.ts';
import { chosenKernels, type KernelOptions } from './kernels.ts';
import {
  kernelTiersJson,
  kernelTiersText,
  type MomentBesideOurs,
  type StepBesideOurs,
  type TiersBesideOurs,
} from './kernel-tiers-text.ts';
import { toldImmovable, type ToldHistory } from './refusals.ts';

/** Options of `tierlab lab tiers`, as the command line gives them. */
export interface LabTiersOptions extends KernelOptions {
  readonly set: readonly string[];
  readonly bootOption: readonly string[];
  readonly hotplug?: string;
  readonly json?: boolean;
}

/** What is done with the machine, for every kernel alike. */
interface Question {
  readonly opened: OpenedMachine;
  readonly bootOptions: readonly string[];
  /** What its drivers had done when it was seen, then what was asked for. */
  readonly steps: readonly HotplugStep[];
  readonly signal: AbortSignal;
}

/** Boots the machine under each kernel and shows what it built beside what we say it builds. */
export async function compareWithKernels(
  path: string,
  options: LabTiersOptions,
  context: CommandContext,
): Promise<void> {
  const bootOptions = options.bootOption.flatMap((words) => words.split(/\s+/)).filter(Boolean);
  const opened = await openMachine(path, {
    settings: options.set,
    bootOptions: bootOptions.filter(isOfMachine),
  });
  // What no kernel would understand is said before one is fetched.
  (await openMachine(path, { bootOptions })).read(DEFAULT_KERNEL);
  const steps = [...opened.drivers, ...parseHotplugSteps(options.hotplug ?? '')];
  const question = { opened, bootOptions, steps, signal: context.signal };
  const kernels = await chosenKernels(options, context);
  for (const [i, kernel] of kernels.entries()) {
    const answer = await bootAndCompare(question, kernel);
    const moments = [answer, ...answer.steps];
    if (moments.some(({ differences }) => differences.length > 0))
      context.exitCode = exitCodes.failure;
    if (options.json) context.stdout(`${JSON.stringify(kernelTiersJson(path, answer))}\n`);
    else context.stdout(`${i === 0 ? '' : '\n'}${kernelTiersText(path, answer)}`);
  }
}

/** Options that say what the machine is, with its own addresses; the others are the booted kernel's. */
const isOfMachine = (option: string): boolean =>
  option.startsWith('memmap=') || option === 'movable_node';

async function bootAndCompare(
  { opened, bootOptions, steps, signal }: Question,
  kernel: KernelImage,
): Promise<TiersBesideOurs> {
  const version = parseKernelVersion(upstreamVersion(kernel));
  const booted = bootable(opened, version, bootOptions);
  requireSameNumbers(steps, opened.read(version), booted.machine);
  const theirs = await bootTiers(booted.guest, {
    kernel,
    bootOptions: booted.bootOptions,
    hotplug: { steps, machine: booted.machine },
    signal,
  });
  const told = toldImmovable(theirs, (immovableNodes) =>
    buildTiers(booted.machine, {
      kernel: version,
      tieringPolicies: linuxTieringPolicies,
      steps,
      immovableNodes,
    }),
  );
  return besideOurs(theirs, told, opened.drivers.length);
}

/** Tables are booted as they are where QEMU can be their machine; any other is made small. */
function bootable(
  { tables, read }: OpenedMachine,
  kernel: KernelVersion,
  bootOptions: readonly string[],
): BootableMachine {
  const asGiven = tables && tableMachine(tables.raw, { ...tables, kernel, bootOptions });
  return (
    asGiven ??
    scaledMachine(read(kernel), {
      kernel,
      bootOptions: bootOptions.filter((option) => !isOfMachine(option)),
    })
  );
}

/** The first `driverCount` steps had been done when the machine was seen: what it is starts after them. */
function besideOurs(
  theirs: KernelTiers,
  { ours, immovable }: ToldHistory,
  driverCount: number,
): TiersBesideOurs {
  const moment = (i: number): MomentBesideOurs => {
    const shown = shownTiers(ours.steps[i]?.state ?? ours.boot);
    const { state } = theirs.steps[i] ?? { state: theirs.boot };
    return { ours: shown, theirs: state, differences: tierDifferences(shown, state) };
  };
  const steps = theirs.steps.map(({ step, refused }, i): StepBesideOurs => {
    const { differences, ...states } = moment(i);
    const weRefuse = ours.steps[i]?.refused;
    // Of a node that would not go, some blocks have gone and come back.
    const halfway = 'node' in step && immovable.has(step.node);
    const same = halfway || refused.length > 0 === (weRefuse !== undefined);
    const refusal = {
      where: 'refused',
      ...(weRefuse !== undefined && { ours: weRefuse }),
      ...(refused.length > 0 && { theirs: refused.join('; ') }),
    };
    return {
      step: stepText(step),
      refused,
      ...states,
      differences: same ? differences : [refusal, ...differences],
    };
  });
  return { release: theirs.kernel, ...moment(driverCount - 1), steps: steps.slice(driverCount) };
}
