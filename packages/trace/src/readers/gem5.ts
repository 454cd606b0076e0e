import { type AccessBlock, type AccessTrace, BLOCK_ACCESSES } from '../block.ts';
import {
  appendAddress,
  clear,
  type Columns,
  createColumns,
  filledBlock,
  releaseColumns,
} from '../columns.ts';
import { type ByteQueue, createByteQueue, fill, takeNow } from '../decompress/byte-queue.ts';
import { TraceError } from '../errors.ts';
import { leaveOut } from '../scan.ts';
import type { TraceContent } from '../source.ts';
import type { FormatOptions, TraceFormat } from './format.ts';

/**
 * gem5's packet traces, as CommMonitor's MemTraceProbe writes them: after a magic number, protobuf
 * messages each led by its length, first a header, then a packet each.
 *
 * Source: gem5 src/proto/packet.proto; src/proto/protoio.cc; src/mem/packet.hh, MemCmd::Command.
 */
export const gem5: TraceFormat = {
  name: 'gem5',
  summary: "gem5's packet traces (protobuf)",
  options: [],
  score: (head) => (MAGIC.every((byte, i) => head.bytes[i] === byte) ? 100 : 0),
  open(content, options): AccessTrace {
    const leftOut = new Map<string, number>();
    const hz = tickFrequency(content);
    return {
      declaration: {
        format: 'gem5',
        level: 'memory',
        addressSpace: 'physical',
        clock: 'nanoseconds',
        clockHz: 1e9,
        pageShift: 12,
        threads: false,
        writes: true,
      },
      leftOut,
      blocks() {
        leftOut.clear();
        return packetBlocks(content, options, leftOut, 1e9 / hz);
      },
    };
  },
};

const MAGIC = [0x67, 0x65, 0x6d, 0x35];
const MESSAGE_BYTES_MAX = 1 << 20;

// The numbers move between versions; these have stood since 2012.
// ReadReq, soft and hard prefetches, ReadExReq, ReadCleanReq, ReadSharedReq.
const READS: ReadonlySet<number> = new Set([1, 11, 12, 13, 22, 24, 25]);
// WriteReq, WritebackDirty, WriteClean, WriteLineReq.
const WRITES: ReadonlySet<number> = new Set([4, 7, 9, 16]);

// Fields of a packet, by number.
const TICK = 1;
const COMMAND = 2;
const ADDRESS = 3;
// Of the header.
const TICK_FREQUENCY = 3;

/** One message's whole-number fields 1 to 7, as halves. */
interface Fields {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** A bit for each field that is there. */
  present: number;
}

function createFields(): Fields {
  return { low: new Int32Array(8), high: new Int32Array(8), present: 0 };
}

function tickFrequency(content: TraceContent): number {
  const { bytes } = content.head;
  const length = readVarint(bytes, 4, bytes.length);
  const fields = createFields();
  const end = length.next + length.low;
  if (length.next === 0 || end > bytes.length || !readFields(fields, bytes, length.next, end))
    throw new TraceError('TRACE_BAD_RECORD', `${content.name}: byte 4: expected a packet header`);
  const hz = valueOf(fields, TICK_FREQUENCY);
  if (hz > 0) return hz;
  throw new TraceError(
    'TRACE_BAD_RECORD',
    `${content.name}: byte 4: the header has no tick frequency`,
  );
}

async function* packetBlocks(
  content: TraceContent,
  options: FormatOptions,
  leftOut: Map<string, number>,
  nanosecondsOfTick: number,
): AsyncGenerator<AccessBlock> {
  const columns = createColumns(content.name, { time: true, line: true }, options.pageLimit);
  try {
    yield* readPackets(content, columns, leftOut, nanosecondsOfTick);
  } finally {
    releaseColumns(columns);
  }
}

async function* readPackets(
  content: TraceContent,
  columns: Columns,
  leftOut: Map<string, number>,
  nanosecondsOfTick: number,
): AsyncGenerator<AccessBlock> {
  const { name } = content;
  const queue = createByteQueue(content.bytes());
  await fill(queue, 4);
  takeNow(queue, 4);
  const fields = createFields();
  for (let isHeader = true; ; isHeader = false) {
    const offset = queue.taken;
    const message = await nextMessage(content, queue);
    if (message === undefined) break;
    if (isHeader) continue;
    if (!readFields(fields, message, 0, message.length) || (fields.present & 0b1110) !== 0b1110) {
      if (!content.lenient)
        throw badPacket(name, offset, 'a packet with tick, command and address');
      leaveOut(leftOut, 'record not understood');
      continue;
    }
    const command = fields.low[COMMAND];
    if (!READS.has(command) && !WRITES.has(command)) {
      leaveOut(leftOut, 'neither read nor write');
      continue;
    }
    const time = Math.floor(valueOf(fields, TICK) * nanosecondsOfTick);
    appendAddress(
      columns,
      fields.low[ADDRESS],
      fields.high[ADDRESS],
      WRITES.has(command) ? 1 : 0,
      time,
    );
    if (columns.length < BLOCK_ACCESSES) continue;
    yield filledBlock(columns);
    clear(columns);
  }
  if (columns.length > 0) {
    yield filledBlock(columns);
    clear(columns);
  }
  if (columns.taken === 0) throw new TraceError('TRACE_EMPTY', `${name}: no access in it`);
}

// The bytes of the next message, valid until the one after it; undefined at the end.
async function nextMessage(
  content: TraceContent,
  queue: ByteQueue,
): Promise<Uint8Array | undefined> {
  if (queue.waiting.length < 10 && (await fill(queue, 10)) === 0) return undefined;
  const length = readVarint(queue.waiting, 0, queue.waiting.length);
  const size = length.low >>> 0;
  if (length.next === 0 || length.high !== 0 || size > MESSAGE_BYTES_MAX) {
    if (content.lenient && queue.ended) return undefined;
    throw badPacket(content.name, queue.taken, 'the length of a message');
  }
  if (
    queue.waiting.length < length.next + size &&
    (await fill(queue, length.next + size)) < length.next + size
  ) {
    if (content.lenient) return undefined;
    throw new TraceError(
      'TRACE_TRUNCATED',
      `${content.name}: byte ${queue.taken}: the source ends inside a message; pass --lenient to read up to here`,
    );
  }
  takeNow(queue, length.next);
  return takeNow(queue, size);
}

// One object, filled anew by each call: the number read, and the index after it or 0.
const varint = { low: 0, high: 0, next: 0 };

function readVarint(bytes: Uint8Array, from: number, to: number): typeof varint {
  let low = 0;
  let high = 0;
  varint.next = 0;
  for (let at = from, shift = 0; at < to && shift < 70; at++, shift += 7) {
    const bits = bytes[at] & 127;
    if (shift < 32) low |= bits << shift;
    if (shift === 28) high |= bits >>> 4;
    if (shift > 28) high |= bits << (shift - 32);
    if (bytes[at] > 127) continue;
    varint.next = at + 1;
    break;
  }
  varint.low = low;
  varint.high = high;
  return varint;
}

// False where the bytes are not a message. Source: protobuf encoding guide, "Message Structure".
function readFields(fields: Fields, bytes: Uint8Array, from: number, to: number): boolean {
  fields.present = 0;
  for (let at = from; at < to;) {
    const tag = readVarint(bytes, at, to);
    if (tag.next === 0) return false;
    at = tag.next;
    const field = tag.low >>> 3;
    const wire = tag.low & 7;
    if (wire === 0) {
      const value = readVarint(bytes, at, to);
      if (value.next === 0) return false;
      at = value.next;
      if (field > 7) continue;
      fields.low[field] = value.low;
      fields.high[field] = value.high;
      fields.present |= 1 << field;
    } else if (wire === 2) {
      const length = readVarint(bytes, at, to);
      if (length.next === 0 || length.high !== 0) return false;
      at = length.next + (length.low >>> 0);
    } else if (wire === 1 || wire === 5) {
      at += wire === 1 ? 8 : 4;
    } else {
      return false;
    }
    if (at > to) return false;
  }
  return true;
}

function valueOf(fields: Fields, field: number): number {
  if ((fields.present & (1 << field)) === 0) return 0;
  return (fields.high[field] >>> 0) * 4294967296 + (fields.low[field] >>> 0);
}

function badPacket(name: string, offset: number, expected: string): TraceError {
  return new TraceError('TRACE_BAD_RECORD', `${name}: byte ${offset}: expected ${expected}`);
}
