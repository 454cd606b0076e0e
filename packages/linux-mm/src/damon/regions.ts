/** A run of pages that DAMON takes for accessed alike. Source: include/linux/damon.h, struct damon_region. */
export interface DamonRegion {
  /** First page, and one past the last. */
  start: number;
  end: number;
  /** Samples of this aggregation in which the sampled page was accessed, and of the one before. */
  accesses: number;
  lastAccesses: number;
  /** Pseudo moving sum of accesses, in ten-thousandths. */
  accessesBp: number;
  /** Aggregations for which the accesses stayed about the same. */
  age: number;
  /** Page whose accessed bit the next check reads. */
  sampled: number;
}

/** Intervals and limits of one monitor. Source: struct damon_attrs; defaults of Documentation/mm/damon. */
export interface DamonAttributes {
  sampleUs: number;
  aggregationUs: number;
  readonly regionsMin: number;
  readonly regionsMax: number;
}

export const DAMON_DEFAULTS: Readonly<DamonAttributes> = {
  sampleUs: 5000,
  aggregationUs: 100_000,
  regionsMin: 10,
  regionsMax: 1000,
};

/** Accessed bits of the monitored address space, by its page numbers. */
export interface DamonAddresses {
  /** Clears the accessed bit of a page. */
  clear(page: number): void;
  /** Whether a page was accessed since its bit was cleared. */
  accessed(page: number): boolean;
}

export function newRegion(start: number, end: number): DamonRegion {
  return { start, end, accesses: 0, lastAccesses: 0, accessesBp: 0, age: 0, sampled: start };
}

/** Most accesses that one aggregation can count. Source: damon_max_nr_accesses. */
export function accessesMax(attributes: DamonAttributes): number {
  return Math.max(1, Math.trunc(attributes.aggregationUs / attributes.sampleUs));
}

/** Draws each region's page and clears its bit. Source: mm/damon/paddr.c, damon_pa_prepare_access_checks. */
export function prepareChecks(
  regions: readonly DamonRegion[],
  addresses: DamonAddresses,
  random: () => number,
): void {
  for (const region of regions) {
    region.sampled = region.start + Math.floor(random() * (region.end - region.start));
    addresses.clear(region.sampled);
  }
}

/** Reads each region's bit; returns the most accesses of a region. Source: damon_pa_check_accesses. */
export function checkAccesses(
  regions: readonly DamonRegion[],
  addresses: DamonAddresses,
  attributes: DamonAttributes,
): number {
  const window = accessesMax(attributes);
  let most = 0;
  for (const region of regions) {
    const accessed = addresses.accessed(region.sampled);
    // Source: damon_moving_sum.
    region.accessesBp +=
      (accessed ? 10_000 : 0) - Math.trunc((region.lastAccesses * 10_000) / window);
    if (accessed) region.accesses++;
    most = Math.max(most, region.accesses);
  }
  return most;
}

/**
 * Ages the regions and joins neighbours of like accesses, harder while there are more than the limit; in place.
 * Source: mm/damon/core.c, kdamond_merge_regions, Linux 6.12.
 */
export function mergeRegions(
  regions: DamonRegion[],
  threshold: number,
  sizeLimit: number,
  attributes: DamonAttributes,
): void {
  const most = accessesMax(attributes);
  let tolerance = threshold;
  do {
    mergeOnce(regions, tolerance, sizeLimit);
    tolerance = Math.max(1, tolerance * 2);
  } while (regions.length > attributes.regionsMax && tolerance / 2 < most);
}

function mergeOnce(regions: DamonRegion[], tolerance: number, sizeLimit: number): void {
  let kept = 0;
  for (let i = 0; i < regions.length; i++) {
    const region = regions[i];
    region.age = Math.abs(region.accesses - region.lastAccesses) > tolerance ? 0 : region.age + 1;
    const left = kept > 0 ? regions[kept - 1] : undefined;
    const joins =
      left !== undefined &&
      left.end === region.start &&
      Math.abs(left.accesses - region.accesses) <= tolerance &&
      region.end - left.start <= sizeLimit;
    if (joins) join(left, region);
    else regions[kept++] = region;
  }
  regions.length = kept;
}

/** Averages weigh by size. Source: damon_merge_two_regions. */
function join(left: DamonRegion, right: DamonRegion): void {
  const leftSize = left.end - left.start;
  const rightSize = right.end - right.start;
  const mean = (a: number, b: number): number =>
    Math.trunc((a * leftSize + b * rightSize) / (leftSize + rightSize));
  left.accesses = mean(left.accesses, right.accesses);
  left.accessesBp = left.accesses * 10_000;
  left.age = mean(left.age, right.age);
  left.end = right.end;
}

/** Starts a new aggregation. Source: kdamond_reset_aggregated. */
export function resetAggregation(regions: readonly DamonRegion[]): void {
  for (const region of regions) {
    region.lastAccesses = region.accesses;
    region.accesses = 0;
  }
}

/**
 * Splits every region in two, or three where the last split was without effect, while half the limit is not reached;
 * in place. Returns the number of regions before, for the next call. Source: kdamond_split_regions.
 */
export function splitRegions(
  regions: DamonRegion[],
  lastCount: number,
  attributes: DamonAttributes,
  random: () => number,
): number {
  const count = regions.length;
  if (count > attributes.regionsMax / 2) return lastCount;
  const parts = lastCount === count && count < attributes.regionsMax / 3 ? 3 : 2;
  const split: DamonRegion[] = [];
  for (const region of regions) split.push(...splitRandomly(region, parts, random));
  regions.splice(0, count, ...split);
  return count;
}

/** Cuts at a tenth to nine tenths; a further cut is made in the left part. Source: damon_split_regions_of. */
function splitRandomly(region: DamonRegion, parts: number, random: () => number): DamonRegion[] {
  const pieces = [region];
  let size = region.end - region.start;
  for (let i = 0; i < parts - 1 && size > 2; i++) {
    const left = Math.trunc(((1 + Math.floor(random() * 9)) * size) / 10);
    if (left === 0 || left >= size) continue;
    pieces.splice(1, 0, splitAt(region, left));
    size = left;
  }
  return pieces;
}

/** Cuts a region after `size` pages; returns the right part. Source: damon_split_region_at. */
export function splitAt(region: DamonRegion, size: number): DamonRegion {
  const right = { ...region, start: region.start + size };
  region.end = right.start;
  return right;
}
