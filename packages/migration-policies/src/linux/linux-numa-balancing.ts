import { KERNEL_SIGNALS, simulateKernel } from '@tierlab/linux-mm';
import { defineMigrationPolicy, oneOf, type MigrationPolicy } from '@tierlab/policy';
import { kernelParam, promotionParams, reclaimParams, scannerParams } from './kernel-params.ts';

/**
 * Linux with NUMA balancing and demotion, on the machinery that is held against recorded kernels.
 *
 * Source: Linux 6.12, kernel/sched/fair.c, mm/vmscan.c, mm/migrate.c.
 */
export const linuxNumaBalancing: MigrationPolicy = defineMigrationPolicy({
  name: 'linux-numa-balancing',
  doc: 'Linux 6.12: hint faults promote hot pages of slow tiers, kswapd demotes cold ones.',
  signals: KERNEL_SIGNALS,
  params: {
    kernel: kernelParam(),
    numa_balancing: oneOf({
      values: ['0', '1', '2', '3'],
      default: '2',
      doc: '/proc/sys/kernel/numa_balancing: 0 off, 1 placement by task, 2 memory tiering, 3 both.',
    }),
    ...reclaimParams(true),
    ...promotionParams(),
    ...scannerParams(),
  },
  create(context) {
    const { numa_balancing, ...settings } = context.params;
    return simulateKernel(context, {
      settings: { ...settings, numa_balancing: Number(numa_balancing) },
    });
  },
});
