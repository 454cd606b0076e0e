import { TraceError } from '../errors.ts';
import { xxh32 } from './xxh32.ts';

/**
 * The frame of a `.tlt` file: header, then frames, then an index and a trailer. All integers are little-endian.
 *
 * `docs/formats/tlt.md` specifies the format; the names and offsets here are the same.
 */

/** As PNG's: a byte above 127, CR LF and a control-Z tell a transfer that changed the bytes. */
export const FILE_MAGIC: Uint8Array = Uint8Array.of(0x89, 0x54, 0x4c, 0x54, 0x0d, 0x0a, 0x1a, 0x0a);
export const TRAILER_MAGIC: Uint8Array = Buffer.from('TLTINDEX');

/** Bytes before the header's JSON: magic, JSON length, XXH32 of the JSON. */
export const PROLOGUE_BYTES = 16;
export const TRAILER_BYTES = 16;
export const FRAME_HEADER_BYTES = 56;
export const DIRECTORY_ENTRY_BYTES = 8;
export const INDEX_ENTRY_BYTES = 40;
/** Version 1 has `PayloadHash` `parts` in all frames. */
export const FORMAT_VERSION = 2;
export const OLDEST_VERSION = 1;

/** Longest header JSON, so that the head of a stream holds it, and longest payload. */
export const HEADER_LIMIT: number = 1 << 15;
export const PAYLOAD_LIMIT: number = 1 << 28;

export const FrameKind = { accesses: 0x414b4c42, index: 0x58444e49 } as const; // "BLKA", "INDX"

/** How a payload is stored. */
export const Codec = { replay: 0, archive: 1 } as const;
export type CodecName = keyof typeof Codec;

/** Columns by their number in a payload's directory. */
export const Column = {
  newPage: 0,
  page: 1,
  write: 2,
  time: 3,
  line: 4,
  thread: 5,
  weight: 6,
  interval: 7,
  touches: 8,
} as const;

/** Encodings beside the width sets 0, 1 and 2 of a StreamVByte column. */
export const Encoding = {
  varint: 0,
  bitmap: 3,
  float64: 4,
  bytes: 5,
  runs: 6,
  packed: 7,
  sparse: 8,
} as const;

export interface FrameHeader {
  readonly kind: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  readonly accesses: number;
  readonly writes: number;
  readonly newPageFirst: number;
  readonly newPages: number;
  /** Time of the first and of the last access; 0 where the source has no clock. */
  readonly firstTime: number;
  readonly lastTime: number;
  readonly codec: number;
  readonly columns: number;
  /** How the stored payload was hashed, a `PayloadHash`, and the hash. */
  readonly hash: number;
  readonly payloadHash: number;
}

/** Where something is, for errors: the file's name and the block's number. */
export interface FramePlace {
  readonly name: string;
  readonly block: number;
  readonly offset: number;
}

export const placeText = (place: FramePlace): string =>
  `${place.name}: block ${place.block} at byte ${place.offset}`;

export function encodeFrameHeader(header: FrameHeader): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, header.kind, true);
  view.setUint32(4, header.storedBytes, true);
  view.setUint32(8, header.rawBytes, true);
  view.setUint32(12, header.accesses, true);
  view.setUint32(16, header.writes, true);
  view.setUint32(20, header.newPageFirst, true);
  view.setUint32(24, header.newPages, true);
  view.setFloat64(28, header.firstTime, true);
  view.setFloat64(36, header.lastTime, true);
  view.setUint8(44, header.codec);
  view.setUint8(45, header.columns);
  view.setUint8(46, header.hash);
  view.setUint32(48, header.payloadHash, true);
  view.setUint32(52, xxh32(bytes, 0, 52), true);
  return bytes;
}

/** @throws TRACE_CORRUPT where the header's own checksum or its figures are wrong. */
export function decodeFrameHeader(bytes: Uint8Array, place: FramePlace): FrameHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  if (view.getUint32(52, true) !== xxh32(bytes, 0, 52))
    throw corrupt(place, 'the header of the block does not match its checksum');
  const header = {
    kind: view.getUint32(0, true),
    storedBytes: view.getUint32(4, true),
    rawBytes: view.getUint32(8, true),
    accesses: view.getUint32(12, true),
    writes: view.getUint32(16, true),
    newPageFirst: view.getUint32(20, true),
    newPages: view.getUint32(24, true),
    firstTime: view.getFloat64(28, true),
    lastTime: view.getFloat64(36, true),
    codec: view.getUint8(44),
    columns: view.getUint8(45),
    hash: view.getUint8(46),
    payloadHash: view.getUint32(48, true),
  };
  if (header.storedBytes > PAYLOAD_LIMIT || header.rawBytes > PAYLOAD_LIMIT)
    throw corrupt(place, `a payload of ${header.rawBytes} bytes is more than any writer's`);
  return header;
}

export const corrupt = (place: FramePlace, what: string): TraceError =>
  new TraceError(
    'TRACE_CORRUPT',
    `${placeText(place)}: ${what}; the blocks before it are good: read them with --lenient, or fetch the file again`,
  );

export const truncated = (place: FramePlace, accesses: number): TraceError =>
  new TraceError(
    'TRACE_TRUNCATED',
    `${placeText(place)}: the file ends here, without its index; ${accesses} accesses before it are good: read them with --lenient`,
  );
