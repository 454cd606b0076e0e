import type { AccessBlock, AccessTrace } from '../block.ts';
import { appendAddress, type Columns, createColumns } from '../columns.ts';
import { TraceError } from '../errors.ts';
import { fillBlocks, leaveOut, onesOf } from '../scan.ts';
import type { TraceContent } from '../source.ts';
import { hasOperation, isStore } from '../text/data-source.ts';
import { createThreadTable, threadId } from '../text/threads.ts';
import { type DamonRegion, damonTrace } from './parts/damon.ts';
import type { FormatOptions, TraceFormat } from './format.ts';
import {
  hasField,
  type PerfHeader,
  readPerfHeader,
  SAMPLE_ADDRESS,
  SAMPLE_DATA_SOURCE,
  SAMPLE_PERIOD,
  SAMPLE_RAW,
  samplesInTime,
} from './parts/perf-data-records.ts';
import { PAGE_SIZE_OPTION } from './parts/region-blocks.ts';

/**
 * perf.data files of samples with an address, or of the tracepoint damon:damon_aggregated: a subset
 * that needs neither perf nor the machine it ran on.
 */
export const perfData: TraceFormat = {
  name: 'perf-data',
  summary: 'perf.data of memory samples, page faults or damon:damon_aggregated',
  options: [PAGE_SIZE_OPTION],
  score: (head) =>
    Buffer.from(head.bytes.subarray(0, 8)).toString('latin1') === 'PERFILE2' ? 100 : 0,
  open(content, options): AccessTrace {
    const header = readPerfHeader(content.name, content.head.bytes);
    if (header.events.some((event) => hasField(event, SAMPLE_ADDRESS)))
      return sampleTrace(content, options, header);
    if (header.events.some((event) => event.isTracepoint && hasField(event, SAMPLE_RAW)))
      return damonTrace(
        content,
        options,
        { format: 'perf-data', addressSpace: 'virtual' },
        (leftOut) => damonRegions(content, header, leftOut),
      );
    throw new TraceError(
      'TRACE_UNSUPPORTED',
      `${content.name}: its samples have no address; record with perf mem record, or perf record -d`,
    );
  },
};

function sampleTrace(
  content: TraceContent,
  options: FormatOptions,
  header: PerfHeader,
): AccessTrace {
  const { name } = content;
  if (options.values[PAGE_SIZE_OPTION.name] !== undefined)
    throw new TraceError(
      'TRACE_BAD_OPTION',
      `${name}: --page-size is for DAMON's regions, and this has samples`,
    );
  const leftOut = new Map<string, number>();
  const weighted = header.events.some((event) => hasField(event, SAMPLE_PERIOD));
  return {
    declaration: {
      format: 'perf-data',
      level: 'cpu',
      ...(weighted && { samplePeriod: header.events[0].period }),
      addressSpace: 'virtual',
      clock: 'nanoseconds',
      clockHz: 1e9,
      pageShift: 12,
      threads: true,
      writes: header.events.some((event) => hasField(event, SAMPLE_DATA_SOURCE)),
    },
    leftOut,
    blocks() {
      leftOut.clear();
      const columns = createColumns(
        name,
        { time: true, line: true, thread: true, weight: weighted },
        options.pageLimit,
      );
      return sampleBlocks(content, header, columns, leftOut);
    },
  };
}

function sampleBlocks(
  content: TraceContent,
  header: PerfHeader,
  columns: Columns,
  leftOut: Map<string, number>,
): AsyncGenerator<AccessBlock> {
  const threads = createThreadTable(content.name);
  const samples = onesOf(samplesInTime(content, header, leftOut));
  return fillBlocks(content.name, columns, samples, ({ one: sample }) => {
    if (sample.addressLow === 0 && sample.addressHigh === 0) {
      leaveOut(leftOut, 'sample without an address');
      return 1;
    }
    columns.thread![columns.length] = threadId(threads, sample.thread, sample.thread < 0 ? -1 : 0);
    if (columns.weight !== undefined) columns.weight[columns.length] = sample.period;
    const write = hasOperation(sample.sourceLow) && isStore(sample.sourceLow) ? 1 : 0;
    appendAddress(columns, sample.addressLow, sample.addressHigh, write, sample.time);
    return 1;
  });
}

// Source: Linux include/trace/events/damon.h, TRACE_EVENT(damon_aggregated), 6.18, as tracefs lays it out:
// u64 target_id at 8, u32 nr_regions at 16, u64 start at 24, u64 end at 32, u32 nr_accesses at 40.
const DAMON_RAW_BYTES = 44;

async function* damonRegions(
  content: TraceContent,
  header: PerfHeader,
  leftOut: Map<string, number>,
): AsyncGenerator<DamonRegion> {
  let endTime = 0;
  let remaining = 0;
  for await (const { time, raw } of samplesInTime(content, header, leftOut)) {
    if (raw === undefined || raw.length < DAMON_RAW_BYTES) {
      leaveOut(leftOut, 'sample of another event');
      continue;
    }
    const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
    const regions = view.getUint32(16, true);
    const start = unsigned64(view, 24);
    const end = unsigned64(view, 32);
    if (regions === 0 || start >= end) {
      leaveOut(leftOut, 'sample of another event');
      continue;
    }
    if (remaining <= 0) {
      endTime = time;
      remaining = regions;
    }
    remaining--;
    yield { endTime, start, end, accesses: view.getUint32(40, true) };
  }
}

function unsigned64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 4294967296 + view.getUint32(at, true);
}
