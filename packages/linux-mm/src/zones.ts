/** Index of a zone within its node, in the kernel's order. Source: include/linux/mmzone.h, enum zone_type, x86-64. */
export const ZONE_TYPES = ['DMA', 'DMA32', 'Normal', 'Movable', 'Device'] as const;

/** Managed pages per page that a lower zone keeps from requests that could use a higher one, by zone; 0: none kept.
 *  Source: mm/page_alloc.c, sysctl_lowmem_reserve_ratio, x86-64. */
const LOWMEM_RESERVE_RATIO = [256, 256, 32, 0, 0] as const;

/** Watermarks of one zone in pages: allocation wakes kswapd below `low`, fails below `min`; kswapd fills up to `high`,
 *  or to `promo` where promotion needs headroom. */
export interface Watermarks {
  readonly min: number;
  readonly low: number;
  readonly high: number;
  readonly promo: number;
}

export interface ZoneDescription extends Watermarks {
  readonly node: number;
  /** Index into {@link ZONE_TYPES}. */
  readonly type: number;
  readonly presentPages: number;
  readonly managedPages: number;
  /** Managed pages when the sizes of the per-CPU lists were set, if boot gave the zone more since. */
  readonly sizedPages?: number;
  readonly freePages: number;
  /** Free pages that lie on the per-CPU list at the start, and those of them that are for the kernel's own use;
   *  `freePages` does not count them. */
  readonly perCpuPages: number;
  readonly perCpuUnmovable: number;
}

/** What is asked for: a page that can move, one that cannot, such as a page table's, or the block of a huge page. */
export type PageKind = 'movable' | 'unmovable' | 'huge';

/** Order of the block that each kind takes. */
const ORDER: Readonly<Record<PageKind, number>> = { movable: 0, unmovable: 0, huge: 9 };

/** One zone's free memory: the buddy allocator's pages (`freePages`, what watermarks see) and the per-CPU list's. */
export interface Zone extends Watermarks {
  readonly node: number;
  readonly type: number;
  readonly presentPages: number;
  readonly managedPages: number;
  /** Pages kept from a request that may take from any zone (movable user memory). */
  readonly lowmemReserve: number;
  freePages: number;
  readonly perCpu: PerCpuList;
  /** kswapd is at work on the zone: the per-CPU list is kept short. */
  reclaimActive: boolean;
  /** Free pages were seen below `high`. */
  belowHigh: boolean;
}

/** The per-CPU list of free pages: how many it holds, and what steers its refills.
 *  Source: mm/page_alloc.c, struct per_cpu_pages and its users, Linux 6.12. */
interface PerCpuList {
  /** Pages on the list. */
  count: number;
  /** Pages of the list by kind; together `count`. */
  readonly held: Record<PageKind, number>;
  readonly batch: number;
  high: number;
  readonly highMin: number;
  readonly highMax: number;
  allocFactor: number;
  freeCount: number;
}

/** Refills and drains grow up to `batch` shifted by this. Source: mm/Kconfig, PCP_BATCH_SCALE_MAX. */
const BATCH_SCALE_MAX = 5;

/** The high mark of a per-CPU list is at most this fraction of its zone.
 *  Source: mm/page_alloc.c, MIN_PERCPU_PAGELIST_HIGH_FRACTION. */
const HIGH_FRACTION = 8;

/** Makes the zones of one node in ascending type; `cpuCount` is the number of CPUs local to the node. */
export function createZones(descriptions: readonly ZoneDescription[], cpuCount: number): Zone[] {
  return descriptions.map((zone) => ({
    node: zone.node,
    type: zone.type,
    min: zone.min,
    low: zone.low,
    high: zone.high,
    promo: zone.promo,
    presentPages: zone.presentPages,
    managedPages: zone.managedPages,
    lowmemReserve: lowmemReserve(zone, descriptions),
    freePages: zone.freePages,
    perCpu: createPerCpuList(zone, cpuCount),
    reclaimActive: false,
    belowHigh: false,
  }));
}

/** Source: mm/page_alloc.c, setup_per_zone_lowmem_reserve, for requests of class ZONE_MOVABLE. */
function lowmemReserve(zone: ZoneDescription, all: readonly ZoneDescription[]): number {
  const ratio = LOWMEM_RESERVE_RATIO[zone.type];
  if (ratio === 0) return 0;
  let above = 0;
  for (const other of all)
    if (other.node === zone.node && other.type > zone.type && other.type <= 3)
      above += other.sizedPages ?? other.managedPages;
  return Math.trunc(above / ratio);
}

/** Source: mm/page_alloc.c, zone_batchsize and zone_highsize. */
function createPerCpuList(zone: ZoneDescription, cpuCount: number): PerCpuList {
  const { sizedPages = zone.managedPages } = zone;
  const quarter = Math.max(1, Math.trunc(Math.min(Math.trunc(sizedPages / 1024), 256) / 4));
  const rounded = 2 ** Math.floor(Math.log2(quarter + Math.trunc(quarter / 2)));
  const batch = Math.max(1, rounded - 1);
  const cpus = Math.max(1, cpuCount);
  const highMin = Math.max(Math.trunc(zone.low / cpus), batch * 4);
  const highMax = Math.max(Math.trunc(sizedPages / HIGH_FRACTION / cpus), batch * 4);
  return {
    count: zone.perCpuPages,
    held: {
      movable: zone.perCpuPages - zone.perCpuUnmovable,
      unmovable: zone.perCpuUnmovable,
      huge: 0,
    },
    batch,
    high: highMin,
    highMin,
    highMax,
    allocFactor: 0,
    freeCount: 0,
  };
}

/** Whether `2^order` pages can be taken and more than `mark` stay. Source: mm/page_alloc.c, __zone_watermark_ok. */
export function watermarkOk(zone: Zone, mark: number, order = 0): boolean {
  return zone.freePages - ((1 << order) - 1) > mark + zone.lowmemReserve;
}

/**
 * Takes a page, or the block of a huge page, when the zone stays above `mark`; false: it would not.
 * Source: mm/page_alloc.c, get_page_from_freelist, rmqueue_pcplist.
 */
export function takePages(zone: Zone, mark: number, kind: PageKind): boolean {
  const order = ORDER[kind];
  if (!zone.belowHigh && !watermarkOk(zone, zone.high, order)) zone.belowHigh = true;
  if (!watermarkOk(zone, mark, order)) return false;
  const list = zone.perCpu;
  const pages = 2 ** order;
  list.freeCount >>= 1;
  if (list.held[kind] === 0) {
    const refill = pages * Math.min(refillSize(zone, order), Math.floor(zone.freePages / pages));
    if (refill === 0) return false;
    zone.freePages -= refill;
    list.count += refill;
    list.held[kind] += refill;
  }
  list.count -= pages;
  list.held[kind] -= pages;
  return true;
}

/** Frees a page, or the block of a huge page, onto the per-CPU list, and what is too much there to the zone.
 *  Source: mm/page_alloc.c, free_unref_page_commit. */
export function freePages(zone: Zone, kind: PageKind): void {
  const list = zone.perCpu;
  const pages = 2 ** ORDER[kind];
  list.allocFactor >>= 1;
  list.count += pages;
  list.held[kind] += pages;
  if (list.freeCount < list.batch << BATCH_SCALE_MAX) list.freeCount += pages;
  const high = highMark(zone);
  if (list.count < high) return;
  const drain =
    high < list.batch
      ? 1
      : clamp(list.freeCount, list.batch, Math.max(list.batch, high - list.batch));
  drainList(zone, drain, kind);
  if (zone.belowHigh && watermarkOk(zone, zone.high)) zone.belowHigh = false;
}

/** The order in which the list is drained, in a circle. Source: include/linux/mmzone.h, NR_PCP_LISTS; order_to_pindex. */
const DRAIN_ORDER: readonly PageKind[] = ['unmovable', 'movable', 'huge'];

/** Gives `pages` of the list to the zone, those of the kind that was just freed first; a block goes whole.
 *  Source: mm/page_alloc.c, free_pcppages_bulk. */
function drainList(zone: Zone, pages: number, freed: PageKind): void {
  const list = zone.perCpu;
  let left = Math.min(pages, list.count);
  const first = DRAIN_ORDER.indexOf(freed);
  for (let i = 0; left > 0 && i < DRAIN_ORDER.length; i++) {
    const kind = DRAIN_ORDER[(first + i) % DRAIN_ORDER.length];
    const block = 2 ** ORDER[kind];
    const given = Math.min(Math.ceil(left / block) * block, list.held[kind]);
    list.held[kind] -= given;
    list.count -= given;
    zone.freePages += given;
    left -= given;
  }
}

/** Source: mm/page_alloc.c, nr_pcp_alloc. */
function refillSize(zone: Zone, order: number): number {
  const list = zone.perCpu;
  let high = (list.high = clamp(list.high, list.highMin, list.highMax));
  const batch = order === 0 ? list.batch << list.allocFactor : list.batch;
  if (list.highMin !== list.highMax && !zone.belowHigh)
    high = list.high = Math.min(high + batch, list.highMax);
  if (order > 0) return batch > 1 ? Math.max(batch >> order, 2) : 1;
  const most = Math.max(high - list.count - list.batch, list.batch);
  if (batch <= most && list.allocFactor < BATCH_SCALE_MAX) list.allocFactor++;
  return Math.min(batch, most);
}

/** Source: mm/page_alloc.c, nr_pcp_high. */
function highMark(zone: Zone): number {
  const list = zone.perCpu;
  const high = (list.high = clamp(list.high, list.highMin, list.highMax));
  if (zone.reclaimActive) {
    list.high = Math.max(high - Math.max(list.freeCount, list.batch), list.highMin);
    return Math.min(list.batch << 2, list.high);
  }
  if (list.highMin === list.highMax) return high;
  if (zone.belowHigh) {
    list.high = Math.max(high - Math.max(list.freeCount, list.batch), list.highMin);
    return Math.max(list.count, list.highMin);
  }
  if (list.count >= high && list.high < list.freeCount + list.batch)
    list.high = clamp(list.freeCount + list.batch, list.highMin, list.highMax);
  return high;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
