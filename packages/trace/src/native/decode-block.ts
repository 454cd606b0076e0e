import { type AccessBlock, BLOCK_ACCESSES, type Interval } from '../block.ts';
import { type Arena, giveBackArena, takeArena } from './arena.ts';
import { readTouches } from './decode-touches.ts';
import { Column, corrupt, Encoding, type FrameHeader, type FramePlace } from './layout.ts';
import { packedGroups, packedHeadBytes } from './packed.ts';
import { badColumn, type ColumnRange, doubles, openPayload, type Payload } from './payload.ts';
import { controlBytes, WIDTH_SETS } from './stream-vbyte.ts';
import { decodeSignedVarints, decodeVarint } from './varint.ts';

/** Decodes payloads into one set of columns, which the next block overwrites. */
export interface BlockDecoder {
  /** @throws TRACE_CORRUPT where the payload is not what its header says. */
  decode(header: FrameHeader, stored: Uint8Array, place: FramePlace): AccessBlock;
  /** Only checks the payload, and gives the page numbers that it brings. */
  newPageNumbers(header: FrameHeader, stored: Uint8Array, place: FramePlace): Float64Array;
  /** Ends the decoding; nobody may read the last block any more. */
  end(): void;
}

/** A decoder with a WebAssembly memory of its own. */
export function createBlockDecoder(): BlockDecoder {
  const arena = takeArena();
  let lines: Uint8Array | undefined;
  let threads: ThreadColumn | undefined;
  return {
    newPageNumbers: (header, stored, place) => newPages(openPayload(arena, header, stored, place)),
    end: () => giveBackArena(arena),
    decode(header, stored, place) {
      const payload = openPayload(arena, header, stored, place);
      const length = header.accesses;
      const interval = readInterval(payload);
      const touches = readTouches(payload, arena);
      const time = readTimes(payload, arena, interval);
      return {
        length,
        page: readPages(payload, arena),
        write: readWrites(payload, arena),
        ...(time && { time }),
        ...(payload.columns.has(Column.line) && {
          line: readLines(payload, (lines ??= new Uint8Array(BLOCK_ACCESSES))),
        }),
        ...(payload.columns.has(Column.thread) && {
          thread: readThreads(payload, (threads ??= createThreadColumn())),
        }),
        ...(payload.columns.has(Column.weight) && { weight: readWeights(payload, arena) }),
        ...(interval && { interval }),
        newPageFirst: header.newPageFirst,
        newPageNumber: newPages(payload),
        ...(touches && { touches }),
      };
    },
  };
}

const NO_PAGES = new Float64Array(0);

function newPages(payload: Payload): Float64Array {
  const { header, columns, bytes } = payload;
  const column = columns.get(Column.newPage);
  if (column === undefined && header.newPages === 0) return NO_PAGES;
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
  if (payload.columns.get(Column.page)?.encoding === Encoding.packed) unpackPages(payload, arena);
  else
    runStream(payload, 'page', (set, control, data, count) =>
      kernels.decodeDeltas(set, control, data, count, page.byteOffset, largest.byteOffset),
    );
  const pageCount = header.newPageFirst + header.newPages;
  const last = Math.max(largest[0], largest[1], largest[2], largest[3]);
  if (header.accesses > 0 && last >= pageCount)
    throw corrupt(payload.place, `page ${last} has no number`);
  return page;
}

function unpackPages(payload: Payload, { kernels, page, largest }: Arena): void {
  const count = payload.header.accesses;
  const { from, to } = payload.columns.get(Column.page)!;
  const data = from + packedHeadBytes(count);
  if (data > to) throw badColumn(payload, 'page');
  const heads = payload.bytes.byteOffset + from;
  const groups = packedGroups(count);
  const { newPageFirst, newPages } = payload.header;
  const used = kernels.decodePacked(
    heads,
    groups,
    page.byteOffset,
    newPageFirst + newPages,
    largest.byteOffset,
  );
  if (used !== to - data) throw badColumn(payload, 'page');
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
  const isNear = header.lastTime - header.firstTime < 2 ** 32;
  if (column.encoding === Encoding.sparse && isNear) spreadTimes(payload, arena, column);
  else {
    const decode = isNear ? kernels.decodeNearTimes : kernels.decodeTimes;
    runStream(payload, 'time', (set, control, data, count) =>
      decode(set, control, data, count, header.firstTime, time.byteOffset),
    );
  }
  if (header.accesses > 0 && time[header.accesses - 1] !== header.lastTime)
    throw badColumn(payload, 'time');
  return time;
}

function spreadTimes(payload: Payload, { kernels, time }: Arena, { from, to }: ColumnRange): void {
  const { accesses, firstTime } = payload.header;
  const base = payload.bytes.byteOffset;
  const used = kernels.decodeSparseTimes(
    base + from,
    base + to,
    accesses,
    firstTime,
    time.byteOffset,
  );
  if (used !== to - from) throw badColumn(payload, 'time');
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

/** A column of threads, and how many of its first entries are its first thread: most traces have no other. */
interface ThreadColumn {
  readonly thread: Uint16Array;
  same: number;
}

const createThreadColumn = (): ThreadColumn => ({
  thread: new Uint16Array(BLOCK_ACCESSES),
  same: BLOCK_ACCESSES,
});

function readThreads(payload: Payload, column: ThreadColumn): Uint16Array {
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
    else fillThreads(column, thread, i, end);
    i = end;
  }
  if (cursor.bad || i !== count) throw badColumn(payload, 'thread');
  return column.thread;
}

function fillThreads(column: ThreadColumn, id: number, from: number, to: number): void {
  const { thread } = column;
  if (from === 0 && thread[0] === id && to <= column.same) return;
  thread.fill(id, from, to);
  if (from === 0) column.same = to;
  else column.same = Math.min(column.same, from);
}

function readInterval(payload: Payload): Interval | undefined {
  const column = payload.columns.get(Column.interval);
  if (column === undefined) return undefined;
  if (column.to - column.from !== 16) throw badColumn(payload, 'interval');
  const [startTime, endTime] = doubles(payload.bytes, column.from, column.to);
  return { startTime, endTime };
}
