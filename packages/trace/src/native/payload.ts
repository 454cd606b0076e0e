import { inflateRawSync } from 'node:zlib';

import { BLOCK_ACCESSES } from '../block.ts';
import { TraceError } from '../errors.ts';
import type { Arena } from './arena.ts';
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
import { PayloadHash } from './payload-hash.ts';

/** The payload of a frame, checked, in the arena's memory. */
export function openPayload(
  arena: Arena,
  header: FrameHeader,
  stored: Uint8Array,
  place: FramePlace,
): Payload {
  if (header.accesses > BLOCK_ACCESSES)
    throw corrupt(place, `${header.accesses} accesses are more than a block's ${BLOCK_ACCESSES}`);
  checkHash(arena, header, stored, place);
  return directory(load(arena, header, stored, place), header, place);
}

/** A payload's columns, each a range of `bytes`. */
export interface Payload {
  readonly bytes: Uint8Array;
  readonly header: FrameHeader;
  readonly place: FramePlace;
  readonly columns: ReadonlyMap<number, ColumnRange>;
}

/** Where a column stands in a payload's bytes. */
export interface ColumnRange {
  readonly encoding: number;
  readonly from: number;
  readonly to: number;
}

/** Columns that a reader may pass over when it does not know them have numbers from here on. */
const OPTIONAL_COLUMNS = 128;
const LAST_ENCODING = Math.max(...Object.values(Encoding));

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
    if (column < OPTIONAL_COLUMNS && encoding > LAST_ENCODING)
      throw new TraceError(
        'TRACE_UNSUPPORTED',
        `${placeText(place)}: encoding ${encoding} is not known here; read it with a newer tierlab`,
      );
    if (columns.has(column)) throw corrupt(place, `column ${column} is there twice`);
    columns.set(column, { encoding, from, to });
    from = to;
  }
  if (from !== bytes.length) throw corrupt(place, 'the payload is longer than its columns');
  return { bytes, header, place, columns };
}

export const badColumn = (payload: Payload, name: keyof typeof Column): TraceError =>
  corrupt(payload.place, `column ${name} is not what its directory says`);

function checkHash(arena: Arena, header: FrameHeader, stored: Uint8Array, place: FramePlace): void {
  arena.reserve(stored.length);
  arena.input.set(stored);
  if (header.hash > PayloadHash.lanes)
    throw new TraceError(
      'TRACE_UNSUPPORTED',
      `${placeText(place)}: checksum ${header.hash} is not one of 0 and 1; read it with a newer tierlab`,
    );
  const { laneHash, payloadHash } = arena.kernels;
  const hash = header.hash === PayloadHash.lanes ? laneHash : payloadHash;
  if (hash(arena.input.byteOffset, stored.length) >>> 0 !== header.payloadHash)
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
function inflate(header: FrameHeader, stored: Uint8Array, place: FramePlace): Uint8Array {
  const size = Math.max(64, header.rawBytes);
  try {
    const raw = inflateRawSync(stored, { chunkSize: size, maxOutputLength: size });
    if (raw.length === header.rawBytes) return raw;
  } catch (error) {
    throw corrupt(place, `the payload does not inflate (${(error as Error).message})`);
  }
  throw corrupt(place, `the payload does not inflate to ${header.rawBytes} bytes`);
}

/** The f64 in bytes `from` to `to`, at any alignment. */
export function doubles(bytes: Uint8Array, from: number, to: number): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float64Array.from({ length: (to - from) / 8 }, (_, i) =>
    view.getFloat64(from + i * 8, true),
  );
}
