import { BLOCK_ACCESSES } from '../block.ts';
import { appendPage, type Columns } from '../columns.ts';
import { leaveOut, type Scan } from '../scan.ts';
import type { Head } from '../source.ts';
import type { TraceFormat } from './format.ts';
import { OPERATION_KIND } from './parts/object-requests.ts';
import {
  headRecords,
  holdsRecords,
  type RecordTally,
  recordTrace,
  refuseRecord,
} from './parts/record-trace.ts';

/**
 * libCacheSim's Twitter key-value traces: 20-byte little-endian records u32 seconds, u64 object, u32
 * key and value size, u32 operation and time to live. An object is a page here.
 *
 * Source: libCacheSim traceReader/customizedReader/twrBin.h; include/libCacheSim/enum.h req_op_e.
 */
export const twr: TraceFormat = {
  name: 'twr',
  summary: "libCacheSim's Twitter key-value binary, an object a page",
  options: [],
  score,
  open: (content, options) =>
    recordTrace(content, options, {
      declaration: {
        format: 'twr',
        level: 'cpu',
        addressSpace: 'object',
        clock: 'nanoseconds',
        clockHz: 1e9,
        pageShift: 0,
        threads: false,
        writes: true,
      },
      size: RECORD_BYTES,
      columns: { time: true },
      createScan,
    }),
};

const RECORD_BYTES = 20;
const RECORD_WORDS = 5;
const SECOND = 1e9;

function score(head: Head): number {
  if (!holdsRecords(head, RECORD_BYTES)) return 0;
  let last = 0;
  const fits = headRecords(head, RECORD_BYTES).every((record) => {
    const time = record.getUint32(0, true);
    const isForward = time >= last;
    last = time;
    return isForward && record.getUint8(19) > 0 && record.getUint8(19) < OPERATION_KIND.length;
  });
  return fits ? 50 : 0;
}

function createScan(columns: Columns, tally: RecordTally): Scan {
  return (words, from, to) => {
    let at = from;
    for (
      ;
      at < to && columns.length < BLOCK_ACCESSES;
      at += RECORD_WORDS, tally.offset += RECORD_BYTES
    ) {
      const operation = words[at + 4] >>> 24;
      const kind = OPERATION_KIND[operation];
      if (kind === undefined) {
        refuseRecord(
          tally,
          `an operation from 0 to ${OPERATION_KIND.length - 1}`,
          `operation ${operation}`,
        );
        continue;
      }
      if (kind === 2) {
        leaveOut(tally.leftOut, 'no operation');
        continue;
      }
      appendPage(columns, words[at + 1], words[at + 2], kind, (words[at] >>> 0) * SECOND);
    }
    return at;
  };
}
