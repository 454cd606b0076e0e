import { DEFAULT_KERNEL, type KernelVersion } from '../kernel.ts';
import type { Machine } from '../machine.ts';
import type { NodeId } from '../units.ts';
import { MemoryTiering } from './memory-tiering.ts';
import type { TieringPolicy } from './policy.ts';
import { runStep } from './run-step.ts';
import type { StepResult, TierHistory } from './state.ts';
import type { HotplugStep } from './steps.ts';

export interface BuildTiersOptions {
  /** The newest 6.12 by default. */
  readonly kernel?: KernelVersion;
  /** The chain of abstract distance algorithms, in the order in which they register. */
  readonly tieringPolicies: readonly TieringPolicy[];
  /** What happens between early and late initialisation: built-in drivers that bring memory. */
  readonly earlySteps?: readonly HotplugStep[];
  /** What happens after boot. */
  readonly steps?: readonly HotplugStep[];
  /**
   * Nodes with boot memory that is known not to go offline, because the kernel itself landed there,
   * which address randomisation decides anew at each boot.
   */
  readonly immovableNodes?: readonly NodeId[];
}

/**
 * The memory tiers that Linux builds on `machine`, from boot through `steps`, with the reasons.
 *
 * Throws `CORE_NO_TIERING_ANSWER` when no policy of the chain answers for a node.
 * Source: Linux mm/memory-tiers.c; which kernel does what: `TIER_RULES`.
 */
export function buildTiers(machine: Machine, options: BuildTiersOptions): TierHistory {
  const tiering = new MemoryTiering(machine, {
    kernel: options.kernel ?? DEFAULT_KERNEL,
    policies: options.tieringPolicies,
    immovableNodes: new Set(options.immovableNodes),
  });
  tiering.earlyInit();
  for (const step of options.earlySteps ?? []) runStep(tiering, step);
  tiering.lateInit();

  const boot = tiering.state();
  const reasons = tiering.takeReasons();
  const steps: StepResult[] = [];
  for (const step of options.steps ?? []) {
    const refused = runStep(tiering, step);
    const result = { step, reasons: tiering.takeReasons(), state: tiering.state() };
    steps.push(refused === undefined ? result : { ...result, refused });
  }
  return { boot, reasons, steps, final: steps.at(-1)?.state ?? boot };
}
