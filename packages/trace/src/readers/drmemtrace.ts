import { BLOCK_ACCESSES } from '../block.ts';
import { appendAddress, type Columns } from '../columns.ts';
import { TraceError } from '../errors.ts';
import { leaveOut, type Scan } from '../scan.ts';
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
 * DynamoRIO's drmemtrace after conversion: packed 12-byte little-endian records u16 type, u16 size,
 * u64 address or value. Threads of one file take turns, each announced.
 *
 * Source: DynamoRIO clients/drcachesim/common/trace_entry.h, trace_type_t, trace_marker_type_t.
 */
export const drmemtrace: TraceFormat = {
  name: 'drmemtrace',
  summary: "DynamoRIO's drmemtrace records (.trace.zip, .gz, .sz), 64-bit targets",
  options: [
    {
      name: 'clock',
      value: 'instr|time',
      summary: 'instructions so far (instr), or the latest time stamp',
    },
  ],
  score,
  open(content, options) {
    const isTimed = chooseClock(content.name, options.values['clock']) === 'time';
    return recordTrace(content, options, {
      declaration: {
        format: 'drmemtrace',
        level: 'cpu',
        addressSpace: 'virtual',
        ...(isTimed
          ? { clock: 'nanoseconds' as const, clockHz: 1e9 }
          : { clock: 'instructions' as const }),
        pageShift: 12,
        threads: true,
        writes: true,
      },
      size: RECORD_BYTES,
      columns: { time: true, line: true, thread: true },
      createScan: (columns, tally) => createScan(isTimed, columns, tally),
    });
  },
};

const RECORD_BYTES = 12;
const RECORD_WORDS = 3;

const READ = 0;
const WRITE = 1;
const THREAD = 22;
const HEADER = 25;
const MARKER = 28;
const LAST_TYPE = 50;
const MARKER_TIMESTAMP = 2;

// By type: 1 where the record is an instruction that was fetched.
const IS_INSTRUCTION: Uint8Array = Uint8Array.from({ length: LAST_TYPE + 1 }, (_, type) =>
  (type >= 10 && type <= 16) || type === 48 || type === 49 ? 1 : 0,
);
// By type: 1 where the record is a prefetch or a flush of a cache line.
const IS_PREFETCH: Uint8Array = Uint8Array.from({ length: LAST_TYPE + 1 }, (_, type) =>
  (type >= 2 && type <= 9) || type === 27 || (type >= 32 && type <= 46) ? 1 : 0,
);

function score(head: Head): number {
  if (!holdsRecords(head, RECORD_BYTES)) return 0;
  const records = headRecords(head, RECORD_BYTES);
  if (!records.every((record) => record.getUint16(0, true) <= LAST_TYPE)) return 0;
  const [first] = records;
  const version = first.getBigUint64(4, true);
  return first.getUint16(0, true) === HEADER && version > 0n && version < 100n ? 95 : 30;
}

function chooseClock(name: string, wanted: string | undefined): 'instr' | 'time' {
  if (wanted === undefined || wanted === 'instr' || wanted === 'time') return wanted ?? 'instr';
  throw new TraceError('TRACE_BAD_OPTION', `${name}: --clock ${wanted}: one of instr, time`);
}

function createScan(isTimed: boolean, columns: Columns, tally: RecordTally): Scan {
  const threads = createThreadTable(tally.name);
  let thread = -1;
  let time = 0;
  return (words, from, to) => {
    let at = from;
    for (
      ;
      at < to && columns.length < BLOCK_ACCESSES;
      at += RECORD_WORDS, tally.offset += RECORD_BYTES
    ) {
      const type = words[at] & 0xffff;
      const low = words[at + 1];
      const high = words[at + 2];
      if (type === READ || type === WRITE) {
        if (thread < 0) thread = threadId(threads, 0, 0);
        columns.thread![columns.length] = thread;
        appendAddress(columns, low, high, type, time);
      } else if (type > LAST_TYPE) {
        refuseRecord(tally, `a record type up to ${LAST_TYPE}`, `type ${type}`);
      } else if (IS_INSTRUCTION[type] === 1) {
        if (!isTimed) time++;
      } else if (type === THREAD) {
        thread = threadId(threads, low, high);
      } else if (IS_PREFETCH[type] === 1) {
        leaveOut(tally.leftOut, 'prefetch');
      } else if (isTimed && type === MARKER && words[at] >>> 16 === MARKER_TIMESTAMP) {
        time = Math.max(time, nanoseconds(low, high));
      }
    }
    return at;
  };
}

// Microseconds since 1601, more than a double holds exactly, to nanoseconds since 1970.
function nanoseconds(low: number, high: number): number {
  const microseconds = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  return Number((microseconds - EPOCH_1970) * 1000n);
}

const EPOCH_1970 = 11_644_473_600_000_000n;
