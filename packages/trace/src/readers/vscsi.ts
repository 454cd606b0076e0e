import { BLOCK_ACCESSES } from '../block.ts';
import { appendPage, type Columns } from '../columns.ts';
import { leaveOut, type Scan } from '../scan.ts';
import type { Head } from '../source.ts';
import type { TraceFormat } from './format.ts';
import {
  headRecords,
  holdsRecords,
  type RecordTally,
  recordTrace,
  refuseRecord,
  unsigned64,
} from './parts/record-trace.ts';

/**
 * VMware vSCSI traces, as in CloudPhysics' and libCacheSim's: a request of a disk block, which is a
 * page here. Version 1 has 32-byte records, version 2 has 40; times are microseconds.
 *
 * Source: libCacheSim traceReader/customizedReader/vscsi.h, trace_v1_record_t, trace_v2_record_t.
 */
export const vscsi: TraceFormat = {
  name: 'vscsi',
  summary: 'vSCSI disk traces, version 1 and 2, a block a page',
  options: [],
  score: (head) => (versionOf(head) === undefined ? 0 : 90),
  open(content, options) {
    const version = VERSIONS[versionOf(content.head) ?? 1];
    return recordTrace(content, options, {
      declaration: {
        format: 'vscsi',
        level: 'cpu',
        addressSpace: 'object',
        clock: 'nanoseconds',
        clockHz: 1e9,
        pageShift: 0,
        threads: false,
        writes: true,
      },
      size: version.words * 4,
      columns: { time: true },
      createScan: (columns, tally) => createScan(version, columns, tally),
    });
  },
};

/** Where the parts of a record are, in words. */
interface Version {
  readonly words: number;
  readonly number: number;
  readonly command: number;
  readonly block: number;
  readonly time: number;
}

const VERSIONS: Readonly<Record<1 | 2, Version>> = {
  1: { words: 8, number: 1, command: 3, block: 4, time: 6 },
  2: { words: 10, number: 2, command: 0, block: 4, time: 6 },
};

// SCSI READ and WRITE of 6, 10, 12 and 16 bytes. Source: SBC-3 table 10.
const READS: ReadonlySet<number> = new Set([0x08, 0x28, 0xa8, 0x88]);
const WRITES: ReadonlySet<number> = new Set([0x0a, 0x2a, 0xaa, 0x8a]);

function versionOf(head: Head): 1 | 2 | undefined {
  return ([1, 2] as const).find((number) => {
    const { words, command } = VERSIONS[number];
    return (
      holdsRecords(head, words * 4) &&
      headRecords(head, words * 4).every(
        (record) =>
          record.getUint16(command * 4 + 2, true) >>> 8 === number &&
          record.getUint16(command * 4, true) < 256,
      )
    );
  });
}

function createScan(version: Version, columns: Columns, tally: RecordTally): Scan {
  const { words: size, number, command, block, time } = version;
  return (words, from, to) => {
    let at = from;
    for (; at < to && columns.length < BLOCK_ACCESSES; at += size, tally.offset += size * 4) {
      const word = words[at + command];
      const operation = word & 0xffff;
      if (word >>> 24 !== number) {
        refuseRecord(tally, `a record of version ${number}`, `version ${word >>> 24}`);
        continue;
      }
      const isWrite = WRITES.has(operation);
      if (!isWrite && !READS.has(operation)) {
        leaveOut(tally.leftOut, 'neither read nor write');
        continue;
      }
      const microseconds = unsigned64(words[at + time], words[at + time + 1]);
      appendPage(
        columns,
        words[at + block],
        words[at + block + 1],
        isWrite ? 1 : 0,
        microseconds * 1000,
      );
    }
    return at;
  };
}
