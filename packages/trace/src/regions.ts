import { TraceError } from './errors.ts';
import type { TraceContent } from './source.ts';

/** A stretch of the content that holds whole lines, or whole records; borrowed until the next. */
export interface Region<Cells extends Uint8Array | Int32Array> {
  /** Bytes of text, or words of records. */
  readonly cells: Cells;
  /** Cells of it that are valid. */
  readonly end: number;
}

/** Bytes gathered into a region: enough that a scanner's loop dwarfs its set-up. */
export const REGION_BYTES: number = 1 << 20;

const NEWLINE = 10;

/**
 * The content as regions of whole lines, each line ended by a newline, also the last.
 * A line longer than a region is skipped where the content is read leniently.
 * @throws TRACE_LINE_TOO_LONG
 */
export async function* wholeLines(content: TraceContent): AsyncGenerator<Region<Uint8Array>> {
  const buffer = new Uint8Array(REGION_BYTES + 1);
  let filled = 0;
  let skipping = false;
  let offset = 0;
  for await (const chunk of content.bytes()) {
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + REGION_BYTES - filled);
      buffer.set(part, filled);
      filled += part.length;
      from += part.length;
      if (filled < REGION_BYTES) continue;

      const end = buffer.lastIndexOf(NEWLINE, filled - 1) + 1;
      if (end === 0 && !content.lenient) throw lineTooLong(content.name, offset);
      if (end === 0) {
        // What is left of an overlong line is no line of its own.
        skipping = true;
        offset += filled;
        filled = 0;
        continue;
      }
      const start = skipping ? buffer.indexOf(NEWLINE) + 1 : 0;
      skipping = false;
      if (end > start)
        yield { cells: start === 0 ? buffer : buffer.subarray(start), end: end - start };
      buffer.copyWithin(0, end, filled);
      filled -= end;
      offset += end;
    }
  }
  const start = skipping ? buffer.subarray(0, filled).indexOf(NEWLINE) + 1 : 0;
  if (skipping && start === 0) return;
  if (filled === start) return;
  if (buffer[filled - 1] !== NEWLINE) buffer[filled++] = NEWLINE;
  yield { cells: start === 0 ? buffer : buffer.subarray(start), end: filled - start };
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
): AsyncGenerator<Region<Int32Array>> {
  const buffer = new Uint8Array(Math.floor(REGION_BYTES / size) * size);
  let filled = 0;
  let offset = 0;
  let toSkip = skip;
  for await (const chunk of content.bytes()) {
    let from = Math.min(toSkip, chunk.length);
    toSkip -= from;
    while (from < chunk.length) {
      const whole = chunk.length - from - ((chunk.length - from) % size);
      if (filled === 0 && whole > 0 && (chunk.byteOffset + from) % 4 === 0) {
        yield wordsOf(chunk, from, whole);
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
      yield wordsOf(buffer, 0, end);
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

function wordsOf(bytes: Uint8Array, from: number, size: number): Region<Int32Array> {
  const cells = new Int32Array(bytes.buffer, bytes.byteOffset + from, size / 4);
  return { cells, end: cells.length };
}

function lineTooLong(name: string, offset: number): TraceError {
  return new TraceError(
    'TRACE_LINE_TOO_LONG',
    `${name}: byte ${offset}: a line of more than ${REGION_BYTES} bytes; is this a trace in text? Pass --lenient to skip such lines`,
  );
}
