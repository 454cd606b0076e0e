import { wholeLines } from '../regions.ts';
import { leaveOut, lineEnd, type LineTally, refuseLine } from '../scan.ts';
import type { TraceContent } from '../source.ts';
import { createPerfLine, readPerfLine } from '../text/perf-line.ts';
import { mostLinesMatch } from './parts/column-trace.ts';
import { type DamonRegion, damonTrace } from './parts/damon.ts';
import type { TraceFormat } from './format.ts';
import { PAGE_SIZE_OPTION } from './parts/region-blocks.ts';

/**
 * `perf script` or `trace-cmd report` of the tracepoint `damon:damon_aggregated`: a line a region of
 * each snapshot, whose count of regions every line repeats.
 *
 * Source: Linux include/trace/events/damon.h, TRACE_EVENT(damon_aggregated), 6.12.
 */
export const damonPerfScript: TraceFormat = {
  name: 'damon-perf-script',
  summary: 'perf script of damon:damon_aggregated',
  options: [PAGE_SIZE_OPTION],
  score: (head) => (mostLinesMatch(head, / damon:\w+: |damon_aggregated: /) ? 90 : 0),
  open: (content, options) =>
    damonTrace(
      content,
      options,
      { format: 'damon-perf-script', addressSpace: 'virtual' },
      (leftOut) => readRegions(content, leftOut),
    ),
};

// target_id=18446623435582458880 nr_regions=8 94253027950592-94253031862272: 0 [age]
const REGION = /^target_id=\d+ nr_regions=(\d+) (\d+)-(\d+): (\d+)( \d+)?\s*$/;

async function* readRegions(
  content: TraceContent,
  leftOut: Map<string, number>,
): AsyncGenerator<DamonRegion> {
  const { name, lenient } = content;
  const tally: LineTally = { name, lenient, leftOut, lines: 0 };
  const line = createPerfLine();
  let endTime = 0;
  let remaining = 0;
  for await (const { cells, end } of wholeLines(content)) {
    for (let at = 0; at < end; tally.lines++) {
      const start = at;
      const to = lineEnd(cells, at);
      at = to + 1;
      const text = Buffer.from(cells.buffer, cells.byteOffset + start, to - start);
      if (text.length === 0 || text[0] === 35) continue;
      if (!readPerfLine(line, cells, start, to)) {
        refuseLine(tally, cells, start, 'a line of perf script');
        continue;
      }
      const event = text.toString('latin1', line.eventFrom - start, line.eventTo - start);
      if (event !== 'damon:damon_aggregated' && event !== 'damon_aggregated') {
        leaveOut(leftOut, `event ${event}`);
        continue;
      }
      const fields = REGION.exec(text.toString('latin1', line.fieldsFrom - start));
      const region = fields && regionOf(fields);
      if (!region) {
        refuseLine(tally, cells, start, 'target_id=N nr_regions=N START-END: COUNT');
        continue;
      }
      // The lines of a snapshot are printed at its end, one after the other.
      if (remaining <= 0) {
        endTime = line.time;
        remaining = region.regions;
      }
      remaining--;
      yield { endTime, start: region.start, end: region.end, accesses: region.accesses };
    }
  }
}

function regionOf(
  fields: RegExpExecArray,
): { regions: number; start: number; end: number; accesses: number } | undefined {
  const [regions, start, end, accesses] = fields.slice(1, 5).map(Number);
  const fits = regions > 0 && start < end && end <= 2 ** 64 && accesses <= 0xffffffff;
  return fits ? { regions, start, end, accesses } : undefined;
}
