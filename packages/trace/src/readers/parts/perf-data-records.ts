import { type ByteQueue, createByteQueue, fill, take } from '../../decompress/byte-queue.ts';
import { TraceError } from '../../errors.ts';
import { leaveOut } from '../../scan.ts';
import type { TraceContent } from '../../source.ts';

/**
 * The records of a perf.data file.
 *
 * Source: Linux tools/perf/util/header.h, struct perf_file_header; tools/perf/Documentation/
 * perf.data-file-format.txt; include/uapi/linux/perf_event.h, PERF_RECORD_SAMPLE, 6.12.
 */
export interface PerfHeader {
  readonly events: readonly PerfEvent[];
  readonly dataOffset: number;
  /** Bytes of records; 0 where perf was killed before it wrote how many. */
  readonly dataSize: number;
}

/** One `perf_event_attr`, and the ids of its counters. */
export interface PerfEvent {
  readonly isTracepoint: boolean;
  readonly period: number;
  readonly sampleType: number;
  readonly readFormat: number;
  readonly ids: readonly number[];
}

/** The parts of a sample that a trace is made of; what it lacks is 0 or -1. */
export interface PerfSample {
  readonly time: number;
  readonly thread: number;
  readonly addressLow: number;
  readonly addressHigh: number;
  readonly period: number;
  readonly sourceLow: number;
  readonly raw: Uint8Array | undefined;
}

const SAMPLE_IP = 0;
const SAMPLE_THREAD = 1;
const SAMPLE_TIME = 2;
/** Bits of `sample_type` by number. */
export const SAMPLE_ADDRESS = 3;
const SAMPLE_READ = 4;
const SAMPLE_CALLCHAIN = 5;
const SAMPLE_ID = 6;
const SAMPLE_CPU = 7;
export const SAMPLE_PERIOD = 8;
const SAMPLE_STREAM_ID = 9;
export const SAMPLE_RAW = 10;
const SAMPLE_BRANCH_STACK = 11;
const SAMPLE_REGISTERS = 12;
const SAMPLE_STACK = 13;
const SAMPLE_WEIGHT = 14;
export const SAMPLE_DATA_SOURCE = 15;
const SAMPLE_IDENTIFIER = 16;
const SAMPLE_WEIGHT_STRUCT = 24;

/** Whether the samples of `event` have the field of this bit. */
export function hasField(event: PerfEvent, bit: number): boolean {
  return (event.sampleType & (1 << bit)) !== 0;
}

const HEADER_BYTES = 104;
const ATTRIBUTE_TRACEPOINT = 2;
const EVENTS_MAX = 10_000;

/**
 * The header and the events of a file that begins with `bytes`.
 * @throws TRACE_UNSUPPORTED, TRACE_BAD_RECORD
 */
export function readPerfHeader(name: string, bytes: Uint8Array): PerfHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 16) throw truncated(name, bytes.length);
  if (number64(view, 8) === 16)
    throw new TraceError(
      'TRACE_UNSUPPORTED',
      `${name}: perf wrote this to a pipe; save a file with perf record -o, or import its perf script text`,
    );
  if (bytes.length < HEADER_BYTES) throw truncated(name, bytes.length);
  const attributeBytes = number64(view, 16);
  const attributes = number64(view, 24);
  const count = number64(view, 32) / attributeBytes;
  const end = attributes + count * attributeBytes;
  if (
    !(attributeBytes >= 64 + 16 && attributeBytes <= 1024) ||
    !(Number.isInteger(count) && count > 0 && count <= EVENTS_MAX) ||
    end > bytes.length
  )
    throw new TraceError(
      'TRACE_BAD_RECORD',
      `${name}: byte 16: expected the events within the first ${bytes.length} bytes`,
    );
  const events = Array.from({ length: count }, (_, i) =>
    readEvent(view, attributes + i * attributeBytes, attributeBytes),
  );
  return { events, dataOffset: number64(view, 40), dataSize: number64(view, 48) };
}

function readEvent(view: DataView, at: number, size: number): PerfEvent {
  const idsOffset = number64(view, at + size - 16);
  const idCount = Math.floor(number64(view, at + size - 8) / 8);
  const ids: number[] = [];
  for (let i = 0; i < idCount && idsOffset + 8 * i + 8 <= view.byteLength; i++)
    ids.push(number64(view, idsOffset + 8 * i));
  return {
    isTracepoint: view.getUint32(at, true) === ATTRIBUTE_TRACEPOINT,
    period: number64(view, at + 16),
    sampleType: view.getUint32(at + 24, true),
    readFormat: view.getUint32(at + 32, true),
    ids,
  };
}

const RECORD_SAMPLE = 9;
const RECORD_FINISHED_ROUND = 68;
const RECORD_COMPRESSED = new Set([81, 83]);
// Records between two rounds: more than the ring buffers of any machine hold.
const HELD_SAMPLES_MAX = 1 << 22;

/**
 * The samples of a file in the order of their time. Each CPU's are in order and the CPUs take turns, so
 * that all before the end of the last but one round are final.
 *
 * Source: Linux tools/perf/util/ordered-events.c, __ordered_events__flush, OE_FLUSH__ROUND.
 */
export async function* samplesInTime(
  content: TraceContent,
  header: PerfHeader,
  leftOut: Map<string, number>,
): AsyncGenerator<PerfSample> {
  let held: PerfSample[] = [];
  let latest = 0;
  let roundEnd = 0;
  for await (const sample of readRecords(content, header, leftOut)) {
    if (sample !== undefined) {
      held.push(sample);
      latest = Math.max(latest, sample.time);
      if (held.length < HELD_SAMPLES_MAX) continue;
    }
    const upTo = roundEnd;
    roundEnd = latest;
    held.sort((a, b) => a.time - b.time);
    const final = held.findIndex(({ time }) => time > upTo);
    const count = final < 0 ? held.length : final;
    if (count === 0) continue;
    yield* held.slice(0, count);
    held = held.slice(count);
  }
  held.sort((a, b) => a.time - b.time);
  yield* held;
}

// Samples as they come, and undefined at the end of a round.
async function* readRecords(
  content: TraceContent,
  header: PerfHeader,
  leftOut: Map<string, number>,
): AsyncGenerator<PerfSample | undefined> {
  const { name, lenient } = content;
  const queue = createByteQueue(content.bytes());
  const byId = new Map(
    header.events.flatMap((event) => event.ids.map((id) => [id, event] as const)),
  );
  try {
    await skip(queue, header.dataOffset);
    const end = header.dataSize === 0 ? Infinity : header.dataOffset + header.dataSize;
    while (queue.taken < end && (await fill(queue, 1)) > 0) {
      const offset = queue.taken;
      const head = viewOf(await take(queue, 8, 'a record'));
      const type = head.getUint32(0, true);
      const size = head.getUint16(6, true);
      if (size < 8) throw badRecord(name, offset, `a size of 8 or more, got ${size}`);
      if (RECORD_COMPRESSED.has(type))
        throw new TraceError(
          'TRACE_UNSUPPORTED',
          `${name}: byte ${offset}: perf compressed its records; run perf inject, or import its perf script text`,
        );
      const body = await take(queue, size - 8, 'a record');
      if (type === RECORD_FINISHED_ROUND) yield undefined;
      if (type !== RECORD_SAMPLE) continue;
      const sample = readSample(header, byId, viewOf(body));
      if (sample !== undefined) yield sample;
      else if (lenient) leaveOut(leftOut, 'record not understood');
      else throw badRecord(name, offset, 'a sample that fits its record');
    }
    if (queue.taken < end && end !== Infinity) throw new Error('it ends before its last record');
  } catch (error) {
    if (error instanceof TraceError || !(error instanceof Error)) throw error;
    if (lenient) return;
    throw new TraceError(
      'TRACE_TRUNCATED',
      `${name}: byte ${queue.taken}: ${error.message}; pass --lenient to read up to here`,
      { cause: error },
    );
  }
}

async function skip(queue: ByteQueue, size: number): Promise<void> {
  for (let left = size; left > 0;)
    left -= (await take(queue, Math.min(left, 1 << 16), 'its header')).length;
}

// Fields stand in the order of the ABI, which is not that of their bits. Undefined where they do not fit.
function readSample(
  header: PerfHeader,
  byId: ReadonlyMap<number, PerfEvent>,
  body: DataView,
): PerfSample | undefined {
  let event: PerfEvent | undefined = header.events[0];
  if (header.events.length > 1) {
    const at = idOffset(event);
    if (at === undefined || at + 8 > body.byteLength) return undefined;
    event = byId.get(number64(body, at));
    if (event === undefined) return undefined;
  }
  try {
    return readFields(event, body);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

// Where the id of a sample stands: first, or after what comes before it.
function idOffset(event: PerfEvent): number | undefined {
  if (hasField(event, SAMPLE_IDENTIFIER)) return 0;
  if (!hasField(event, SAMPLE_ID)) return undefined;
  return (
    8 *
    [SAMPLE_IP, SAMPLE_THREAD, SAMPLE_TIME, SAMPLE_ADDRESS].filter((bit) => hasField(event, bit))
      .length
  );
}

function readFields(event: PerfEvent, body: DataView): PerfSample {
  let at = 0;
  const has = (bit: number): boolean => hasField(event, bit);
  const next = (bit: number): number => (has(bit) ? (at += 8) - 8 : -1);
  next(SAMPLE_IDENTIFIER);
  next(SAMPLE_IP);
  const thread = next(SAMPLE_THREAD);
  const time = next(SAMPLE_TIME);
  const address = next(SAMPLE_ADDRESS);
  next(SAMPLE_ID);
  next(SAMPLE_STREAM_ID);
  next(SAMPLE_CPU);
  const period = next(SAMPLE_PERIOD);
  if (has(SAMPLE_READ)) at += readFormatBytes(event.readFormat, body, at);
  if (has(SAMPLE_CALLCHAIN)) at += 8 + 8 * count(body, at);
  let raw: Uint8Array | undefined;
  if (has(SAMPLE_RAW)) {
    const size = body.getUint32(at, true);
    if (at + 4 + size > body.byteLength) throw new RangeError('raw data leaves its record');
    raw = new Uint8Array(body.buffer, body.byteOffset + at + 4, size).slice();
    at += 4 + size;
  }
  // What follows is looked at for the data source alone, and its size is known without registers and stacks.
  let source = -1;
  const isSized = ![SAMPLE_BRANCH_STACK, SAMPLE_REGISTERS, SAMPLE_STACK].some(has);
  if (isSized && has(SAMPLE_DATA_SOURCE)) {
    if (has(SAMPLE_WEIGHT) || has(SAMPLE_WEIGHT_STRUCT)) at += 8;
    source = at;
  }
  return {
    time: time < 0 ? 0 : number64(body, time),
    thread: thread < 0 ? -1 : body.getInt32(thread + 4, true),
    addressLow: address < 0 ? 0 : body.getInt32(address, true),
    addressHigh: address < 0 ? 0 : body.getInt32(address + 4, true),
    period: period < 0 ? 1 : Math.min(number64(body, period), 0xffffffff),
    sourceLow: source < 0 ? 0 : body.getInt32(source, true),
    raw,
  };
}

// value, time enabled, time running, id, lost; or a count of values with an id and lost for each.
function readFormatBytes(format: number, body: DataView, at: number): number {
  const times = (format & 1 ? 8 : 0) + (format & 2 ? 8 : 0);
  const each = 8 + (format & 4 ? 8 : 0) + (format & 16 ? 8 : 0);
  return format & 8 ? 8 + times + each * count(body, at) : times + each;
}

function count(body: DataView, at: number): number {
  const value = number64(body, at);
  if (value * 8 > body.byteLength) throw new RangeError('a list leaves its record');
  return value;
}

function number64(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) * 4294967296 + view.getUint32(at, true);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function truncated(name: string, size: number): TraceError {
  return new TraceError(
    'TRACE_TRUNCATED',
    `${name}: byte ${size}: the source ends inside its header`,
  );
}

function badRecord(name: string, offset: number, expected: string): TraceError {
  return new TraceError('TRACE_BAD_RECORD', `${name}: byte ${offset}: expected ${expected}`);
}
