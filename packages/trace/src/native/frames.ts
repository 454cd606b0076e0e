import { deflateRawSync } from 'node:zlib';

import { assert } from '@tierlab/core';

import type { SourceDeclaration } from '../block.ts';
import { TraceError } from '../errors.ts';
import {
  Codec,
  type CodecName,
  corrupt,
  encodeFrameHeader,
  FILE_MAGIC,
  FORMAT_VERSION,
  type FrameHeader,
  FrameKind,
  FRAME_HEADER_BYTES,
  type FramePlace,
  HEADER_LIMIT,
  INDEX_ENTRY_BYTES,
  OLDEST_VERSION,
  PROLOGUE_BYTES,
  TRAILER_BYTES,
  TRAILER_MAGIC,
} from './layout.ts';
import { hashPayload, PayloadHash } from './payload-hash.ts';
import { xxh32 } from './xxh32.ts';

/** What the header of a file says. */
export interface TltHeader {
  readonly version: number;
  readonly declaration: SourceDeclaration;
  /** What else is known of the trace: program, host, filter, whatever its maker wrote. */
  readonly about: Readonly<Record<string, unknown>>;
}

/** A block of accesses, as the index lists it. */
export interface BlockEntry {
  /** Byte at which its frame begins. */
  readonly offset: number;
  readonly firstTime: number;
  /** Time of the last access; a histogram's block ends here. */
  readonly lastTime: number;
  readonly accesses: number;
  readonly writes: number;
  readonly newPageFirst: number;
  readonly newPages: number;
}

/** Frames one file: counts its bytes, and collects its index. */
export interface FrameSink {
  /** The beginning of the file. */
  begin(header: Omit<TltHeader, 'version'>): Uint8Array;
  /** A block: its header and its payload, stored as `codec` says. */
  block(counts: Omit<BlockEntry, 'offset'>, columns: number, payload: Uint8Array): Uint8Array;
  /** The index and the trailer, after the last block. */
  end(): Uint8Array;
}

/** Frames for a file in `codec`; `level` is deflate's. */
export function createFrameSink(codec: CodecName, level: number): FrameSink {
  const entries: BlockEntry[] = [];
  let offset = 0;
  const emit = (...parts: Uint8Array[]): Uint8Array => {
    const bytes = Buffer.concat(parts);
    offset += bytes.length;
    return bytes;
  };
  return {
    begin: ({ declaration, about }) =>
      emit(...prologue({ version: FORMAT_VERSION, declaration, about })),
    block(counts, columns, payload) {
      entries.push({ ...counts, offset });
      const stored = codec === 'archive' ? deflateRawSync(payload, { level }) : payload;
      const header = frameHeader(FrameKind.accesses, Codec[codec], stored, payload.length);
      return emit(encodeFrameHeader({ ...header, ...counts, columns }), stored);
    },
    end() {
      const index = encodeIndex(entries);
      const header = frameHeader(FrameKind.index, Codec.replay, index, index.length);
      return emit(encodeFrameHeader(header), index, trailer(offset));
    },
  };
}

function prologue(header: TltHeader): [Uint8Array, Uint8Array] {
  const json = Buffer.from(JSON.stringify(header));
  assert(json.length <= HEADER_LIMIT, `the header's JSON has at most ${HEADER_LIMIT} bytes`);
  const bytes = new Uint8Array(PROLOGUE_BYTES);
  bytes.set(FILE_MAGIC);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, json.length, true);
  view.setUint32(12, xxh32(json), true);
  return [bytes, json];
}

function frameHeader(
  kind: number,
  codec: number,
  stored: Uint8Array,
  rawBytes: number,
): FrameHeader {
  return {
    kind,
    codec,
    rawBytes,
    storedBytes: stored.length,
    hash: PayloadHash.lanes,
    payloadHash: hashPayload(PayloadHash.lanes, stored),
    accesses: 0,
    writes: 0,
    newPageFirst: 0,
    newPages: 0,
    firstTime: 0,
    lastTime: 0,
    columns: 0,
  };
}

function encodeIndex(entries: readonly BlockEntry[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * INDEX_ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  for (const [i, entry] of entries.entries()) {
    const at = i * INDEX_ENTRY_BYTES;
    view.setFloat64(at, entry.offset, true);
    view.setFloat64(at + 8, entry.firstTime, true);
    view.setFloat64(at + 16, entry.lastTime, true);
    view.setUint32(at + 24, entry.accesses, true);
    view.setUint32(at + 28, entry.writes, true);
    view.setUint32(at + 32, entry.newPageFirst, true);
    view.setUint32(at + 36, entry.newPages, true);
  }
  return bytes;
}

/** The blocks that an index frame lists. */
export function decodeIndex(
  header: FrameHeader,
  stored: Uint8Array,
  place: FramePlace,
): BlockEntry[] {
  if (hashPayload(header.hash, stored) !== header.payloadHash)
    throw corrupt(place, 'the index does not match its checksum');
  if (header.kind !== FrameKind.index || stored.length % INDEX_ENTRY_BYTES !== 0)
    throw corrupt(place, 'the trailer does not point to an index');
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  const entries: BlockEntry[] = [];
  for (let at = 0; at < stored.length; at += INDEX_ENTRY_BYTES) {
    entries.push({
      offset: view.getFloat64(at, true),
      firstTime: view.getFloat64(at + 8, true),
      lastTime: view.getFloat64(at + 16, true),
      accesses: view.getUint32(at + 24, true),
      writes: view.getUint32(at + 28, true),
      newPageFirst: view.getUint32(at + 32, true),
      newPages: view.getUint32(at + 36, true),
    });
  }
  return entries;
}

function trailer(indexOffset: number): Uint8Array {
  const bytes = new Uint8Array(TRAILER_BYTES);
  new DataView(bytes.buffer).setFloat64(0, indexOffset, true);
  bytes.set(TRAILER_MAGIC, 8);
  return bytes;
}

/** The entry of a block whose header was read at `offset`. */
export const entryOf = (header: FrameHeader, offset: number): BlockEntry => ({
  offset,
  firstTime: header.firstTime,
  lastTime: header.lastTime,
  accesses: header.accesses,
  writes: header.writes,
  newPageFirst: header.newPageFirst,
  newPages: header.newPages,
});

/** Whether `bytes` begin as a `.tlt` file does. */
export const isTlt = (bytes: Uint8Array): boolean =>
  bytes.length >= FILE_MAGIC.length && FILE_MAGIC.every((byte, i) => bytes[i] === byte);

/**
 * Length of the header's JSON, from a file's first {@link PROLOGUE_BYTES} bytes.
 * @throws TRACE_UNKNOWN_FORMAT, TRACE_CORRUPT, TRACE_TRUNCATED
 */
export function headerLength(name: string, bytes: Uint8Array): number {
  if (!isTlt(bytes))
    throw new TraceError(
      'TRACE_UNKNOWN_FORMAT',
      `${name}: not a .tlt file: its first 8 bytes differ`,
    );
  if (bytes.length < PROLOGUE_BYTES) throw headerTruncated(name);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
  if (length > HEADER_LIMIT)
    throw new TraceError('TRACE_CORRUPT', `${name}: byte 8: a header of ${length} bytes`);
  return length;
}

export const headerTruncated = (name: string): TraceError =>
  new TraceError('TRACE_TRUNCATED', `${name}: the file ends inside its header`);

/** The header whose JSON is `json`, given the first {@link PROLOGUE_BYTES} bytes. */
export function decodeHeader(name: string, first: Uint8Array, json: Uint8Array): TltHeader {
  const expected = new DataView(first.buffer, first.byteOffset).getUint32(12, true);
  if (xxh32(json) !== expected)
    throw new TraceError(
      'TRACE_CORRUPT',
      `${name}: byte ${PROLOGUE_BYTES}: the header does not match its checksum`,
    );
  const header = JSON.parse(Buffer.from(json).toString()) as TltHeader;
  if (header.version < OLDEST_VERSION || header.version > FORMAT_VERSION)
    throw new TraceError(
      'TRACE_UNSUPPORTED',
      `${name}: .tlt version ${header.version}, and this tierlab reads ${OLDEST_VERSION} to ${FORMAT_VERSION}`,
    );
  return header;
}

/** Bytes of a whole frame. */
export const frameBytes = (header: FrameHeader): number => FRAME_HEADER_BYTES + header.storedBytes;
