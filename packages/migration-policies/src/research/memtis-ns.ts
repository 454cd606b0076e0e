import { bytes, count, defineMigrationPolicy, duration, flag } from '@tierlab/policy';
import type { MigrationPolicy, NodeId } from '@tierlab/policy';
import { createMigrator, headroom } from '../memtis/migrator.ts';
import { createPageClasses } from '../memtis/page-classes.ts';
import { createSamplingLadder } from '../memtis/sampling-ladder.ts';

/** The sampler sleeps as long between two looks at its buffers. */
const SAMPLER_SLEEP_NS = 2e6;
/** Between two looks at what the sampler costs. */
const QUOTA_PERIOD_NS = 15e9;

/**
 * MEMTIS without the splitting of huge pages, its variant NS: a histogram over the sampled accesses of all pages says
 * from how many on a page is hot, such that the hot ones just fit the fast tier. Every half second a thread for each
 * node moves hot pages up, or others down to make room for them; what is one bin colder than hot stays where it is as
 * long as the hot pages leave room.
 *
 * Source: Lee et al., "MEMTIS: Efficient Memory Tiering with Dynamic Page Classification and Page Size Determination",
 * SOSP 2023; cosmoss-jigu/memtis, linux/mm/htmm_core.c, htmm_migrater.c, htmm_sampler.c.
 */
export const memtisNs: MigrationPolicy = defineMigrationPolicy({
  name: 'memtis-ns',
  doc: 'MEMTIS without splits: a histogram of sampled accesses says which pages are hot, such that they fit the fast tier.',
  signals: ['samples', 'allocation', 'pressure'],
  params: {
    htmm_sample_period: count({ default: 199, min: 1, doc: 'Loads for each sample at first.' }),
    htmm_inst_sample_period: count({
      default: 100_007,
      min: 1,
      doc: 'Stores for each sample at first.',
    }),
    htmm_adaptation_period: count({
      default: 100_000,
      min: 1,
      doc: 'Samples between two looks at what is hot.',
    }),
    htmm_cooling_period: count({
      default: 2_000_000,
      min: 1,
      doc: 'Samples after which all counts halve.',
    }),
    htmm_promotion_period: duration({
      default: 500e6,
      min: 1e3,
      doc: 'Between two promotions from a node.',
    }),
    htmm_demotion_period: duration({
      default: 500e6,
      min: 1e3,
      doc: 'Between two demotions from a node.',
    }),
    htmm_thres_hot: count({ default: 1, max: 15, doc: 'The lowest bin that can be hot.' }),
    htmm_nowarm: flag({ default: false, doc: 'What is nearly hot is demoted like all else.' }),
    ksampled_soft_cpu_quota: count({
      default: 30,
      max: 1000,
      doc: 'Per mille of a CPU that the sampler may take; 0: no limit.',
    }),
    headroom_min: bytes({
      default: 50 * 2 ** 20,
      doc: 'The least that is kept free in a node of the fast tier.',
    }),
  },
  create({ params, memory, pages, moves, signals, clock, cpu, costs }) {
    const [top, ...lower] = memory.tiers;
    if (lower.length === 0) return {};
    const leastFreePages = Math.floor(params.headroom_min / memory.pageBytes);
    const classes = createPageClasses(memory, pages, params);
    const migrator = createMigrator(memory, pages, moves, classes, leastFreePages);

    const hotPagesMax = top
      .map((id) => memory.node(id).capacityPages)
      .reduce((sum, size) => sum + Math.max(0, size - headroom(size, leastFreePages).promotion), 0);
    const loads = signals.samples.open({ event: 'loads', period: params.htmm_sample_period });
    const stores = signals.samples.open({
      event: 'stores',
      period: params.htmm_inst_sample_period,
    });
    let sampled = 0;
    let samplerNs = 0;
    clock.every(SAMPLER_SLEEP_NS, () => {
      for (const { length, page } of [loads.drain(), stores.drain()]) {
        samplerNs += length * costs.sampleReadNs;
        for (let i = 0; i < length; i++) {
          classes.sampled(pages.folioHead(page[i]));
          sampled++;
          if (sampled % params.htmm_cooling_period === 0) classes.cool();
          else if (sampled % params.htmm_adaptation_period === 0) classes.adapt(hotPagesMax);
        }
      }
    });
    const quota = params.ksampled_soft_cpu_quota;
    const periodsFor = createSamplingLadder(quota);
    clock.every(QUOTA_PERIOD_NS, () => {
      const periods = quota > 0 ? periodsFor((1000 * samplerNs) / QUOTA_PERIOD_NS) : undefined;
      samplerNs = 0;
      if (periods === undefined) return;
      loads.setPeriod(periods.loads);
      stores.setPeriod(periods.stores);
    });

    // Each page looked at costs as much as a page table entry tested.
    const refresh = (id: NodeId): void => cpu.charge(classes.refresh(id) * costs.pteScanNs);
    const demote = (id: NodeId): void => {
      refresh(id);
      migrator.demote(id);
    };
    for (const id of top) clock.every(params.htmm_demotion_period, () => demote(id));
    for (const id of lower.flat())
      clock.every(params.htmm_promotion_period, () => {
        refresh(id);
        migrator.promote(id);
      });

    return {
      mapped: (page) => classes.add(page),
      pressure(node, level) {
        if (level !== 'low' || !top.includes(node)) return;
        migrator.wanted(node);
        clock.after(1, () => demote(node));
      },
      explain() {
        const { bin, promotion } = migrator.last;
        const { active, warm } = classes.threshold;
        return promotion
          ? `bin ${bin}, hot from ${active}`
          : `bin ${bin}, warm from ${warm}: makes room`;
      },
    };
  },
});
