import {
  accessesMax,
  checkAccesses,
  mergeRegions,
  newRegion,
  prepareChecks,
  resetAggregation,
  splitRegions,
  type DamonAddresses,
  type DamonAttributes,
  type DamonRegion,
} from './regions.ts';
import {
  applySchemes,
  checkWatermarks,
  nextInput,
  type DamosApply,
  type DamosScheme,
} from './schemes.ts';

/** Intervals tuned so that the monitor sees a wanted share of accesses. Source: struct damon_intervals_goal, 6.15. */
export interface IntervalsGoal {
  /** Wanted ratio of observed to possible access events, ten-thousandths. */
  readonly accessBp: number;
  /** Aggregations between two changes. */
  readonly aggregations: number;
  readonly sampleUsMin: number;
  readonly sampleUsMax: number;
}

/** Regions that the monitor had which split last, of all monitors of a kernel. Source: kdamond_split_regions, static
 *  last_nr_regions. */
export interface LastSplit {
  regionCount: number;
}

/** What a monitor may have besides: intervals that are tuned, and the memory of splits that it shares with others. */
export interface MonitorOptions {
  readonly goal?: IntervalsGoal | undefined;
  readonly lastSplit?: LastSplit;
}

/** One monitor: a range of pages, its regions, the schemes on them. Source: struct damon_ctx. */
export interface DamonMonitor {
  readonly attributes: DamonAttributes;
  readonly regions: DamonRegion[];
  readonly schemes: readonly DamosScheme[];
  readonly goal: IntervalsGoal | undefined;
  samplesPassed: number;
  nextAggregation: number;
  nextTuning: number;
  readonly sizeLimit: number;
  readonly lastSplit: LastSplit;
  prepared: boolean;
}

/** What a monitor's thread needs of its machine. */
export interface DamonMachine extends DamonAddresses {
  readonly random: () => number;
  readonly apply: DamosApply;
  nowMs(): number;
  freePermille(): number;
}

/** Starts a monitor of pages `[start, end)`. Source: kdamond_init_ctx. */
export function createMonitor(
  start: number,
  end: number,
  attributes: DamonAttributes,
  schemes: readonly DamosScheme[],
  { goal, lastSplit = { regionCount: 0 } }: MonitorOptions = {},
): DamonMonitor {
  for (const scheme of schemes) scheme.nextApply = Math.trunc(scheme.applyUs / attributes.sampleUs);
  const samples = accessesMax(attributes);
  return {
    attributes,
    regions: [newRegion(start, end)],
    schemes,
    goal,
    samplesPassed: 0,
    nextAggregation: samples,
    nextTuning: samples * (goal?.aggregations ?? 0),
    sizeLimit: Math.max(1, Math.trunc((end - start) / attributes.regionsMin)),
    lastSplit,
    prepared: false,
  };
}

/**
 * What the monitor's thread does when it wakes: checks what it prepared, aggregates and applies when it is time, and
 * prepares anew. Returns microseconds until the next call. Source: mm/damon/core.c, kdamond_fn, Linux 6.12.
 */
export function stepMonitor(monitor: DamonMonitor, machine: DamonMachine): number {
  if (monitor.prepared) finishSample(monitor, machine);
  let pauseUs = Infinity;
  for (const scheme of monitor.schemes)
    pauseUs = Math.min(pauseUs, checkWatermarks(scheme, machine.freePermille()));
  if (pauseUs > 0 && monitor.schemes.length > 0) {
    monitor.prepared = false;
    return pauseUs;
  }
  prepareChecks(monitor.regions, machine, machine.random);
  monitor.prepared = true;
  return monitor.attributes.sampleUs;
}

function finishSample(monitor: DamonMonitor, machine: DamonMachine): void {
  const { attributes, regions } = monitor;
  monitor.samplesPassed++;
  const most = checkAccesses(regions, machine, attributes);
  const aggregated = monitor.samplesPassed >= monitor.nextAggregation;
  if (aggregated) mergeRegions(regions, Math.trunc(most / 10), monitor.sizeLimit, attributes);
  applySchemes(
    monitor.schemes,
    regions,
    attributes,
    monitor.samplesPassed,
    machine.nowMs(),
    machine.apply,
  );
  if (!aggregated) return;
  if (monitor.goal !== undefined && monitor.samplesPassed >= monitor.nextTuning) {
    monitor.nextTuning += accessesMax(attributes) * monitor.goal.aggregations;
    tuneIntervals(monitor, monitor.goal);
  }
  monitor.nextAggregation += accessesMax(attributes);
  resetAggregation(regions);
  const { lastSplit } = monitor;
  lastSplit.regionCount = splitRegions(regions, lastSplit.regionCount, attributes, machine.random);
}

/** Source: kdamond_tune_intervals; samples and aggregations scale together. */
function tuneIntervals({ attributes, regions }: DamonMonitor, goal: IntervalsGoal): void {
  const samples = accessesMax(attributes);
  let possible = 0;
  let seen = 0;
  for (const region of regions) {
    possible += (region.end - region.start) * samples;
    seen += (region.end - region.start) * region.accesses;
  }
  const wanted = Math.max(1, Math.trunc((possible * goal.accessBp) / 10_000));
  let bp = Math.trunc(nextInput(100_000_000, Math.trunc((seen * 10_000) / wanted)) / 10_000);
  if (bp <= 10_000) bp = 5000 + Math.trunc(bp / 2);
  const sampleUs = Math.trunc((attributes.sampleUs * bp) / 10_000);
  attributes.sampleUs = Math.max(goal.sampleUsMin, Math.min(goal.sampleUsMax, sampleUs));
  attributes.aggregationUs = attributes.sampleUs * samples;
}
