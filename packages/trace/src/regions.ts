import { TraceError } from './errors.ts';
import type { TraceContent } from './source.ts';

/** A stretch of a content that holds whole lines or whole records: indexes of bytes, or of words. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Whole lines, borrowed until the next region. */
export interface LineRegion {
  readonly cells: Uint8Array;
  /** Bytes of it that are valid. */
  readonly end: number;
}

/** Whole records as little-endian words, borrowed until the next region. */
export interface RecordRegion extends Span {
  readonly words: Int32Array;
}

/** Longest region, and so the longest line. */
export const REGION_BYTES: number = 1 << 20;
/** Bytes gathered into a region that has a whole line: enough that a scanner's loop dwarfs its set-up, in any cache. */
const GATHERED_BYTES = 1 << 17;

const NEWLINE = 10;

/** Where the lines of a region are gathered: `REGION_BYTES + 1` bytes of `bytes` from `at` on. */
export interface LineRoom {
  /** Taken anew for each region, since a WebAssembly memory may have grown. */
  readonly bytes: Uint8Array;
  readonly at: number;
}

/** A room of its own, which grows as it is filled. */
function createLineRoom(): LineRoom & { reserve(size: number): void } {
  const room = {
    bytes: new Uint8Array(FIRST_ROOM_BYTES),
    at: 0,
    reserve(size: number): void {
      if (size <= room.bytes.length) return;
      const larger = new Uint8Array(REGION_BYTES + 1);
      larger.set(room.bytes);
      room.bytes = larger;
    },
  };
  return room;
}

const FIRST_ROOM_BYTES = 1 << 13;

/**
 * The content as regions of whole lines, each line ended by a newline, also the last.
 * A line longer than a region is skipped where the content is read leniently.
 * @throws TRACE_LINE_TOO_LONG
 */
export async function* wholeLines(content: TraceContent): AsyncGenerator<LineRegion> {
  const room = createLineRoom();
  for await (const { from, to } of gatherLines(content, room, (size) => room.reserve(size)))
    yield { cells: from === 0 ? room.bytes : room.bytes.subarray(from), end: to - from };
}

/** As {@link wholeLines}, in a given room: `from` and `to` are indexes of its bytes. */
export async function* gatherLines(
  content: TraceContent,
  room: LineRoom,
  reserve?: (size: number) => void,
): AsyncGenerator<Span> {
  const { at } = room;
  let filled = 0;
  let skipping = false;
  let offset = 0;
  for await (const chunk of content.bytes()) {
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + Math.min(GATHERED_BYTES, REGION_BYTES - filled));
      reserve?.(filled + part.length + 1);
      room.bytes.set(part, at + filled);
      filled += part.length;
      from += part.length;
      if (filled < GATHERED_BYTES) continue;

      const end = afterLastNewline(room, filled);
      if (end === 0 && filled < REGION_BYTES) continue;
      if (end === 0 && !content.lenient) throw lineTooLong(content.name, offset);
      if (end === 0) {
        // What is left of an overlong line is no line of its own.
        skipping = true;
        offset += filled;
        filled = 0;
        continue;
      }
      const start = skipping ? afterFirstNewline(room, filled) : 0;
      skipping = false;
      if (end > start) yield { from: at + start, to: at + end };
      room.bytes.copyWithin(at, at + end, at + filled);
      filled -= end;
      offset += end;
    }
  }
  const start = skipping ? afterFirstNewline(room, filled) : 0;
  if (skipping && start === 0) return;
  if (filled === start) return;
  if (room.bytes[at + filled - 1] !== NEWLINE) room.bytes[at + filled++] = NEWLINE;
  yield { from: at + start, to: at + filled };
}

// Bytes of the first `filled` up to their first newline, with it; 0 where they have none.
function afterFirstNewline({ bytes, at }: LineRoom, filled: number): number {
  return bytes.subarray(at, at + filled).indexOf(NEWLINE) + 1;
}

// The same, up to their last.
function afterLastNewline({ bytes, at }: LineRoom, filled: number): number {
  return bytes.subarray(at, at + filled).lastIndexOf(NEWLINE) + 1;
}

/**
 * The content from byte `skip` as regions of whole records of `size` bytes, a multiple of 4, as
 * little-endian 32-bit words.
 * @throws TRACE_TRUNCATED where a part of a record is left over and the content is not read leniently.
 */
export async function* wholeRecords(
  content: TraceContent,
  size: number,
  skip: number = 0,
): AsyncGenerator<RecordRegion> {
  for await (const bytes of wholeRecordBytes(content, size, skip, 4)) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    yield { words, from: 0, to: words.length };
  }
}

/**
 * As {@link wholeRecords}, of any size, as bytes that are borrowed until the next region and begin at a multiple of
 * `alignment` in their buffer.
 */
export async function* wholeRecordBytes(
  content: TraceContent,
  size: number,
  skip: number,
  alignment: number = 1,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.floor(RECORDS_JOINED_BYTES / size) * size);
  let filled = 0;
  let offset = 0;
  let toSkip = skip;
  for await (const chunk of content.bytes()) {
    let from = Math.min(toSkip, chunk.length);
    toSkip -= from;
    while (from < chunk.length) {
      const whole = chunk.length - from - ((chunk.length - from) % size);
      if (filled === 0 && whole > 0 && (chunk.byteOffset + from) % alignment === 0) {
        yield chunk.subarray(from, from + whole);
        offset += whole;
        from += whole;
        continue;
      }
      // A record that two chunks share, or chunks that words cannot be read from.
      const part = chunk.subarray(from, from + buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
      from += part.length;
      const end = filled - (filled % size);
      if (end === 0) continue;
      yield buffer.subarray(0, end);
      offset += end;
      buffer.copyWithin(0, end, filled);
      filled -= end;
    }
  }
  if (filled > 0 && !content.lenient)
    throw new TraceError(
      'TRACE_TRUNCATED',
      `${content.name}: byte ${skip + offset}: expected a record of ${size} bytes, the source ends after ${filled}; pass --lenient to read up to here`,
    );
}

// Gathered where chunks do not begin with a record: enough for any record, and little to make.
const RECORDS_JOINED_BYTES = 1 << 14;

function lineTooLong(name: string, offset: number): TraceError {
  return new TraceError(
    'TRACE_LINE_TOO_LONG',
    `${name}: byte ${offset}: a line of more than ${REGION_BYTES} bytes; is this a trace in text? Pass --lenient to skip such lines`,
  );
}
