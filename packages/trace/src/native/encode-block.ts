import { assert } from '@tierlab/core';

import { type AccessBlock, BLOCK_ACCESSES, type TouchInterval } from '../block.ts';
import { type CodecName, Column, DIRECTORY_ENTRY_BYTES, Encoding } from './layout.ts';
import { encodePacked, packedBytes } from './packed.ts';
import { encodeSparse, sparseBytes } from './sparse.ts';
import {
  bestWidthSet,
  encodeStream,
  streamBound,
  streamBytes,
  zigzagDifferences,
} from './stream-vbyte.ts';
import { encodeSignedVarints, encodeVarint, VARINT_BYTES } from './varint.ts';

/** Which optional columns a trace keeps; `page` and `write` are always kept where the source has them. */
export interface KeptColumns {
  readonly writes: boolean;
  readonly time: boolean;
  readonly line: boolean;
  readonly thread: boolean;
  readonly weight: boolean;
}

/** A block's columns as the bytes of a payload: a directory, then the columns in its order. */
export interface EncodedBlock {
  readonly payload: Uint8Array;
  readonly columns: number;
}

/** Scratch that an encoder uses again for every block. */
export interface EncoderScratch {
  readonly values: Uint32Array;
  bytes: Uint8Array;
}

export const createEncoderScratch = (): EncoderScratch => ({
  values: new Uint32Array(BLOCK_ACCESSES),
  bytes: new Uint8Array(1 << 20),
});

/** The payload of `block` for `codec`; it borrows `scratch` until the next call. */
export function encodeBlock(
  block: AccessBlock,
  kept: KeptColumns,
  codec: CodecName,
  scratch: EncoderScratch,
): EncodedBlock {
  const { length, time, line, thread, weight, interval, touches } = block;
  const parts: ((sink: Sink) => void)[] = [];
  if (block.newPageNumber.length > 0) parts.push((sink) => putNewPages(sink, block.newPageNumber));
  parts.push((sink) => putPages(sink, block.page, length, codec));
  if (kept.writes) parts.push((sink) => putBitmap(sink, block.write, length));
  if (kept.time && time && !interval) parts.push((sink) => putTimes(sink, time, length, codec));
  if (kept.line && line)
    parts.push((sink) => putBytes(sink, Column.line, Encoding.bytes, line.subarray(0, length)));
  if (kept.thread && thread) parts.push((sink) => putRuns(sink, thread, length));
  if (kept.weight && weight) parts.push((sink) => putStream(sink, Column.weight, weight, length));
  if (interval) {
    const bounds = doubles([interval.startTime, interval.endTime]);
    parts.push((sink) => putBytes(sink, Column.interval, Encoding.float64, bounds));
  }
  if (touches && touches.length > 0) parts.push((sink) => putTouches(sink, touches));

  const sink: Sink = {
    scratch,
    directory: 0,
    at: parts.length * DIRECTORY_ENTRY_BYTES,
  };
  for (const put of parts) put(sink);
  return { payload: scratch.bytes.subarray(0, sink.at), columns: parts.length };
}

/** Where the next directory entry and the next column go in the scratch bytes. */
interface Sink {
  readonly scratch: EncoderScratch;
  directory: number;
  at: number;
}

function room(sink: Sink, bytes: number): Uint8Array {
  const { scratch, at } = sink;
  if (at + bytes > scratch.bytes.length) {
    const grown = new Uint8Array(2 * (at + bytes));
    grown.set(scratch.bytes.subarray(0, at));
    scratch.bytes = grown;
  }
  return scratch.bytes;
}

/** Enters the column that ends at `end` in the directory: u8 column, u8 encoding, u16 zero, u32 length. */
function close(sink: Sink, column: number, encoding: number, end: number): void {
  const view = new DataView(sink.scratch.bytes.buffer, sink.directory, DIRECTORY_ENTRY_BYTES);
  view.setUint8(0, column);
  view.setUint8(1, encoding);
  view.setUint16(2, 0, true);
  view.setUint32(4, end - sink.at, true);
  sink.directory += DIRECTORY_ENTRY_BYTES;
  sink.at = end;
}

function putBytes(sink: Sink, column: number, encoding: number, bytes: Uint8Array): void {
  room(sink, bytes.length).set(bytes, sink.at);
  close(sink, column, encoding, sink.at + bytes.length);
}

function putStream(sink: Sink, column: number, values: Uint32Array, count: number): void {
  const set = bestWidthSet(values, count);
  const end = encodeStream(set, values, count, room(sink, streamBound(count)), sink.at);
  close(sink, column, set, end);
}

/** Bytes of an access, with its page, write bit and time, that replay does not exceed for the sake of speed. */
const REPLAY_BYTES = 2.95;

/** Packed columns decode faster: StreamVByte has to be an eighth smaller. Deflate finds nothing in packed ones. */
function putPages(sink: Sink, page: Uint32Array, count: number, codec: CodecName): void {
  const { values } = sink.scratch;
  zigzagDifferences(page, count, values);
  const set = bestWidthSet(values, count);
  const end = encodeStream(set, values, count, room(sink, streamBound(count)), sink.at);
  const packed = codec === 'replay' ? packedBytes(page, count) : Infinity;
  if (count > 0 && end - sink.at >= packed * (7 / 8)) {
    const packedEnd = encodePacked(page, count, room(sink, packed), sink.at);
    close(sink, Column.page, Encoding.packed, packedEnd);
  } else close(sink, Column.page, set, end);
}

function putNewPages(sink: Sink, numbers: Float64Array): void {
  // An object id may be a double beyond 2^53, whose differences a double cannot hold.
  if (!numbers.every(Number.isSafeInteger)) {
    putBytes(sink, Column.newPage, Encoding.float64, doubles(numbers));
    return;
  }
  const end = encodeSignedVarints(numbers, room(sink, numbers.length * VARINT_BYTES), sink.at);
  close(sink, Column.newPage, Encoding.varint, end);
}

function putBitmap(sink: Sink, write: Uint8Array, count: number): void {
  const end = sink.at + ((count + 7) >> 3);
  const bytes = room(sink, end - sink.at);
  bytes.fill(0, sink.at, end);
  for (let i = 0; i < count; i++) bytes[sink.at + (i >> 3)] |= write[i] << (i & 7);
  close(sink, Column.write, Encoding.bitmap, end);
}

function putTimes(sink: Sink, time: Float64Array, count: number, codec: CodecName): void {
  const { values } = sink.scratch;
  let last = time[0];
  for (let i = 0; i < count; i++) {
    const difference = time[i] - last;
    assert(difference >= 0, 'time never decreases');
    values[i] = difference;
    // A fraction of a tick, or a gap of 2^32 ticks: the column is stored as it is.
    if (values[i] !== difference || !Number.isSafeInteger(time[i])) {
      putBytes(sink, Column.time, Encoding.float64, doubles(time.subarray(0, count)));
      return;
    }
    last = time[i];
  }
  // Sparse columns decode faster, for which they may cost half a byte an access, within what a payload may take.
  const isNear = last - time[0] < 2 ** 32;
  const sparse = codec === 'replay' && isNear ? sparseBytes(values, count) : Infinity;
  const most = Math.min(streamBytes(values, count) + count / 2, REPLAY_BYTES * count - sink.at);
  if (count > 0 && sparse <= most) {
    const end = encodeSparse(values, count, room(sink, sparse), sink.at);
    close(sink, Column.time, Encoding.sparse, end);
  } else putStream(sink, Column.time, values, count);
}

/** Runs of one thread: varint length, varint thread. */
function putRuns(sink: Sink, thread: Uint16Array, count: number): void {
  const bytes = room(sink, count * 2 * 3);
  let at = sink.at;
  for (let i = 0; i < count;) {
    const start = i;
    while (i < count && thread[i] === thread[start]) i++;
    at = encodeVarint(i - start, bytes, at);
    at = encodeVarint(thread[start], bytes, at);
  }
  close(sink, Column.thread, Encoding.runs, at);
}

/** By interval: f64 start, f64 end, u32 pages, u32 encoding, u32 bytes, u32 first page, then the pages. */
function putTouches(sink: Sink, touches: readonly TouchInterval[]): void {
  let at = sink.at;
  const start = sink.at;
  for (const { startTime, endTime, page } of touches) {
    const count = page.length;
    const first = count > 0 ? page[0] : 0;
    const gaps = ascendingGaps(page);
    const set = bestWidthSet(gaps, count);
    const bitmapBytes = count > 0 ? ((page[count - 1] - first) >> 3) + 1 : 0;
    const bytes = room({ ...sink, at }, 32 + streamBound(count));
    const streamEnd = encodeStream(set, gaps, count, bytes, at + 32);
    const asBitmap = bitmapBytes < streamEnd - at - 32;
    const end = asBitmap ? at + 32 + bitmapBytes : streamEnd;
    if (asBitmap) {
      bytes.fill(0, at + 32, end);
      for (const id of page) bytes[at + 32 + ((id - first) >> 3)] |= 1 << ((id - first) & 7);
    }
    const view = new DataView(bytes.buffer, at, 32);
    view.setFloat64(0, startTime, true);
    view.setFloat64(8, endTime, true);
    view.setUint32(16, count, true);
    view.setUint32(20, asBitmap ? Encoding.bitmap : set, true);
    view.setUint32(24, end - at - 32, true);
    view.setUint32(28, first, true);
    at = end;
  }
  sink.at = start;
  close(sink, Column.touches, Encoding.bytes, at);
}

/** Differences of ascending ids less one; 0 for the first, which is stored apart. */
function ascendingGaps(page: Uint32Array): Uint32Array {
  const gaps = new Uint32Array(page.length);
  for (let i = 1; i < page.length; i++) {
    assert(page[i] > page[i - 1], 'the pages of a touch interval ascend');
    gaps[i] = page[i] - page[i - 1] - 1;
  }
  return gaps;
}

function doubles(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i], true);
  return bytes;
}
