import type { AccessTrace, SourceDeclaration } from '../../block.ts';
import { type ColumnChoice, type Columns, createColumns } from '../../columns.ts';
import { TraceError } from '../../errors.ts';
import { wholeRecords } from '../../regions.ts';
import { leaveOut, type Scan, scanRegions } from '../../scan.ts';
import type { Head, TraceContent } from '../../source.ts';
import type { FormatOptions } from '../format.ts';

/** A format of binary records that all have one size. */
export interface RecordLayout {
  readonly declaration: SourceDeclaration;
  /** Bytes of a record, a multiple of 4. */
  readonly size: number;
  /** Bytes before the first record. */
  readonly skip?: number;
  readonly columns: ColumnChoice;
  /** A scanner that appends to `columns`, made for each pass. */
  createScan(columns: Columns, tally: RecordTally): Scan<Int32Array>;
}

/** What a reader of records counts, and how it refuses one. */
export interface RecordTally {
  readonly name: string;
  readonly lenient: boolean;
  readonly leftOut: Map<string, number>;
  /** Bytes before the record being read. */
  offset: number;
}

/** The trace of a content of records laid out as `layout`. */
export function recordTrace(
  content: TraceContent,
  options: FormatOptions,
  layout: RecordLayout,
): AccessTrace {
  const leftOut = new Map<string, number>();
  const { name, lenient } = content;
  const { size, skip = 0 } = layout;
  return {
    declaration: layout.declaration,
    leftOut,
    blocks() {
      leftOut.clear();
      const columns = createColumns(name, layout.columns, options.pageLimit);
      const scan = layout.createScan(columns, { name, lenient, leftOut, offset: skip });
      return scanRegions(name, wholeRecords(content, size, skip), columns, scan);
    },
  };
}

/**
 * Refuses the record at the tally's offset, or leaves it out where the content is read leniently.
 * @throws TRACE_BAD_RECORD
 */
export function refuseRecord(tally: RecordTally, expected: string, got: string): void {
  if (tally.lenient) {
    leaveOut(tally.leftOut, 'record not understood');
    return;
  }
  throw new TraceError(
    'TRACE_BAD_RECORD',
    `${tally.name}: byte ${tally.offset}: expected ${expected}, got ${got}; pass --lenient to skip such records, or --format to pick another reader`,
  );
}

/** The records of a head as little-endian words, at most `limit` of them. */
export function headRecords(head: Head, size: number, limit: number = 1000): DataView[] {
  const { buffer, byteOffset, length } = head.bytes;
  const count = Math.min(limit, Math.floor(length / size));
  return Array.from(
    { length: count },
    (_, record) => new DataView(buffer, byteOffset + record * size, size),
  );
}

/** Whether a head can be records of `size` bytes: it has one, and no rest where it is whole. */
export function holdsRecords(head: Head, size: number): boolean {
  return (
    head.lines.length === 0 &&
    head.bytes.length >= size &&
    (!head.whole || head.bytes.length % size === 0)
  );
}

/** The unsigned 64-bit number of two words, rounded beyond 2^53. */
export function unsigned64(low: number, high: number): number {
  return (high >>> 0) * 4294967296 + (low >>> 0);
}
