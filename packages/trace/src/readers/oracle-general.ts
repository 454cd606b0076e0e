import { BLOCK_ACCESSES } from '../block.ts';
import { appendPage, type Columns } from '../columns.ts';
import type { Scan } from '../scan.ts';
import type { Head } from '../source.ts';
import type { TraceFormat } from './format.ts';
import { headRecords, holdsRecords, recordTrace } from './parts/record-trace.ts';

/**
 * libCacheSim's oracleGeneral: 24-byte little-endian records u32 seconds, u64 object, u32 size, i64
 * index of the object's next request. An object is a page here; its next request is not used.
 *
 * Source: libCacheSim traceReader/customizedReader/oracle/oracleGeneralBin.h.
 */
export const oracleGeneral: TraceFormat = {
  name: 'oracle-general',
  summary: "libCacheSim's oracleGeneral binary, an object a page",
  options: [],
  score,
  open: (content, options) =>
    recordTrace(content, options, {
      declaration: {
        format: 'oracle-general',
        level: 'cpu',
        addressSpace: 'object',
        clock: 'nanoseconds',
        clockHz: 1e9,
        pageShift: 0,
        threads: false,
        writes: false,
      },
      size: RECORD_BYTES,
      columns: { time: true },
      createScan,
      kernel: (kernels, state, _, at, to) => kernels.scanObjects(state, RECORD_BYTES, at, to),
    }),
};

const RECORD_BYTES = 24;
const RECORD_WORDS = 6;
const SECOND = 1e9;

// Time never steps back, and the next request comes after this one, or never (-1 or the largest).
function score(head: Head): number {
  if (!holdsRecords(head, RECORD_BYTES)) return 0;
  let last = 0;
  const fits = headRecords(head, RECORD_BYTES).every((record, index) => {
    const time = record.getUint32(0, true);
    const isForward = time >= last;
    last = time;
    const next = record.getBigInt64(16, true);
    return isForward && (next === -1n || next === LARGEST || (next > index && next < 1n << 40n));
  });
  return fits ? 80 : 0;
}

const LARGEST = (1n << 63n) - 1n;

function createScan(columns: Columns): Scan {
  return (words, from, to) => {
    let at = from;
    for (; at < to && columns.length < BLOCK_ACCESSES; at += RECORD_WORDS)
      appendPage(columns, words[at + 1], words[at + 2], 0, (words[at] >>> 0) * SECOND);
    return at;
  };
}
