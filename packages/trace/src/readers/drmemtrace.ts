import { BLOCK_ACCESSES } from '../block.ts';
import { appendAddress, type Columns } from '../columns.ts';
import { TraceError } from '../errors.ts';
import { leaveOut, type Scan } from '../scan.ts';
import type { Head, TraceContent } from '../source.ts';
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
 * DynamoRIO's drmemtrace after conversion: packed little-endian records u16 type, u16 size, and the address or value,
 * which is u64 in traces of 64-bit programs and u32 in those of 32-bit ones. Threads of one file take turns, each
 * announced.
 *
 * Source: DynamoRIO clients/drcachesim/common/trace_entry.h, trace_type_t, trace_marker_type_t.
 */
export const drmemtrace: TraceFormat = {
  name: 'drmemtrace',
  summary: "DynamoRIO's drmemtrace records (.trace.zip, .gz, .sz)",
  options: [
    { name: 'bits', value: '32|64', summary: 'of the traced program; told from the content' },
    {
      name: 'clock',
      value: 'instr|time',
      summary: 'instructions so far (instr), or the latest time stamp',
    },
  ],
  score,
  open(content, options) {
    const isTimed = chooseClock(content.name, options.values['clock']) === 'time';
    const size = chooseSize(content, options.values['bits']);
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
      size,
      columns: { time: true, line: true, thread: true },
      createScan: (columns, tally) => createScan(isTimed, size, columns, tally),
    });
  },
};

/** Bytes of a record of a 64-bit and of a 32-bit program. */
const SIZE_64 = 12;
const SIZE_32 = 8;

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
  if (fitsSize(head, SIZE_64)) return hasHeader(head) ? 95 : 30;
  return fitsSize(head, SIZE_32) && hasHeader(head) ? 95 : 0;
}

// Every record is of a known type, read as records of `size` bytes, and some say more than zeros do.
function fitsSize(head: Head, size: number): boolean {
  if (!holdsRecords(head, size)) return false;
  const records = headRecords(head, size);
  return (
    records.every((record) => record.getUint16(0, true) <= LAST_TYPE) &&
    records.some((record) => record.getUint32(4, true) !== 0)
  );
}

function hasHeader({ bytes }: Head): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SIZE_32);
  const version = view.getUint32(4, true);
  return view.getUint16(0, true) === HEADER && version > 0 && version < 100;
}

// Records read with the wrong size soon have a type that is none.
function chooseSize({ name, head }: TraceContent, wanted: string | undefined): number {
  if (wanted === '64') return SIZE_64;
  if (wanted === '32') return SIZE_32;
  if (wanted !== undefined)
    throw new TraceError('TRACE_BAD_OPTION', `${name}: --bits ${wanted}: one of 32, 64`);
  return !fitsSize(head, SIZE_64) && fitsSize(head, SIZE_32) ? SIZE_32 : SIZE_64;
}

function chooseClock(name: string, wanted: string | undefined): 'instr' | 'time' {
  if (wanted === undefined || wanted === 'instr' || wanted === 'time') return wanted ?? 'instr';
  throw new TraceError('TRACE_BAD_OPTION', `${name}: --clock ${wanted}: one of instr, time`);
}

function createScan(isTimed: boolean, size: number, columns: Columns, tally: RecordTally): Scan {
  const threads = createThreadTable(tally.name);
  const is64 = size === SIZE_64;
  let thread = -1;
  let time = 0;
  let wraps = 0;
  let last = 0;
  return (words, from, to) => {
    let at = from;
    for (; at < to && columns.length < BLOCK_ACCESSES; at += size / 4, tally.offset += size) {
      const type = words[at] & 0xffff;
      const low = words[at + 1];
      const high = is64 ? words[at + 2] : 0;
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
        // A 32-bit program's stamps have the lower 32 bits only, which wrap in 72 minutes.
        if (!is64 && last - (low >>> 0) > 0x80000000) wraps++;
        last = low >>> 0;
        const stamp = is64 ? nanoseconds(low, high) : (wraps * 4294967296 + last) * 1000;
        time = Math.max(time, stamp);
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
