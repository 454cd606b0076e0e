import { inflateRawSync } from 'node:zlib';

import { type AccessBlock, BLOCK_ACCESSES, type Interval, type TouchInterval } from '../block.ts';
import { TraceError } from '../errors.ts';
import { type Kernels, instantiateKernels } from '../kernels.generated.ts';
import {
  Codec,
  Column,
  corrupt,
  DIRECTORY_ENTRY_BYTES,
  Encoding,
  type FrameHeader,
  type FramePlace,
  placeText,
} from './layout.ts';
import { controlBytes, decodeStream, streamBound, WIDTH_SETS } from './stream-vbyte.ts';
import { decodeSignedVarints, decodeVarint } from './varint.ts';

/** Decodes payloads into one set of columns, which the next block overwrites. */
export interface BlockDecoder {
  /** @throws TRACE_CORRUPT where the payload is not what its header says. */
  decode(header: FrameHeader, stored: Uint8Array, place: FramePlace): AccessBlock;
  /** Only checks the payload, and gives the page numbers that it brings. */
  newPageNumbers(header: FrameHeader, stored: Uint8Array, place: FramePlace): Float64Array;
}

/** A decoder with a WebAssembly memory of its own. */
export function createBlockDecoder(): BlockDecoder {
  const arena = createArena();
  const lines = new Uint8Array(BLOCK_ACCESSES);
  const threads = new Uint16Array(BLOCK_ACCESSES);

  const open = (header: FrameHeader, stored: Uint8Array, place: FramePlace): Payload => {
    if (header.accesses > BLOCK_ACCESSES)
      throw corrupt(place, `${header.accesses} accesses are more than a block's ${BLOCK_ACCESSES}`);
    checkHash(arena, header, stored, place);
    return directory(load(arena, header, stored, place), header, place);
  };

  return {
    newPageNumbers: (header, stored, place) => newPages(open(header, stored, place)),
    decode(header, stored, place) {
      const payload = open(header, stored, place);
      const length = header.accesses;
      const interval = readInterval(payload);
      const touches = readTouches(payload);
      const time = readTimes(payload, arena, interval);
      return {
        length,
        page: readPages(payload, arena),
        write: readWrites(payload, arena),
        ...(time && { time }),
        ...(payload.columns.has(Column.line) && { line: readLines(payload, lines) }),
        ...(payload.columns.has(Column.thread) && { thread: readThreads(payload, threads) }),
        ...(payload.columns.has(Column.weight) && { weight: readWeights(payload, arena) }),
        ...(interval && { interval }),
        newPageFirst: header.newPageFirst,
        newPageNumber: newPages(payload),
        ...(touches && { touches }),
      };
    },
  };
}

/** Where the kernels read and write: the payload's bytes, then the columns. */
interface Arena {
  readonly kernels: Kernels;
  /** Views over the memory, made again when it grows. */
  input: Uint8Array;
  page: Uint32Array;
  write: Uint8Array;
  time: Float64Array;
  weight: Uint32Array;
  /** Four lanes of the largest page id. */
  largest: Uint32Array;
  reserve(inputBytes: number): void;
}

function createArena(): Arena {
  const { kernels, memory } = instantiateKernels(1);
  // A kernel writes whole vectors, so every column has a vector to spare.
  const pageAt = kernels.heapBase();
  const writeAt = pageAt + BLOCK_ACCESSES * 4 + 16;
  const timeAt = writeAt + BLOCK_ACCESSES + 16;
  const weightAt = timeAt + BLOCK_ACCESSES * 8 + 32;
  const largestAt = weightAt + BLOCK_ACCESSES * 4 + 16;
  const inputAt = largestAt + 16;
  const arena = { kernels } as Arena;
  arena.reserve = (inputBytes) => {
    // A broken control stream reads past its column: at most 16 bytes a group of one block.
    const needed = inputAt + inputBytes + streamBound(BLOCK_ACCESSES) + 16;
    const missing = needed - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65_536));
    else if (arena.input !== undefined) return;
    const { buffer } = memory;
    arena.page = new Uint32Array(buffer, pageAt, BLOCK_ACCESSES);
    arena.write = new Uint8Array(buffer, writeAt, BLOCK_ACCESSES);
    arena.time = new Float64Array(buffer, timeAt, BLOCK_ACCESSES);
    arena.weight = new Uint32Array(buffer, weightAt, BLOCK_ACCESSES);
    arena.largest = new Uint32Array(buffer, largestAt, 4);
    arena.input = new Uint8Array(buffer, inputAt);
  };
  arena.reserve(1 << 18);
  return arena;
}

function checkHash(arena: Arena, header: FrameHeader, stored: Uint8Array, place: FramePlace): void {
  arena.reserve(stored.length);
  arena.input.set(stored);
  if (arena.kernels.payloadHash(arena.input.byteOffset, stored.length) >>> 0 !== header.payloadHash)
    throw corrupt(place, 'the payload does not match its checksum');
}

/** The payload as it was before it was compressed, at the beginning of the arena's input. */
function load(
  arena: Arena,
  header: FrameHeader,
  stored: Uint8Array,
  place: FramePlace,
): Uint8Array {
  if (header.codec === Codec.replay) {
    if (header.rawBytes !== stored.length) throw corrupt(place, 'the payload has another length');
    return arena.input.subarray(0, header.rawBytes);
  }
  if (header.codec !== Codec.archive)
    throw new TraceError(
      'TRACE_UNSUPPORTED',
      `${placeText(place)}: codec ${header.codec} is not one of 0 and 1; read it with a newer tierlab`,
    );
  const raw = inflate(header, stored, place);
  arena.reserve(raw.length);
  arena.input.set(raw);
  return arena.input.subarray(0, raw.length);
}

/** The payload of a frame stored in the archive codec. */
export function inflate(header: FrameHeader, stored: Uint8Array, place: FramePlace): Uint8Array {
  const size = Math.max(64, header.rawBytes);
  try {
    const raw = inflateRawSync(stored, { chunkSize: size, maxOutputLength: size });
    if (raw.length === header.rawBytes) return raw;
  } catch (error) {
    throw corrupt(place, `the payload does not inflate (${(error as Error).message})`);
  }
  throw corrupt(place, `the payload does not inflate to ${header.rawBytes} bytes`);
}

/** A payload's columns, each a range of `bytes`. */
interface Payload {
  readonly bytes: Uint8Array;
  readonly header: FrameHeader;
  readonly place: FramePlace;
  readonly columns: ReadonlyMap<number, ColumnRange>;
}

interface ColumnRange {
  readonly encoding: number;
  readonly from: number;
  readonly to: number;
}

/** Columns that a reader may pass over when it does not know them have numbers from here on. */
const OPTIONAL_COLUMNS = 128;

function directory(bytes: Uint8Array, header: FrameHeader, place: FramePlace): Payload {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const columns = new Map<number, ColumnRange>();
  let from = header.columns * DIRECTORY_ENTRY_BYTES;
  if (from > bytes.length) throw corrupt(place, 'the payload is shorter than its directory');
  for (let i = 0; i < header.columns; i++) {
    const column = view.getUint8(i * DIRECTORY_ENTRY_BYTES);
    const encoding = view.getUint8(i * DIRECTORY_ENTRY_BYTES + 1);
    const to = from + view.getUint32(i * DIRECTORY_ENTRY_BYTES + 4, true);
    if (to > bytes.length) throw corrupt(place, `column ${column} ends past the payload`);
    if (column > Column.touches && column < OPTIONAL_COLUMNS)
      throw new TraceError(
        'TRACE_UNSUPPORTED',
        `${placeText(place)}: column ${column} is not known here; read it with a newer tierlab`,
      );
    if (columns.has(column)) throw corrupt(place, `column ${column} is there twice`);
    columns.set(column, { encoding, from, to });
    from = to;
  }
  if (from !== bytes.length) throw corrupt(place, 'the payload is longer than its columns');
  return { bytes, header, place, columns };
}

const badColumn = (payload: Payload, name: keyof typeof Column): TraceError =>
  corrupt(payload.place, `column ${name} is not what its directory says`);

function newPages(payload: Payload): Float64Array {
  const { header, columns, bytes } = payload;
  const column = columns.get(Column.newPage);
  if (column === undefined && header.newPages === 0) return new Float64Array(0);
  if (column === undefined) throw badColumn(payload, 'newPage');
  const { from, to, encoding } = column;
  if (encoding === Encoding.float64) {
    if (to - from !== header.newPages * 8) throw badColumn(payload, 'newPage');
    return doubles(bytes, from, to);
  }
  // Every number takes a byte at least: a wrong count does not allocate.
  if (encoding !== Encoding.varint || header.newPages > to - from)
    throw badColumn(payload, 'newPage');
  const cursor = { bytes: bytes.subarray(0, to), at: from, bad: false };
  const numbers = decodeSignedVarints(cursor, header.newPages);
  if (cursor.bad || cursor.at !== to) throw badColumn(payload, 'newPage');
  return numbers;
}

/** Runs a StreamVByte kernel over a column; the control stream must ask for exactly its data. */
function runStream(
  payload: Payload,
  name: keyof typeof Column,
  kernel: (set: number, control: number, data: number, count: number) => number,
): void {
  const column = payload.columns.get(Column[name]);
  const count = payload.header.accesses;
  if (column === undefined || column.encoding >= WIDTH_SETS.length) throw badColumn(payload, name);
  const data = column.from + controlBytes(count);
  if (data > column.to) throw badColumn(payload, name);
  const base = payload.bytes.byteOffset;
  const used = kernel(column.encoding, base + column.from, base + data, count);
  if (used !== column.to - data) throw badColumn(payload, name);
}

function readPages(payload: Payload, arena: Arena): Uint32Array {
  const { kernels, page, largest } = arena;
  const { header } = payload;
  runStream(payload, 'page', (set, control, data, count) =>
    kernels.decodeDeltas(set, control, data, count, page.byteOffset, largest.byteOffset),
  );
  const pageCount = header.newPageFirst + header.newPages;
  if (header.accesses > 0 && Math.max(...largest) >= pageCount)
    throw corrupt(payload.place, `page ${Math.max(...largest)} has no number`);
  return page;
}

function readWrites(payload: Payload, arena: Arena): Uint8Array {
  const { kernels, write } = arena;
  const column = payload.columns.get(Column.write);
  const count = payload.header.accesses;
  if (column === undefined) return write.fill(0);
  if (column.encoding !== Encoding.bitmap || column.to - column.from !== (count + 7) >> 3)
    throw badColumn(payload, 'write');
  kernels.bitsToBytes(payload.bytes.byteOffset + column.from, count, write.byteOffset);
  return write;
}

function readTimes(
  payload: Payload,
  arena: Arena,
  interval: Interval | undefined,
): Float64Array | undefined {
  const { kernels, time } = arena;
  const { header, columns, bytes } = payload;
  const column = columns.get(Column.time);
  if (column === undefined) {
    if (interval === undefined) return undefined;
    return time.fill(interval.startTime, 0, header.accesses);
  }
  if (column.encoding === Encoding.float64) {
    if (column.to - column.from !== header.accesses * 8) throw badColumn(payload, 'time');
    const values = doubles(bytes, column.from, column.to);
    for (let i = 0; i < values.length; i++)
      if (!(values[i] >= values[Math.max(0, i - 1)])) throw badColumn(payload, 'time');
    time.set(values);
    return time;
  }
  const isNear = header.lastTime - header.firstTime < 2 ** 31;
  const decode = isNear ? kernels.decodeNearTimes : kernels.decodeTimes;
  runStream(payload, 'time', (set, control, data, count) =>
    decode(set, control, data, count, header.firstTime, time.byteOffset),
  );
  if (header.accesses > 0 && time[header.accesses - 1] !== header.lastTime)
    throw badColumn(payload, 'time');
  return time;
}

function readWeights(payload: Payload, arena: Arena): Uint32Array {
  const { kernels, weight } = arena;
  runStream(payload, 'weight', (set, control, data, count) =>
    kernels.decodeValues(set, control, data, count, weight.byteOffset),
  );
  return weight;
}

function readLines(payload: Payload, out: Uint8Array): Uint8Array {
  const column = payload.columns.get(Column.line)!;
  if (column.encoding !== Encoding.bytes || column.to - column.from !== payload.header.accesses)
    throw badColumn(payload, 'line');
  out.set(payload.bytes.subarray(column.from, column.to));
  return out;
}

function readThreads(payload: Payload, out: Uint16Array): Uint16Array {
  const { from, to, encoding } = payload.columns.get(Column.thread)!;
  const count = payload.header.accesses;
  const cursor = {
    bytes: payload.bytes.subarray(0, to),
    at: from,
    bad: encoding !== Encoding.runs,
  };
  let i = 0;
  while (!cursor.bad && cursor.at < to) {
    const end = i + decodeVarint(cursor);
    const thread = decodeVarint(cursor);
    if (end > count || end === i || thread > 0xffff) cursor.bad = true;
    else out.fill(thread, i, end);
    i = end;
  }
  if (cursor.bad || i !== count) throw badColumn(payload, 'thread');
  return out;
}

function readInterval(payload: Payload): Interval | undefined {
  const column = payload.columns.get(Column.interval);
  if (column === undefined) return undefined;
  if (column.to - column.from !== 16) throw badColumn(payload, 'interval');
  const [startTime, endTime] = doubles(payload.bytes, column.from, column.to);
  return { startTime, endTime };
}

const TOUCH_HEADER_BYTES = 32;

function readTouches(payload: Payload): TouchInterval[] | undefined {
  const column = payload.columns.get(Column.touches);
  if (column === undefined) return undefined;
  const { bytes } = payload;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const touches: TouchInterval[] = [];
  let at = column.from;
  while (at < column.to) {
    if (at + TOUCH_HEADER_BYTES > column.to) throw badColumn(payload, 'touches');
    const count = view.getUint32(at + 16, true);
    const encoding = view.getUint32(at + 20, true);
    const from = at + TOUCH_HEADER_BYTES;
    const to = from + view.getUint32(at + 24, true);
    const first = view.getUint32(at + 28, true);
    // Four pages take a byte at least, in either encoding: a wrong count does not allocate.
    if (to > column.to || count > (to - from) * 8) throw badColumn(payload, 'touches');
    const page = new Uint32Array(count);
    const good =
      encoding === Encoding.bitmap
        ? touchesOfBitmap(bytes.subarray(from, to), first, page)
        : touchesOfGaps(encoding, bytes, from, to, first, page);
    const pageCount = payload.header.newPageFirst + payload.header.newPages;
    if (!good || (count > 0 && page[count - 1] >= pageCount)) throw badColumn(payload, 'touches');
    touches.push({
      startTime: view.getFloat64(at, true),
      endTime: view.getFloat64(at + 8, true),
      page,
    });
    at = to;
  }
  return touches;
}

function touchesOfBitmap(bits: Uint8Array, first: number, page: Uint32Array): boolean {
  let count = 0;
  for (let i = 0; i < bits.length; i++) {
    for (let left = bits[i]; left !== 0; left &= left - 1) {
      page[count++] = first + i * 8 + 31 - Math.clz32(left & -left);
    }
  }
  return count === page.length;
}

function touchesOfGaps(
  set: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  first: number,
  page: Uint32Array,
): boolean {
  if (set >= WIDTH_SETS.length || from + controlBytes(page.length) > to) return false;
  if (decodeStream(set, bytes, from, page.length, page) !== to) return false;
  let last = first;
  for (let i = 0; i < page.length; i++) {
    const id = i === 0 ? first : last + page[i] + 1;
    if (id > 0xffff_ffff) return false;
    page[i] = id;
    last = id;
  }
  return true;
}

function doubles(bytes: Uint8Array, from: number, to: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float64Array.from({ length: (to - from) / 8 }, (_, i) =>
    view.getFloat64(from + i * 8, true),
  );
}
