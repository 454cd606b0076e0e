import { DEFAULT_SETTINGS, KERNEL_SIGNALS, simulateKernel } from '@tierlab/linux-mm';
import { defineMigrationPolicy } from '@tierlab/policy';
import { numberTrace, replay, tinyMemory } from '@tierlab/simulator';
import { expect, test } from 'vitest';

const PAGES = 12_000;
const MARKS = { minPages: 100, lowPages: 130, highPages: 160, promoPages: 190 };
const memory = tinyMemory([
  { pages: 4000, latencyNs: 100, watermarks: MARKS },
  { pages: PAGES, latencyNs: 300, watermarks: MARKS },
]);

interface Drift {
  /** Threshold at the end of each period in which it is looked at, ms. */
  readonly thresholds: readonly number[];
  /** Pages promoted in the first and the last second. */
  readonly promoted: readonly [number, number];
  readonly promotedPages: number;
  readonly demotedPages: number;
}

/**
 * Tiering in fast motion: a threshold of 16 ms at the start, looked at every 100 ms. The program sweeps over three times
 * the fast node in 30 ms or so, and each page is protected every 100 ms: a touch comes any time up to a sweep later.
 */
async function drift(rateLimitMBps: number): Promise<Drift> {
  const thresholds: number[] = [];
  const promotions: number[] = [];
  const policy = defineMigrationPolicy({
    name: 'watched-linux',
    doc: 'Linux, whose threshold is watched.',
    signals: KERNEL_SIGNALS,
    create: (context) =>
      simulateKernel(context, {
        settings: {
          ...DEFAULT_SETTINGS,
          numa_balancing: 2,
          demotion_enabled: true,
          numa_balancing_promote_rate_limit_MBps: rateLimitMBps,
          hot_threshold_ms: 16,
          scan_delay_ms: 100,
          scan_period_min_ms: 100,
          scan_period_max_ms: 100,
        },
        onTick({ nowMs, nodeState, memory: { vmstat } }) {
          if (nowMs % 100 !== 0) return;
          thresholds.push(nodeState[0].hotThresholdMs || 16);
          promotions.push(vmstat.pgpromote_success);
        },
      }),
  });
  const { totals } = await replay({
    trace: numberTrace(Uint32Array.from({ length: 1_200_000 }, (_, i) => i % PAGES)),
    memory,
    policy,
    settings: { memoryParallelism: 0.1 },
  });
  const { promotedPages, demotedPages } = totals;
  const promoted = [promotions[10], promotions.at(-1)! - promotions.at(-11)!] as const;
  return { thresholds, promoted, promotedPages, demotedPages };
}

/** Values without those that repeat the one before. */
const steps = (values: readonly number[]): number[] =>
  values.filter((value, i) => value !== values[i - 1]);

test('O8: with a limit far off the threshold climbs to twice its start, and ping-pong grows with it', async () => {
  const { thresholds, promoted, promotedPages, demotedPages } = await drift(65_536);
  expect(steps(thresholds)).toEqual([16, 18, 20, 22, 24, 26, 28, 30, 32]);
  expect(promoted[1]).toBeGreaterThan(1.3 * promoted[0]);
  expect(Math.abs(promotedPages - demotedPages)).toBeLessThan(0.02 * promotedPages);
});

test('O8: with a limit near what the program asks for it settles, and pages move less', async () => {
  const far = await drift(65_536);
  const near = await drift(50);
  const settled = near.thresholds.slice(-10);
  expect(Math.max(...settled)).toBeLessThan(16);
  expect(Math.max(...settled) - Math.min(...settled)).toBeLessThanOrEqual(2);
  expect(near.promoted[1]).toBeLessThan(0.5 * far.promoted[1]);
  expect(near.promoted[1]).toBeLessThanOrEqual(near.promoted[0]);
});
