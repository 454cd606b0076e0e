import { layoutOf } from '../../arena.ts';
import type { AccessBlock, AccessTrace, SourceDeclaration } from '../../block.ts';
import { type ColumnChoice, type Columns, createColumns } from '../../columns.ts';
import { TraceError } from '../../errors.ts';
import { type Clock, type Kernel, runKernel } from '../../kernel-scan.ts';
import { type RecordRegion, wholeRecords } from '../../regions.ts';
import { fillBlocks, leaveOut, LENGTH_MAX, type Scan } from '../../scan.ts';
import type { Head, TraceContent } from '../../source.ts';
import { type FormatOptions, kernelOf } from '../format.ts';

/** A format of binary records that all have one size. */
export interface RecordLayout {
  readonly declaration: SourceDeclaration;
  /** Bytes of a record, a multiple of 4. */
  readonly size: number;
  /** Bytes before the first record. */
  readonly skip?: number;
  readonly columns: ColumnChoice;
  /** A scanner that appends to `columns`, made for each pass. */
  createScan(columns: Columns, tally: RecordTally): Scan;
  /** Reads records as the scanner would, which is the reference for it; of a format that refuses none. */
  readonly kernel?: Kernel;
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
      const regions = wholeRecords(content, size, skip);
      const scan = layout.createScan(columns, { name, lenient, leftOut, offset: skip });
      const kernel = layout.kernel && kernelOf(options, layout.kernel);
      if (kernel !== undefined) return kernelBlocks(name, columns, regions, size / 4, scan, kernel);
      return fillBlocks(name, columns, regions, ({ words, to }, from) => scan(words, from, to));
    },
  };
}

/** Bytes of records that are copied into the arena at once: they stay in a cache beside the columns. */
const PIECE_BYTES = 1 << 16;

/** The blocks that `kernel` makes of regions, copied into the arena in pieces; where it stops, `scan` reads one record. */
function kernelBlocks(
  name: string,
  columns: Columns,
  regions: AsyncIterable<RecordRegion>,
  recordWords: number,
  scan: Scan,
  kernel: Kernel,
): AsyncGenerator<AccessBlock> {
  const { arena } = columns;
  const { text } = layoutOf(arena);
  const clock: Clock = { time: 0 };
  const pieceWords = Math.floor(PIECE_BYTES / 4 / recordWords) * recordWords;
  /** The words of the region that are in the arena. */
  let piece = { from: 0, to: 0 };
  const copyPiece = (words: Int32Array, from: number): void => {
    piece = { from, to: Math.min(from + pieceWords, words.length) };
    const bytes = new Uint8Array(words.buffer, words.byteOffset + from * 4, (piece.to - from) * 4);
    arena.bytes.set(bytes, text);
  };
  return fillBlocks(name, columns, regions, ({ words, to }, from) => {
    let at = from;
    while (at < to && columns.length <= LENGTH_MAX) {
      // Each region begins with its first piece.
      if (at === 0 || at === piece.to) copyPiece(words, at);
      const origin = text - piece.from * 4;
      at =
        (runKernel(kernel, columns, clock, undefined, origin + at * 4, origin + piece.to * 4) -
          origin) /
        4;
      if (at < piece.to && columns.length <= LENGTH_MAX) at = scan(words, at, at + recordWords);
    }
    return at;
  });
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

/** Whether `top`, the highest 16 bits of an address, can be those of a user's or the kernel's on a 64-bit machine. */
export function isCanonical(top: number): boolean {
  return top < 0x0100 || top >= 0xff00;
}

/** The unsigned 64-bit number of two words, rounded beyond 2^53. */
export function unsigned64(low: number, high: number): number {
  return (high >>> 0) * 4294967296 + (low >>> 0);
}
