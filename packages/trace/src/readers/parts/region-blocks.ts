import type { AccessBlock, TouchInterval } from '../../block.ts';
import { appendPage, type Columns, createColumns } from '../../columns.ts';
import { TraceError } from '../../errors.ts';
import { pageId } from '../../pages.ts';
import type { Span } from '../../regions.ts';
import { fillBlocks, LENGTH_MAX } from '../../scan.ts';
import type { FormatOption, FormatOptions } from '../format.ts';
import { createRegionTouches, type RegionTouches } from './region-touches.ts';

/** A count taken for a whole region of memory in one interval. */
export interface RegionCount {
  /** End of the interval, in ticks of the trace's clock; and its beginning, where the source says. */
  readonly time: number;
  readonly startTime?: number;
  /** First byte, and the byte after the last. */
  readonly start: number;
  readonly end: number;
  /** What each page of the region is given: the reads, and the writes, counted for it. */
  readonly readsOfPage: (page: number, pages: number) => number;
  readonly writesOfPage?: (page: number, pages: number) => number;
}

/** The option that says how large the pages of a region are. */
export const PAGE_SIZE_OPTION: FormatOption = {
  name: 'page-size',
  value: '4KiB|64KiB|2MiB|1GiB',
  summary: 'pages that a region is cut into (4KiB)',
};

const PAGE_SHIFTS: Readonly<Record<string, number>> = {
  '4KiB': 12,
  '64KiB': 16,
  '2MiB': 21,
  '1GiB': 30,
};

/** The log2 of the page size that the options ask for. */
export function choosePageShift(name: string, options: FormatOptions): number {
  const wanted = options.values[PAGE_SIZE_OPTION.name] ?? '4KiB';
  const shift = PAGE_SHIFTS[wanted];
  if (shift !== undefined) return shift;
  throw new TraceError(
    'TRACE_BAD_OPTION',
    `${name}: --page-size ${wanted}: one of ${Object.keys(PAGE_SHIFTS).join(', ')}`,
  );
}

/**
 * Blocks of the regions' pages, each with the weight that was counted for it, and the pages with a count as those
 * touched in their interval.
 *
 * A page without a count appears once, with weight 0, so that the footprint is whole.
 * @throws TRACE_TOO_MANY_PAGES, TRACE_EMPTY
 */
export async function* regionBlocks(
  name: string,
  regions: AsyncIterable<RegionCount>,
  pageShift: number,
  options: FormatOptions,
): AsyncGenerator<AccessBlock> {
  const columns = createColumns(name, { time: true, weight: true }, options.pageLimit);
  const touched = createRegionTouches();
  let pages = 0;
  const blocks = fillBlocks(
    name,
    columns,
    pagesOf(name, regions, 2 ** pageShift, columns.pages.limit),
    (region, from) => {
      touched.begin(region.region.time, region.region.startTime);
      let page = from;
      for (; page < region.to && columns.length <= LENGTH_MAX; page++)
        appendCounts(columns, region, page, touched);
      return page;
    },
  );
  for await (const block of blocks) {
    pages = block.newPageFirst + block.newPageNumber.length;
    yield withTouches(block, touched.take());
  }
  const last = touched.take(true);
  if (last.length > 0) yield withTouches(emptyBlock(pages), last);
}

const withTouches = (block: AccessBlock, touches: readonly TouchInterval[]): AccessBlock =>
  touches.length > 0 ? { ...block, touches } : block;

/** No access, after `pages` pages. */
const emptyBlock = (pages: number): AccessBlock => ({
  length: 0,
  page: new Uint32Array(0),
  write: new Uint8Array(0),
  time: new Float64Array(0),
  weight: new Uint32Array(0),
  newPageFirst: pages,
  newPageNumber: new Float64Array(0),
});

/** A region's pages, numbered from 0. */
interface RegionPages extends Span {
  readonly region: RegionCount;
  /** The number of the first of them in memory. */
  readonly first: number;
}

async function* pagesOf(
  name: string,
  regions: AsyncIterable<RegionCount>,
  pageBytes: number,
  pageLimit: number,
): AsyncGenerator<RegionPages> {
  for await (const region of regions) {
    const first = Math.floor(region.start / pageBytes);
    const pages = Math.ceil(region.end / pageBytes) - first;
    if (pages > pageLimit) throw tooManyPages(name, region, pages);
    yield { region, first, from: 0, to: pages };
  }
}

function appendCounts(
  columns: Columns,
  { region, first, to: pages }: RegionPages,
  page: number,
  touched: RegionTouches,
): void {
  const number = first + page;
  const low = number | 0;
  const high = Math.floor(number / 4294967296) | 0;
  const reads = region.readsOfPage(page, pages);
  const writes = region.writesOfPage?.(page, pages) ?? 0;
  if (reads === 0 && writes === 0) {
    const known = columns.pages.count;
    if (pageId(columns.pages, low, high) < known) return;
  }
  if (reads > 0 || writes === 0) {
    columns.weight![columns.length] = reads;
    appendPage(columns, low, high, 0, region.time);
  }
  if (writes > 0) {
    columns.weight![columns.length] = writes;
    appendPage(columns, low, high, 1, region.time);
  }
  if (reads > 0 || writes > 0) touched.touch(columns.page[columns.length - 1]);
}

function tooManyPages(name: string, region: RegionCount, pages: number): TraceError {
  return new TraceError(
    'TRACE_TOO_MANY_PAGES',
    `${name}: the region from 0x${region.start.toString(16)} to 0x${region.end.toString(16)} has ${pages} pages; pass a larger --page-size, or raise --max-pages`,
  );
}
