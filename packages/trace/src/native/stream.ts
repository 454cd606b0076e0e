import type { AccessBlock, AccessTrace } from '../block.ts';
import { TraceError } from '../errors.ts';
import { createBlockDecoder } from './decode-block.ts';
import { createEncoderScratch, encodeBlock, type KeptColumns } from './encode-block.ts';
import {
  createFrameSink,
  decodeHeader,
  decodeIndex,
  entryOf,
  headerLength,
  headerTruncated,
  type TltHeader,
} from './frames.ts';
import {
  type CodecName,
  corrupt,
  decodeFrameHeader,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  FrameKind,
  type FramePlace,
  PROLOGUE_BYTES,
  truncated,
} from './layout.ts';
import type { ReadTltOptions } from './reader.ts';

/** The header of a `.tlt` file of which `head` are the first bytes: at least {@link PROLOGUE_BYTES} and the JSON. */
export function readTltHeader(name: string, head: Uint8Array): TltHeader {
  const length = headerLength(name, head);
  if (PROLOGUE_BYTES + length > head.length) throw headerTruncated(name);
  return decodeHeader(name, head, head.subarray(PROLOGUE_BYTES, PROLOGUE_BYTES + length));
}

/**
 * A trace from the bytes of a `.tlt` file in their order, as from a pipe. `head` are the file's first bytes, for its
 * header; `bytes` gives all of them from the beginning.
 * @throws TRACE_UNKNOWN_FORMAT, TRACE_UNSUPPORTED, TRACE_TRUNCATED, TRACE_CORRUPT; the latter two from its blocks also
 */
export function streamTlt(
  name: string,
  head: Uint8Array,
  bytes: () => AsyncIterable<Uint8Array>,
  options: ReadTltOptions = {},
): AccessTrace {
  const { declaration, about } = readTltHeader(name, head);
  return {
    declaration,
    about,
    blocks: () => decodeFrames(name, bytes(), options.lenient === true),
  };
}

async function* decodeFrames(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  lenient: boolean,
): AsyncGenerator<AccessBlock> {
  const decoder = createBlockDecoder();
  const { frames } = await openFrames(name, bytes);
  let pages = 0;
  for (;;) {
    let block: AccessBlock;
    try {
      const next = await frames.next();
      if (next.done) break;
      const { header, stored, place } = next.value;
      if (header.newPageFirst !== pages)
        throw corrupt(place, 'its pages do not follow those of the block before');
      pages += header.newPages;
      block = decoder.decode(header, stored, place);
    } catch (error) {
      if (lenient && error instanceof TraceError) return;
      throw error;
    }
    yield block;
  }
  decoder.end();
}

/** A frame of accesses as it is stored. */
interface StoredFrame {
  readonly header: FrameHeader;
  readonly stored: Uint8Array;
  readonly place: FramePlace;
}

/** A file's header, and its frames of accesses. */
interface OpenFrames {
  readonly header: TltHeader;
  readonly frames: AsyncGenerator<StoredFrame>;
}

async function openFrames(name: string, bytes: AsyncIterable<Uint8Array>): Promise<OpenFrames> {
  const input = createByteQueue(bytes);
  const prologue = await input.take(PROLOGUE_BYTES);
  if (prologue === undefined) throw headerTruncated(name);
  const first = prologue.slice();
  const json = await input.take(headerLength(name, first));
  if (json === undefined) throw headerTruncated(name);
  return { header: decodeHeader(name, first, json), frames: readFrames(name, input) };
}

/** The frames as far as the index; an end before it is TRACE_TRUNCATED. */
async function* readFrames(name: string, input: ByteQueue): AsyncGenerator<StoredFrame> {
  let accesses = 0;
  for (let block = 0; ; block++) {
    const place = { name, block, offset: input.offset() };
    const headerBytes = await input.take(FRAME_HEADER_BYTES);
    if (headerBytes === undefined) throw truncated(place, accesses);
    const header = decodeFrameHeader(headerBytes, place);
    const stored = await input.take(header.storedBytes);
    if (stored === undefined) throw truncated(place, accesses);
    if (header.kind === FrameKind.index) {
      // What it lists has been read; decoding it checks that it arrived whole.
      decodeIndex(header, stored, place);
      return;
    }
    if (header.kind !== FrameKind.accesses)
      throw corrupt(place, 'it is neither a block nor the index');
    yield { header, stored, place };
    accesses += header.accesses;
  }
}

interface ByteQueue {
  /** The next `length` bytes; absent where fewer come. Borrowed until the next call. */
  take(length: number): Promise<Uint8Array | undefined>;
  offset(): number;
}

function createByteQueue(bytes: AsyncIterable<Uint8Array>): ByteQueue {
  const chunks = bytes[Symbol.asyncIterator]();
  let chunk: Uint8Array = new Uint8Array(0);
  let taken = 0;
  return {
    offset: () => taken,
    async take(length) {
      const parts: Uint8Array[] = [];
      let missing = length;
      while (missing > chunk.length) {
        parts.push(chunk.slice());
        missing -= chunk.length;
        const next = await chunks.next();
        if (next.done) return undefined;
        chunk = next.value;
      }
      const rest = chunk.subarray(0, missing);
      chunk = chunk.subarray(missing);
      taken += length;
      return parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
    },
  };
}

/**
 * A `.tlt` file in another codec, block by block.
 * @throws TRACE_UNKNOWN_FORMAT, TRACE_UNSUPPORTED, TRACE_TRUNCATED, TRACE_CORRUPT
 */
export async function* recodeTlt(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  codec: CodecName,
  level: number = 6,
): AsyncGenerator<Uint8Array> {
  const sink = createFrameSink(codec, level);
  const decoder = createBlockDecoder();
  const scratch = createEncoderScratch();
  const { header, frames } = await openFrames(name, bytes);
  const kept: KeptColumns = {
    writes: header.declaration.writes,
    time: true,
    line: true,
    thread: true,
    weight: true,
  };
  yield sink.begin(header);
  for await (const { header, stored, place } of frames) {
    const block = decoder.decode(header, stored, place);
    const { payload, columns } = encodeBlock(block, kept, codec, scratch);
    const { offset: _, ...counts } = entryOf(header, 0);
    yield sink.block(counts, columns, payload);
  }
  decoder.end();
  yield sink.end();
}
