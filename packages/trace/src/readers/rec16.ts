import { BLOCK_ACCESSES } from '../block.ts';
import { appendAddress, type Columns } from '../columns.ts';
import type { Scan } from '../scan.ts';
import type { Head } from '../source.ts';
import { createThreadTable, threadId } from '../text/threads.ts';
import type { TraceFormat } from './format.ts';
import {
  headRecords,
  holdsRecords,
  type RecordTally,
  recordTrace,
  refuseRecord,
} from './parts/record-trace.ts';

/**
 * The recorder's own 16-byte records of what passed its cache, little-endian: u64 byte address, u32
 * instructions, u8 size, u8 type (0 line fill, 1 write-back of a dirty line), u16 thread.
 */
export const rec16: TraceFormat = {
  name: 'rec16',
  summary: "the recorder's 16-byte records of line fills and write-backs",
  options: [],
  score,
  open: (content, options) =>
    recordTrace(content, options, {
      declaration: {
        format: 'rec16',
        level: 'memory',
        addressSpace: 'virtual',
        clock: 'instructions',
        pageShift: 12,
        threads: true,
        writes: true,
      },
      size: RECORD_BYTES,
      columns: { time: true, line: true, thread: true },
      createScan,
    }),
};

const RECORD_BYTES = 16;
const RECORD_WORDS = 4;

function score(head: Head): number {
  if (!holdsRecords(head, RECORD_BYTES)) return 0;
  let last = 0;
  const fits = headRecords(head, RECORD_BYTES).every((record) => {
    const time = record.getUint32(8, true);
    const isForward = time >= last;
    last = time;
    const size = record.getUint8(12);
    return (
      isForward &&
      record.getUint16(6, true) === 0 &&
      size > 0 &&
      size <= 64 &&
      record.getUint8(13) <= 1
    );
  });
  return fits ? 70 : 0;
}

function createScan(columns: Columns, tally: RecordTally): Scan {
  const threads = createThreadTable(tally.name);
  // The instruction counter has 32 bits and may wrap.
  let wraps = 0;
  let last = 0;
  return (words, from, to) => {
    let at = from;
    for (
      ;
      at < to && columns.length < BLOCK_ACCESSES;
      at += RECORD_WORDS, tally.offset += RECORD_BYTES
    ) {
      const instructions = words[at + 2] >>> 0;
      const rest = words[at + 3];
      const type = (rest >>> 8) & 255;
      if (type > 1) {
        refuseRecord(tally, 'type 0 (fill) or 1 (write-back)', `type ${type}`);
        continue;
      }
      if (last - instructions > 0x80000000) wraps++;
      last = instructions;
      columns.thread![columns.length] = threadId(threads, rest >>> 16, 0);
      appendAddress(columns, words[at], words[at + 1], type, wraps * 4294967296 + instructions);
    }
    return at;
  };
}
