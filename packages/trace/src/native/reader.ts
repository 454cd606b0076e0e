import type { AccessBlock, AccessTrace } from '../block.ts';
import { TraceError } from '../errors.ts';
import { createBlockDecoder } from './decode-block.ts';
import {
  type BlockEntry,
  decodeHeader,
  decodeIndex,
  entryOf,
  frameBytes,
  headerLength,
  headerTruncated,
  type TltHeader,
} from './frames.ts';
import {
  Codec,
  type CodecName,
  corrupt,
  decodeFrameHeader,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  FrameKind,
  type FramePlace,
  PROLOGUE_BYTES,
  TRAILER_BYTES,
  TRAILER_MAGIC,
  truncated,
} from './layout.ts';

/** Bytes that can be read from any place: an open file, a buffer. */
export interface RandomAccess {
  /** What errors call it: a file's name. */
  readonly name: string;
  readonly size: number;
  /**
   * `length` bytes from `offset`; the caller asks for none past `size`. They may be put into `into`, which is the
   * caller's and has room for them.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
}

/** A buffer as {@link RandomAccess}. */
export const randomAccess = (name: string, bytes: Uint8Array): RandomAccess => ({
  name,
  size: bytes.length,
  read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
});

export interface ReadTltOptions {
  /** Give the readable beginning of a truncated or damaged file instead of an error. */
  readonly lenient?: boolean;
}

/** An open `.tlt` file: a trace that can be entered at any block. */
export interface TltFile extends AccessTrace {
  readonly about: TltHeader['about'];
  readonly entries: readonly BlockEntry[];
  readonly accesses: number;
  readonly writes: number;
  readonly pages: number;
  /** Time of the last access; 0 where the source has no clock. */
  readonly lastTime: number;
  /** False where the file was cut or damaged and only its beginning is read. */
  readonly complete: boolean;
  /** Blocks `from` to `to` (exclusive) of `entries`; all unless told otherwise. */
  blocks(from?: number, to?: number): AsyncIterable<AccessBlock>;
  /** Number of the last block that begins at or before `time`. */
  blockAt(time: number): number;
  /** Numbers of the pages that blocks before `to` brought, by id. */
  pageNumbers(to?: number): Promise<Float64Array>;
  /** The codec of its first block; undefined where it has none. */
  codec(): Promise<CodecName | undefined>;
}

/**
 * Opens a `.tlt` file: reads its header and its index, or, where it has none and `lenient` is set, its frames' headers.
 * @throws TRACE_UNKNOWN_FORMAT, TRACE_UNSUPPORTED, TRACE_TRUNCATED, TRACE_CORRUPT
 */
export async function openTlt(
  source: RandomAccess,
  options: ReadTltOptions = {},
): Promise<TltFile> {
  const lenient = options.lenient === true;
  const { name } = source;
  const first = await source.read(0, Math.min(source.size, PROLOGUE_BYTES));
  const jsonBytes = headerLength(name, first);
  const firstFrame = PROLOGUE_BYTES + jsonBytes;
  if (firstFrame > source.size) throw headerTruncated(name);
  const header = decodeHeader(name, first, await source.read(PROLOGUE_BYTES, jsonBytes));
  const index = await readIndex(source, firstFrame, lenient);
  const { entries } = index;
  const last = entries.at(-1);
  const blocks = (from = 0, to = entries.length): AsyncIterable<AccessBlock> =>
    readBlocks(source, entries.slice(from, to), from, lenient);
  return {
    declaration: header.declaration,
    about: header.about,
    ...index,
    lastTime: last?.lastTime ?? 0,
    accesses: entries.reduce((sum, entry) => sum + entry.accesses, 0),
    writes: entries.reduce((sum, entry) => sum + entry.writes, 0),
    pages: last === undefined ? 0 : last.newPageFirst + last.newPages,
    blocks,
    blockAt: (time) =>
      Math.max(
        0,
        entries.findLastIndex((entry) => entry.firstTime <= time),
      ),
    pageNumbers: (to = entries.length) => readPageNumbers(source, entries.slice(0, to)),
    async codec() {
      if (entries.length === 0) return undefined;
      const place = { name, block: 0, offset: entries[0].offset };
      const header = await source.read(place.offset, FRAME_HEADER_BYTES);
      return decodeFrameHeader(header, place).codec === Codec.replay ? 'replay' : 'archive';
    },
  };
}

interface Index {
  readonly entries: BlockEntry[];
  readonly complete: boolean;
}

async function readIndex(
  source: RandomAccess,
  firstFrame: number,
  lenient: boolean,
): Promise<Index> {
  const { name, size } = source;
  const trailer = await source.read(Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES);
  const isWhole =
    size - TRAILER_BYTES >= firstFrame && TRAILER_MAGIC.every((byte, i) => trailer[8 + i] === byte);
  if (!isWhole) return scanFrames(source, firstFrame, lenient);
  try {
    const offset = new DataView(trailer.buffer, trailer.byteOffset).getFloat64(0, true);
    const place = { name, block: -1, offset };
    const room = size - TRAILER_BYTES - offset;
    if (!(offset >= firstFrame) || room < FRAME_HEADER_BYTES)
      throw corrupt(place, 'the trailer points outside the file');
    const header = decodeFrameHeader(await source.read(offset, FRAME_HEADER_BYTES), place);
    if (frameBytes(header) !== room) throw corrupt(place, 'the index has another length');
    const stored = await source.read(offset + FRAME_HEADER_BYTES, header.storedBytes);
    const entries = decodeIndex(header, stored, place);
    checkEntries(entries, firstFrame, offset, place);
    return { entries, complete: true };
  } catch (error) {
    if (lenient && error instanceof TraceError) return scanFrames(source, firstFrame, lenient);
    throw error;
  }
}

/** The frames of a whole file follow one another from its header to its index. */
function checkEntries(
  entries: readonly BlockEntry[],
  firstFrame: number,
  indexOffset: number,
  place: FramePlace,
): void {
  let pages = 0;
  let earliest = firstFrame;
  for (const { offset, newPageFirst, newPages } of entries) {
    if (
      !(offset >= earliest && offset + FRAME_HEADER_BYTES <= indexOffset) ||
      newPageFirst !== pages
    )
      throw corrupt(place, 'the index lists blocks that do not follow one another');
    earliest = offset + FRAME_HEADER_BYTES;
    pages += newPages;
  }
}

/** The blocks of a file without a readable index, from their own headers. */
async function scanFrames(
  source: RandomAccess,
  firstFrame: number,
  lenient: boolean,
): Promise<Index> {
  const entries: BlockEntry[] = [];
  let accesses = 0;
  let offset = firstFrame;
  const place = (): FramePlace => ({ name: source.name, block: entries.length, offset });
  try {
    while (offset + FRAME_HEADER_BYTES <= source.size) {
      const header = decodeFrameHeader(await source.read(offset, FRAME_HEADER_BYTES), place());
      if (header.kind !== FrameKind.accesses || offset + frameBytes(header) > source.size) break;
      entries.push(entryOf(header, offset));
      accesses += header.accesses;
      offset += frameBytes(header);
    }
  } catch (error) {
    if (!lenient) throw error;
  }
  if (!lenient) throw truncated(place(), accesses);
  return { entries, complete: false };
}

async function* readBlocks(
  source: RandomAccess,
  entries: readonly BlockEntry[],
  firstBlock: number,
  lenient: boolean,
): AsyncGenerator<AccessBlock> {
  const decoder = createBlockDecoder();
  const ahead = createReadAhead(source);
  for (const [i, entry] of entries.entries()) {
    const place = { name: source.name, block: firstBlock + i, offset: entry.offset };
    let block: AccessBlock;
    try {
      const { header, stored } =
        frameAhead(ahead, entry, place) ?? (await readFrame(ahead, entry, place));
      block = decoder.decode(header, stored, place);
    } catch (error) {
      if (lenient && error instanceof TraceError) return;
      throw error;
    }
    yield block;
  }
  decoder.end();
}

/** Bytes of a source, read in larger pieces than are asked for. */
interface ReadAhead {
  readonly size: number;
  /** Bytes of the last pieces read, borrowed until the next `read`; absent where they are not all there. */
  at(offset: number, length: number): Uint8Array | undefined;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes read at once, where the blocks are smaller. */
const READ_BYTES = 1 << 20;

function createReadAhead(source: RandomAccess): ReadAhead {
  let buffer: Uint8Array = new Uint8Array(0);
  let piece = buffer;
  let pieceAt = 0;
  return {
    size: source.size,
    at(offset, length) {
      const from = offset - pieceAt;
      return from >= 0 && from + length <= piece.length
        ? piece.subarray(from, from + length)
        : undefined;
    },
    async read(offset, length) {
      piece = await source.read(
        offset,
        Math.min(Math.max(length, READ_BYTES), source.size - offset),
      );
      pieceAt = offset;
      return piece.subarray(0, length);
    },
  };
}

interface ReadFrame {
  readonly header: FrameHeader;
  readonly stored: Uint8Array;
}

/** The frame that `entry` lists, where all of it has been read ahead: nothing waits, as for most. */
function frameAhead(ahead: ReadAhead, entry: BlockEntry, place: FramePlace): ReadFrame | undefined {
  const head = ahead.at(entry.offset, FRAME_HEADER_BYTES);
  if (head === undefined) return undefined;
  const header = listedHeader(entry, head, ahead.size, place);
  const stored = ahead.at(entry.offset + FRAME_HEADER_BYTES, header.storedBytes);
  return stored && { header, stored };
}

async function readFrame(
  ahead: ReadAhead,
  entry: BlockEntry,
  place: FramePlace,
): Promise<ReadFrame> {
  const { offset } = entry;
  const head =
    ahead.at(offset, FRAME_HEADER_BYTES) ?? (await ahead.read(offset, FRAME_HEADER_BYTES));
  const header = listedHeader(entry, head, ahead.size, place);
  const from = offset + FRAME_HEADER_BYTES;
  const { storedBytes } = header;
  return { header, stored: ahead.at(from, storedBytes) ?? (await ahead.read(from, storedBytes)) };
}

/** The header of the frame that `entry` describes: it must say the same. */
function listedHeader(
  entry: BlockEntry,
  bytes: Uint8Array,
  size: number,
  place: FramePlace,
): FrameHeader {
  const header = decodeFrameHeader(bytes, place);
  const isListed =
    header.kind === FrameKind.accesses &&
    header.accesses === entry.accesses &&
    header.writes === entry.writes &&
    header.firstTime === entry.firstTime &&
    header.lastTime === entry.lastTime &&
    header.newPageFirst === entry.newPageFirst &&
    header.newPages === entry.newPages;
  if (!isListed) throw corrupt(place, 'the block is not the one that the index lists');
  if (entry.offset + frameBytes(header) > size) throw truncated(place, 0);
  return header;
}

async function readPageNumbers(
  source: RandomAccess,
  entries: readonly BlockEntry[],
): Promise<Float64Array> {
  const decoder = createBlockDecoder();
  const ahead = createReadAhead(source);
  const last = entries.at(-1);
  const numbers = new Float64Array(last === undefined ? 0 : last.newPageFirst + last.newPages);
  for (const [block, entry] of entries.entries()) {
    if (entry.newPages === 0) continue;
    const place = { name: source.name, block, offset: entry.offset };
    const { header, stored } = await readFrame(ahead, entry, place);
    numbers.set(decoder.newPageNumbers(header, stored, place), entry.newPageFirst);
  }
  decoder.end();
  return numbers;
}
