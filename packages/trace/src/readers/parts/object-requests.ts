import { type AccessTrace, BLOCK_ACCESSES } from '../../block.ts';
import { appendPage, type Columns, createColumns } from '../../columns.ts';
import { type Span, wholeRecordBytes } from '../../regions.ts';
import { fillBlocks } from '../../scan.ts';
import type { TraceContent } from '../../source.ts';
import type { FormatOptions } from '../format.ts';
import { type RecordTally, refuseRecord } from './record-trace.ts';

/**
 * What libCacheSim's operations do to an object, by their number: 0 reads, 1 writes, 2 is no operation.
 *
 * nop, get, gets, set, add, cas, replace, append, prepend, delete, incr, decr, read, write, update.
 *
 * Source: libCacheSim include/libCacheSim/enum.h, req_op_e.
 */
export const OPERATION_KIND: readonly number[] = [2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1];

/** Where the parts of a record of an object request are. */
export interface RequestLayout {
  /** Bytes before the first record, and of a record. */
  readonly skip: number;
  readonly size: number;
  readonly object: IntegerField;
  /** Seconds; the trace has no clock where the records have none. */
  readonly time?: NumberField;
  /** Byte of the operation; every request reads where the records have none. */
  readonly operation?: number;
}

/** An integer of a record, little-endian. */
export interface IntegerField {
  /** Its first byte in the record. */
  readonly at: number;
  readonly bytes: 1 | 2 | 4 | 8;
  readonly isSigned: boolean;
}

/** An integer, or a floating-point number of 4 or 8 bytes. */
export type NumberField = IntegerField & { readonly isFloat?: boolean };

/** A trace of object requests in the format `format`, an object a page. */
export function requestTrace(
  content: TraceContent,
  options: FormatOptions,
  format: string,
  layout: RequestLayout,
): AccessTrace {
  const leftOut = new Map<string, number>();
  const { name, lenient } = content;
  const timed = layout.time !== undefined;
  return {
    declaration: {
      format,
      level: 'cpu',
      addressSpace: 'object',
      ...(timed ? { clock: 'nanoseconds', clockHz: 1e9 } : { clock: 'accesses' }),
      pageShift: 0,
      threads: false,
      writes: layout.operation !== undefined,
    },
    leftOut,
    blocks() {
      leftOut.clear();
      const columns = createColumns(name, { time: timed }, options.pageLimit);
      const tally = { name, lenient, leftOut, offset: layout.skip };
      return fillBlocks(name, columns, recordsOf(content, layout), ({ view, to }, from) =>
        scan(layout, columns, tally, view, from, to),
      );
    },
  };
}

/** Whole records, borrowed until the next region; `from` and `to` are indexes of bytes. */
interface RequestRegion extends Span {
  readonly view: DataView;
}

async function* recordsOf(
  content: TraceContent,
  { size, skip }: RequestLayout,
): AsyncGenerator<RequestRegion> {
  for await (const { buffer, byteOffset, length } of wholeRecordBytes(content, size, skip))
    yield { view: new DataView(buffer, byteOffset, length), from: 0, to: length };
}

const SECOND = 1e9;
/** No operation is told: a request all the same. Source: as {@link OPERATION_KIND}, OP_INVALID. */
const UNKNOWN_OPERATION = 255;

function scan(
  layout: RequestLayout,
  columns: Columns,
  tally: RecordTally,
  view: DataView,
  from: number,
  to: number,
): number {
  const { size, object, time, operation } = layout;
  let at = from;
  for (; at < to && columns.length < BLOCK_ACCESSES; at += size, tally.offset += size) {
    const told = operation === undefined ? UNKNOWN_OPERATION : view.getUint8(at + operation);
    if (told >= OPERATION_KIND.length && told !== UNKNOWN_OPERATION) {
      refuseRecord(tally, 'an operation of 0 to 14, or 255', `${told}`);
      continue;
    }
    const seconds = time === undefined ? 0 : numberAt(view, at, time);
    if (!(seconds >= 0 && seconds < SECONDS_END)) {
      refuseRecord(tally, 'a time in seconds', `${seconds}`);
      continue;
    }
    const isWrite = OPERATION_KIND[told] === 1;
    const { low, high } = wordsAt(view, at, object);
    appendPage(columns, low, high, isWrite ? 1 : 0, seconds * SECOND);
  }
  return at;
}

/** No clock of seconds has come so far. */
const SECONDS_END = 2 ** 63 / SECOND;

function numberAt(view: DataView, record: number, field: NumberField): number {
  const at = record + field.at;
  if (field.isFloat)
    return field.bytes === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
  const { low, high } = wordsAt(view, record, field);
  return high * 4294967296 + (low >>> 0);
}

/** An integer as 64 bits: two signed words. */
function wordsAt(
  view: DataView,
  record: number,
  { at, bytes, isSigned }: IntegerField,
): { readonly low: number; readonly high: number } {
  const from = record + at;
  if (bytes === 8) return { low: view.getInt32(from, true), high: view.getInt32(from + 4, true) };
  const low = smallAt(view, from, bytes, isSigned);
  return { low, high: isSigned && low < 0 ? -1 : 0 };
}

function smallAt(view: DataView, from: number, bytes: 1 | 2 | 4, isSigned: boolean): number {
  if (bytes === 4) return view.getInt32(from, true);
  if (bytes === 2) return isSigned ? view.getInt16(from, true) : view.getUint16(from, true);
  return isSigned ? view.getInt8(from) : view.getUint8(from);
}
