import {
  DEFAULT_SETTINGS,
  KERNEL_SIGNALS,
  NUMA_BALANCING_NORMAL,
  simulateKernel,
} from '@tierlab/linux-mm';
import { defineMigrationPolicy, type MigrationPolicy } from '@tierlab/policy';
import { kernelParam, reclaimParams, scannerParams } from './kernel-params.ts';

/**
 * NUMA balancing as it was before memory tiers: every touched page follows its task, and nothing is demoted.
 *
 * Where the slow node has no CPU this fills the fast node with whatever was touched last, and then stalls.
 * Source: Linux 6.12, kernel/sched/fair.c, `numa_balancing=1`.
 */
export const autonuma: MigrationPolicy = defineMigrationPolicy({
  name: 'autonuma',
  doc: 'NUMA balancing without tiers (numa_balancing=1): pages follow the task that touches them, none is demoted.',
  signals: KERNEL_SIGNALS,
  params: { kernel: kernelParam(), ...reclaimParams(false), ...scannerParams() },
  create: (context) =>
    simulateKernel(context, {
      settings: { ...DEFAULT_SETTINGS, ...context.params, numa_balancing: NUMA_BALANCING_NORMAL },
    }),
});
