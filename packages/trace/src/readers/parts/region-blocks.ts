import type { AccessBlock, Interval } from '../../block.ts';
import {
  appendKnown,
  clear,
  type Columns,
  createColumns,
  filledBlock,
  releaseColumns,
} from '../../columns.ts';
import { TraceError } from '../../errors.ts';
import { lookAhead, pageId } from '../../pages.ts';
import { LENGTH_MAX, noAccess } from '../../scan.ts';
import type { FormatOption, FormatOptions } from '../format.ts';
import type { RegionCount } from './region-count.ts';
import { inIntervals } from './region-intervals.ts';

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
 * Blocks of the regions' pages, each with the weight that was counted for it: a histogram, whose blocks are of one
 * interval each.
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
  const pageBytes = 2 ** pageShift;
  let interval: Interval | undefined;
  const filled = (): AccessBlock => ({ ...filledBlock(columns), ...(interval && { interval }) });
  try {
    for await (const counted of inIntervals(regions)) {
      if (counted.interval !== interval && columns.length > 0) {
        yield filled();
        clear(columns);
      }
      interval = counted.interval;
      const { region } = counted;
      const first = Math.floor(region.start / pageBytes);
      const pages = Math.ceil(region.end / pageBytes) - first;
      if (pages > columns.pages.limit) throw tooManyPages(name, region, pages);
      for (let page = 0; page < pages;) {
        page = appendCounts(columns, region, first, page, pages, interval.startTime);
        if (page === pages && columns.length <= LENGTH_MAX) continue;
        yield filled();
        clear(columns);
      }
    }
    if (columns.length > 0) {
      yield filled();
      clear(columns);
    }
    if (columns.taken === 0) throw noAccess(name);
  } finally {
    releaseColumns(columns);
  }
}

/** Appends the counts of a region's pages, from the one numbered `from` in it on, while there is room; returns the next. */
function appendCounts(
  columns: Columns,
  region: RegionCount,
  first: number,
  from: number,
  pages: number,
  time: number,
): number {
  const { readsOfPage, writesOfPage } = region;
  const table = columns.pages;
  let page = from;
  for (; page < pages && columns.length <= LENGTH_MAX; page++) {
    const number = first + page;
    if ((page - from) % PAGES_AHEAD === 0)
      lookAhead(table, number, Math.min(PAGES_AHEAD, pages - page));
    const reads = readsOfPage(page, pages);
    const writes = writesOfPage === undefined ? 0 : writesOfPage(page, pages);
    const known = table.count;
    const id = pageId(table, number | 0, Math.floor(number / 4294967296) | 0);
    if (reads > 0 || (writes === 0 && id === known)) {
      columns.weight![columns.length] = reads;
      appendKnown(columns, id, 0, time);
    }
    if (writes > 0) {
      columns.weight![columns.length] = writes;
      appendKnown(columns, id, 1, time);
    }
  }
  return page;
}

/** Pages of a region that are looked at before they are read. */
const PAGES_AHEAD = 32;

function tooManyPages(name: string, region: RegionCount, pages: number): TraceError {
  return new TraceError(
    'TRACE_TOO_MANY_PAGES',
    `${name}: the region from 0x${region.start.toString(16)} to 0x${region.end.toString(16)} has ${pages} pages; pass a larger --page-size, or raise --max-pages`,
  );
}
