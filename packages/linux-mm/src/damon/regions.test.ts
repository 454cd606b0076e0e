import { expect, test } from 'vitest';
import { createMonitor, stepMonitor, type DamonMachine } from './monitor.ts';
import { DAMON_DEFAULTS, mergeRegions, newRegion, splitAt, type DamonRegion } from './regions.ts';
import { createScheme, hotScore, nextInput } from './schemes.ts';

function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** A machine whose page p is accessed in each sample with probability `rate(p)`. */
function machine(rate: (page: number) => number, seed = 1): DamonMachine {
  const random = seeded(seed);
  return {
    random,
    clear: () => undefined,
    accessed: (page) => random() < rate(page),
    apply: (_, start, end) => end - start,
    nowMs: () => 0,
    freePermille: () => 500,
  };
}

const isPartition = (regions: readonly DamonRegion[], start: number, end: number): boolean =>
  regions[0].start === start &&
  regions.at(-1)?.end === end &&
  regions.every(
    (region, i) => region.end > region.start && (i === 0 || regions[i - 1].end === region.start),
  );

test('regions partition the range at all times, and never exceed the limit', () => {
  const monitor = createMonitor(100, 50_100, { ...DAMON_DEFAULTS, regionsMax: 60 }, []);
  const world = machine((page) => (page < 5100 ? 0.9 : 0.01));
  for (let sample = 0; sample < 4000; sample++) {
    stepMonitor(monitor, world);
    expect(isPartition(monitor.regions, 100, 50_100)).toBe(true);
    expect(monitor.regions.length).toBeLessThanOrEqual(60);
  }
  expect(monitor.regions.length).toBeGreaterThan(10);
});

test('the estimate finds a hot tenth of the range', () => {
  const monitor = createMonitor(0, 50_000, { ...DAMON_DEFAULTS }, []);
  const world = machine((page) => (page >= 20_000 && page < 25_000 ? 1 : 0));
  for (let sample = 0; sample < 20 * 60; sample++) stepMonitor(monitor, world);
  let hot = 0;
  let right = 0;
  for (const region of monitor.regions) {
    if (region.lastAccesses < 10) continue;
    hot += region.end - region.start;
    right += Math.max(0, Math.min(region.end, 25_000) - Math.max(region.start, 20_000));
  }
  expect(right / 5000).toBeGreaterThan(0.8);
  expect(right / hot).toBeGreaterThan(0.8);
});

test('neighbours merge with averages by size, and age by whether accesses changed', () => {
  const left = { ...newRegion(0, 30), accesses: 10, lastAccesses: 10, age: 7 };
  const right = { ...newRegion(30, 40), accesses: 12, lastAccesses: 2, age: 4 };
  const regions = [left, right];
  mergeRegions(regions, 2, 1000, { ...DAMON_DEFAULTS });
  // (10*30 + 12*10)/40 = 10.5; ages 8 and 0: (8*30 + 0)/40 = 6
  expect(regions).toEqual([
    { ...newRegion(0, 40), accesses: 10, accessesBp: 100_000, lastAccesses: 10, age: 6 },
  ]);
});

const pair = (): DamonRegion[] => [
  { ...newRegion(0, 30), accesses: 10 },
  { ...newRegion(30, 40), accesses: 13 },
];

test('a region too different, or too large together, stays apart', () => {
  const apart = pair();
  mergeRegions(apart, 2, 1000, { ...DAMON_DEFAULTS });
  expect(apart).toHaveLength(2);
  const large = pair();
  mergeRegions(large, 3, 39, { ...DAMON_DEFAULTS });
  expect(large).toHaveLength(2);
  mergeRegions(large, 3, 40, { ...DAMON_DEFAULTS });
  expect(large).toHaveLength(1);
});

test('scores: hot is frequent and old, cold is idle and old', () => {
  const quota = { pages: 1, resetMs: 1000, weightAccesses: 100, weightAge: 100 };
  const score = (accesses: number, age: number): number =>
    hotScore({ ...newRegion(0, 1), accesses, age }, quota, { ...DAMON_DEFAULTS });
  // 20 of 20 accesses: 100; age 0: log 0 -> 50; (100 + 50)/2 = 75 -> 74 of 99
  expect(score(20, 0)).toBe(74);
  // idle for 20 aggregations of 100 ms = 2 s: log 2, negative -> 30*100/32/2 = 46; 23 -> 22
  expect(score(0, 20)).toBe(22);
});

test('a quota is spent in order of address from where the last window ended', () => {
  const applied: string[] = [];
  const scheme = createScheme({
    action: 'migrate_hot',
    pattern: { accessesMin: 0, accessesMax: Infinity, ageMin: 0, ageMax: Infinity },
    applyUs: 5000,
    quota: { pages: 25, resetMs: 1000, weightAccesses: 0, weightAge: 0 },
  });
  let now = 0;
  const monitor = createMonitor(0, 100, { ...DAMON_DEFAULTS, regionsMin: 1, regionsMax: 3 }, [
    scheme,
  ]);
  const world: DamonMachine = {
    ...machine(() => 0),
    nowMs: () => now,
    apply(_, start, end) {
      applied.push(`${start}-${end}`);
      return end - start;
    },
  };
  for (now = 0; now < 2500; now += 5) stepMonitor(monitor, world);
  expect(applied.slice(0, 2)).toEqual(['0-25', '25-50']);
});

test.each([
  // The round after a quota's end passes over the one region: it is the last.
  ['from its first window on', true, ['0-25']],
  ['from its second window on', false, ['0-100', '0-25']],
])('a quota holds %s', (_, limitsFirstWindow, expected) => {
  const applied: string[] = [];
  const scheme = createScheme({
    action: 'migrate_hot',
    pattern: { accessesMin: 0, accessesMax: Infinity, ageMin: 0, ageMax: Infinity },
    applyUs: 1_000_000,
    quota: { pages: 25, resetMs: 1000, weightAccesses: 0, weightAge: 0 },
    limitsFirstWindow,
  });
  let now = 0;
  const monitor = createMonitor(0, 100, { ...DAMON_DEFAULTS, regionsMin: 1, regionsMax: 1 }, [
    scheme,
  ]);
  const world: DamonMachine = {
    ...machine(() => 0),
    nowMs: () => now,
    apply(__, start, end) {
      applied.push(`${start}-${end}`);
      return end - start;
    },
  };
  for (now = 0; now < 2500; now += 5) stepMonitor(monitor, world);
  expect(applied).toEqual(expected);
});

test('feedback doubles the quota of a goal not met at all, and drops it at twice the goal', () => {
  expect(nextInput(10_000, 0)).toBe(20_000);
  expect(nextInput(40_000, 5000)).toBe(60_000);
  expect(nextInput(40_000, 20_000)).toBe(10_000);
  expect(nextInput(40_000, 10_000)).toBe(40_000);
});

test('splitting keeps what is known of a region in both parts', () => {
  const region = { ...newRegion(10, 20), age: 3, accesses: 2, accessesBp: 20_000 };
  const right = splitAt(region, 4);
  expect([region.start, region.end, right.start, right.end]).toEqual([10, 14, 14, 20]);
  expect([right.age, right.accesses, right.accessesBp]).toEqual([3, 2, 20_000]);
});

// Nothing is ever accessed, so that what a split made is merged again and each aggregation ends with one region. A monitor
// alone sees its own count come back and splits in three; the other's, of twenty ranges, keeps it from that.
test.each([
  ['alone', 1, 3],
  ['beside another', 20, 2],
])('a monitor %s splits by what split last in the kernel', (_, othersCount, parts) => {
  const lastSplit = { regionCount: 0 };
  const idle = machine(() => 0);
  const attributes = { ...DAMON_DEFAULTS, regionsMin: 1 };
  const monitor = createMonitor(0, 1000, attributes, [], { lastSplit });
  for (let sample = 0; sample < 200; sample++) {
    stepMonitor(monitor, idle);
    if (sample % 20 === 10) lastSplit.regionCount = othersCount;
  }
  expect(monitor.regions).toHaveLength(parts);
});
