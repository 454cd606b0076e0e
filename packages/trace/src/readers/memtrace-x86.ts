import { BLOCK_ACCESSES } from '../block.ts';
import { appendAddress, type Columns } from '../columns.ts';
import type { Scan } from '../scan.ts';
import type { Head } from '../source.ts';
import { DEFAULT_LAYOUT } from '../text/layout.ts';
import { columnTrace, mostLinesMatch } from './parts/column-trace.ts';
import {
  headRecords,
  holdsRecords,
  isCanonical,
  type RecordTally,
  recordTrace,
  refuseRecord,
} from './parts/record-trace.ts';
import type { TraceFormat } from './format.ts';

/**
 * What DynamoRIO's sample client memtrace_x86 writes. As text (`OUTPUT_TEXT`): a `Format:` line, then
 * `0xINSTRUCTION,r|w,SIZE,0xADDRESS`. Else its buffer as it is: 32-byte little-endian records bool write, u64
 * address, u64 size, u64 instruction.
 *
 * Source: DynamoRIO api/samples/memtrace_x86.c, memtrace, mem_ref_t, OUTPUT_TEXT.
 */
export const memtraceX86: TraceFormat = {
  name: 'memtrace-x86',
  summary: "DynamoRIO's memtrace_x86 logs, text or binary: instruction, r or w, size, address",
  options: [],
  score: (head) => (isText(head) ? 80 : isBinary(head) ? 60 : 0),
  open(content, options) {
    const declaration = {
      format: 'memtrace-x86',
      level: 'cpu',
      addressSpace: 'virtual',
      clock: 'accesses',
    } as const;
    if (content.head.lines.length > 0)
      return columnTrace(
        content,
        {
          ...DEFAULT_LAYOUT,
          columns: ['skip', 'op', 'skip', 'addr'],
          delimiters: ',',
          radix: '16',
          readTokens: ['r'],
          writeTokens: ['w'],
          fetchTokens: [],
          comments: ['#', 'Format'],
          clock: 'line',
        },
        declaration,
        options,
      );
    return recordTrace(content, options, {
      declaration: { ...declaration, pageShift: 12, threads: false, writes: true },
      size: RECORD_BYTES,
      columns: { line: true },
      createScan,
    });
  },
};

const LINE = /^(0x)?[0-9a-f]+,[rw],\d+,(0x)?[0-9a-f]+\s*$/i;
const isText = (head: Head): boolean => mostLinesMatch(head, LINE, /^(#|Format)/);

const RECORD_BYTES = 32;
const RECORD_WORDS = RECORD_BYTES / 4;
// An AVX-512 register's spill is the largest; rep string instructions come element by element.
const SIZE_MAX = 1024;

function isBinary(head: Head): boolean {
  return (
    holdsRecords(head, RECORD_BYTES) &&
    headRecords(head, RECORD_BYTES).every((record) => {
      const size = record.getBigUint64(16, true);
      return (
        record.getUint8(0) <= 1 &&
        size >= 1n &&
        size <= SIZE_MAX &&
        record.getBigUint64(24, true) !== 0n &&
        isCanonical(record.getUint16(14, true)) &&
        isCanonical(record.getUint16(30, true))
      );
    })
  );
}

function createScan(columns: Columns, tally: RecordTally): Scan {
  return (words, from, to) => {
    let at = from;
    for (
      ;
      at < to && columns.length < BLOCK_ACCESSES;
      at += RECORD_WORDS, tally.offset += RECORD_BYTES
    ) {
      const write = words[at] & 255;
      if (write > 1) {
        refuseRecord(tally, 'a write flag of 0 or 1', String(write));
        continue;
      }
      appendAddress(columns, words[at + 2], words[at + 3], write, 0);
    }
    return at;
  };
}
