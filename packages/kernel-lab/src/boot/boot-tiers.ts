import type { HotplugStep, Machine } from '@tierlab/core';

import { KernelLabError } from '../errors.ts';
import { bootGuest, type GuestBoot, type RunOptions } from './boot-guest.ts';
import { daxModules, guestFiles, guestText } from './guest-files.ts';
import { saidWith } from './guest-log.ts';
import { guestSteps, needsDaxDrivers } from './guest-steps.ts';
import type { KernelImage } from './kernel-image.ts';
import { withMemorySlots } from './memory-slots.ts';
import { readToldStates, type ShownState } from './read-tiers.ts';
import type { GuestMachine } from './scenario.ts';

/** How a machine is booted for its tiers. */
export interface TierBootOptions extends Omit<RunOptions, 'onLine'> {
  readonly kernel: KernelImage;
  /** Added to the kernel's command line, e.g. `movable_node`. */
  readonly bootOptions?: readonly string[];
  /** What is done after boot, in order, with the machine as the guest is; `kmem` needs the kernel's modules. */
  readonly hotplug?: { readonly steps: readonly HotplugStep[]; readonly machine: Machine };
}

/** What a kernel made of a machine, from boot through the steps. */
export interface KernelTiers {
  /** What `uname -r` says. */
  readonly kernel: string;
  readonly boot: ShownState;
  readonly steps: readonly KernelStep[];
  /** After the last step. */
  readonly final: ShownState;
}

/** One step and what the kernel made of it. */
export interface KernelStep {
  readonly step: HotplugStep;
  /** What it would not do: memory it holds itself does not go offline. */
  readonly refused: readonly string[];
  readonly state: ShownState;
}

/**
 * A host with too much to do can starve a guest of its timers until the kernel panics, which says nothing of the
 * machine: such a boot is tried once more. What fails twice is told.
 */
async function bootTwiceAtMost(boot: GuestBoot): Promise<readonly string[]> {
  try {
    return await bootGuest(boot);
  } catch (error) {
    if (!(error instanceof KernelLabError) || error.code !== 'LAB_BOOT_FAILED') throw error;
    return bootGuest(boot);
  }
}

const TIME_LIMIT_MS = 5 * 60_000;
/**
 * Without it a kernel panics whose host lets it wait too long for its first timer ticks.
 * Source: Linux arch/x86/kernel/apic/io_apic.c check_timer, 6.12.
 */
const UNHURRIED = 'no_timer_check';

/**
 * Boots a machine and returns the tiers, demotion targets, access coordinates and distances that
 * the kernel built of it, and again after each step.
 *
 * Throws `LAB_TOOL_MISSING`, `LAB_BAD_SCENARIO`, `LAB_TIMEOUT`, `LAB_BOOT_FAILED`, and
 * `LAB_KERNEL_NOT_FOUND` where a step needs modules that are not known.
 */
export async function bootTiers(
  guest: GuestMachine,
  { kernel, bootOptions = [], hotplug, ...run }: TierBootOptions,
): Promise<KernelTiers> {
  const todo = hotplug === undefined ? [] : guestSteps(hotplug.steps, hotplug.machine);
  const plugs = todo.some(({ step }) => step.kind === 'add');
  const lines = await bootTwiceAtMost({
    kernelImage: kernel.image,
    machine: hotplug !== undefined && plugs ? withMemorySlots(guest, hotplug.machine) : guest,
    files: [
      ...guestFiles('tiers'),
      ...(todo.some(({ step }) => needsDaxDrivers(step)) ? daxModules(kernel) : []),
      guestText('lab/steps', todo.map(({ line }) => line).join('\n')),
    ],
    bootOptions: [UNHURRIED, ...bootOptions],
    exact: false,
    monitor: (line) => todo[Number(/^@plug (\d+)$/.exec(line)?.[1]) - 1]?.monitor ?? [],
    run: { timeLimitMs: TIME_LIMIT_MS, ...run },
  });
  const [boot, ...after] = readToldStates(lines, todo.length);
  return {
    kernel: saidWith('kernel', lines)[0] ?? '',
    boot: boot.state,
    steps: after.map((told, i) => ({ step: todo[i].step, ...told })),
    final: (after.at(-1) ?? boot).state,
  };
}
