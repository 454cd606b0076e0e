import {
  DEFAULT_SETTINGS,
  folioPages,
  KERNEL_SIGNALS,
  markAccessed,
  NUMA_BALANCING_MEMORY_TIERING,
  simulateKernel,
  wakeKswapd,
  type Kernel,
  type Zone,
} from '@tierlab/linux-mm';
import { count, defineMigrationPolicy, type MigrationPolicy } from '@tierlab/policy';
import { scannerParams, swappinessParam } from './kernel-params.ts';
import { createPageSet } from './page-set.ts';

/** Unit of `vm.demote_scale_factor`: ten-thousandths of a zone. */
const SCALE = 10_000;

/**
 * Transparent Page Placement: kswapd keeps headroom in top tiers ahead of need, and a touched page of a slow tier is
 * promoted at once when it is on the active list, else marked accessed.
 *
 * Source: Meta's patch set on Linux 5.13; Maruf et al., TPP, ASPLOS 2023.
 */
export const tpp: MigrationPolicy = defineMigrationPolicy({
  name: 'tpp',
  doc: 'TPP: demotes early to keep 2 % of fast memory free, promotes pages on the active list at their next touch.',
  signals: KERNEL_SIGNALS,
  params: {
    demote_scale_factor: count({
      default: 200,
      max: SCALE,
      doc: 'vm.demote_scale_factor: ten-thousandths of a node that kswapd keeps free in a top tier.',
    }),
    swappiness: swappinessParam(),
    ...scannerParams(),
  },
  create(context) {
    const { demote_scale_factor, ...settings } = context.params;
    const demoted = createPageSet();
    const waiting: number[] = [];
    return simulateKernel(context, {
      settings: {
        ...DEFAULT_SETTINGS,
        ...settings,
        kernel: '6.1', // of 5.13: its scanner looks into every mapping
        demotion_enabled: true,
        lru_gen_enabled: false,
        numa_balancing: NUMA_BALANCING_MEMORY_TIERING,
      },
      demotionMark: (zone) => demotionMark(zone, demote_scale_factor),
      onDemoted(kernel, folio) {
        demoted.add(folio);
        kernel.hardware.protect(folio); // its first touch faults
      },
      promotionRule(kernel, folio) {
        const { memory } = kernel;
        if (memory.active[folio] === 0) {
          markAccessed(memory, (other) => kernel.classic[memory.nodeOf[other]], waiting, folio);
          return false;
        }
        const pages = folioPages(memory, folio);
        memory.vmstat.pgpromote_candidate += pages;
        if (demoted.take(folio)) memory.vmstat.pgpromote_demoted += pages;
        return true;
      },
      onTick: keepHeadroom,
    });
  },
});

/** Source: TPP, WMARK_DEMOTE: the factor of the zone, at least twice its high mark. */
function demotionMark(zone: Zone, factor: number): number {
  const wanted = Math.trunc((zone.managedPages * factor) / SCALE);
  return Math.min(Math.max(wanted, 2 * zone.high), zone.managedPages);
}

/** Wakes the kswapd of every top-tier node below its demotion mark. */
function keepHeadroom(kernel: Kernel): void {
  for (const [node, { topTier, zones }] of kernel.memory.nodes.entries())
    if (topTier && zones.length > 0) wakeKswapd(kernel, node);
}
