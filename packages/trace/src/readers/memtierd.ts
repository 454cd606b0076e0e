import type { AccessTrace } from '../block.ts';
import { wholeLines } from '../regions.ts';
import { lineEnd, type LineTally, refuseLine } from '../scan.ts';
import type { TraceContent } from '../source.ts';
import { mostLinesMatch } from './parts/column-trace.ts';
import type { TraceFormat } from './format.ts';
import { choosePageShift, PAGE_SIZE_OPTION, regionBlocks } from './parts/region-blocks.ts';
import type { RegionCount } from './parts/region-count.ts';

/**
 * memtierd's raw access dumps (`tracker -dump raw`): time, process, address, pages, and how many of
 * the region's pages were found accessed and written. The counts are spread evenly over the pages.
 *
 * Source: intel/memtierd pkg/memtier/tracker.go, rawAccessEntries.dump; tracker_idlepage.go, countPages.
 */
export const memtierd: TraceFormat = {
  name: 'memtierd',
  summary: "memtierd's raw access dumps: regions with pages accessed and written",
  options: [PAGE_SIZE_OPTION],
  score: (head) =>
    head.lines.some((line) => HEADER.test(line)) && mostLinesMatch(head, ROW, HEADER) ? 95 : 0,
  open(content, options): AccessTrace {
    const pageShift = choosePageShift(content.name, options);
    const leftOut = new Map<string, number>();
    return {
      declaration: {
        format: 'memtierd',
        level: 'cpu',
        countedBy: 'region',
        addressSpace: 'virtual',
        clock: 'nanoseconds',
        clockHz: 1e9,
        pageShift,
        threads: false,
        writes: true,
      },
      leftOut,
      blocks() {
        leftOut.clear();
        return regionBlocks(content.name, readRegions(content, leftOut), pageShift, options);
      },
    };
  },
};

const HEADER = /^\s*timestamp\s+pid\s+addr\s+pages\s+accs\s+writes\s*$/;
const ROW = /^\s*(\d+)\s+(\d+)\s+([0-9a-f]{1,16})\s+(\d+)\s+(\d+)\s+(\d+)\s*$/;
const MEMTIERD_PAGE_BYTES = 4096;

async function* readRegions(
  content: TraceContent,
  leftOut: Map<string, number>,
): AsyncGenerator<RegionCount> {
  const { name, lenient } = content;
  const tally: LineTally = { name, lenient, leftOut, lines: 0 };
  for await (const { cells, end } of wholeLines(content)) {
    for (let at = 0; at < end; tally.lines++) {
      const start = at;
      const to = lineEnd(cells, at);
      at = to + 1;
      const text = Buffer.from(cells.buffer, cells.byteOffset + start, to - start).toString(
        'latin1',
      );
      if (text.trim() === '' || HEADER.test(text)) continue;
      const region = regionOf(ROW.exec(text));
      if (region === undefined)
        refuseLine(
          tally,
          cells,
          start,
          'time, process, address, pages, pages accessed, pages written',
        );
      else yield region;
    }
  }
}

function regionOf(row: RegExpExecArray | null): RegionCount | undefined {
  if (row === null) return undefined;
  const time = Number(row[1]);
  const start = Number.parseInt(row[3], 16);
  const [pages, accesses, writes] = row.slice(4, 7).map(Number);
  const end = start + pages * MEMTIERD_PAGE_BYTES;
  if (pages < 1 || end > 2 ** 64 || accesses > 0xffffffff || writes > 0xffffffff) return undefined;
  const reads = Math.max(0, accesses - writes);
  return {
    time,
    start,
    end,
    readsOfPage: (page, count) => share(reads, page, count),
    writesOfPage: (page, count) => share(writes, page, count),
  };
}

// What page number `page` of `count` gets of `total`, so that all together get all of it.
function share(total: number, page: number, count: number): number {
  return Math.floor(((page + 1) * total) / count) - Math.floor((page * total) / count);
}
