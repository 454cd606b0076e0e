import type { AccessTrace } from '../block.ts';
import { TraceError } from '../errors.ts';
import type { Head, TraceContent } from '../source.ts';
import type { TraceFormat } from './format.ts';
import { type NumberField, type RequestLayout, requestTrace } from './parts/object-requests.ts';

/**
 * libCacheSim's own format lcs: a header between two magic numbers, then requests of one size. An object is a page here.
 *
 * The header of 8,192 bytes (2024 on) and one of 1,024 have a version that says what a request is; that of 1,024 before
 * it has the letters of Python's `struct` for its fields, and which of them is what.
 *
 * Source: libCacheSim traceReader/customizedReader/lcs.h; and before 2024 traceReader/generalReader/lcs.h.
 */
export const lcs: TraceFormat = {
  name: 'lcs',
  summary: "libCacheSim's own binary, with a header, an object a page",
  options: [],
  score: (head) => (viewOf(head, 8)?.getBigUint64(0, true) === MAGIC ? 100 : 0),
  open(content, options): AccessTrace {
    return requestTrace(content, options, 'lcs', layoutOf(content));
  },
};

const MAGIC = 0x123456789abcdef0n;
const HEADER_BYTES = [1024, 8192] as const;

function layoutOf({ name, head }: TraceContent): RequestLayout {
  const skip = HEADER_BYTES.find(
    (bytes) => viewOf(head, bytes)?.getBigUint64(bytes - 8, true) === MAGIC,
  );
  if (skip === undefined)
    throw new TraceError(
      head.bytes.length < HEADER_BYTES[1] ? 'TRACE_TRUNCATED' : 'TRACE_BAD_RECORD',
      `${name}: byte 0: expected a header of 1024 or 8192 bytes that ends with the number it begins with`,
    );
  const view = new DataView(head.bytes.buffer, head.bytes.byteOffset, skip);
  return view.getUint8(8) === LITTLE_ENDIAN && skip === 1024
    ? describedLayout(name, view)
    : versionLayout(name, view, skip);
}

/** The head's first `bytes`; undefined where it is shorter. */
function viewOf(
  { bytes: { buffer, byteOffset, length } }: Head,
  bytes: number,
): DataView | undefined {
  return length < bytes ? undefined : new DataView(buffer, byteOffset, bytes);
}

/** Bytes of a request by version, from 1; its operation is told from version 2 on, after the size. */
const REQUEST_BYTES = [24, 28, 36, 40, 44, 52, 68, 100];

function versionLayout(name: string, view: DataView, skip: number): RequestLayout {
  const version = Number(view.getBigUint64(8, true));
  const size = REQUEST_BYTES[version - 1];
  if (size === undefined)
    throw new TraceError(
      'TRACE_UNSUPPORTED',
      `${name}: byte 8: lcs of version ${version}; 1 to ${REQUEST_BYTES.length} are read`,
    );
  return {
    skip,
    size,
    time: { at: 0, bytes: 4, isSigned: false },
    object: { at: 4, bytes: 8, isSigned: false },
    ...(version >= 2 && { operation: version === 2 ? 16 : 20 }),
  };
}

const LITTLE_ENDIAN = 0x3c; // <

/** Bytes of a field by its letter; capital letters are unsigned. Source: Python's struct, "Format Characters". */
const FIELD_BYTES: Readonly<Record<string, 1 | 2 | 4 | 8>> = {
  c: 1,
  b: 1,
  B: 1,
  h: 2,
  H: 2,
  i: 4,
  I: 4,
  l: 4,
  L: 4,
  q: 8,
  Q: 8,
  f: 4,
  d: 8,
};

// Where the header of 1,024 bytes keeps what it says of the fields, which are counted from 1.
const LETTERS_AT = 9;
const OBJECT_FIELD_AT = 248;
const TIME_FIELD_AT = 250;
const OPERATION_FIELD_AT = 253;
const FIELD_COUNT_AT = 1000;
const REQUEST_BYTES_AT = 1004;
const FIELDS_MAX = 239;

function describedLayout(name: string, view: DataView): RequestLayout {
  const count = view.getUint32(FIELD_COUNT_AT, true);
  if (count < 1 || count > FIELDS_MAX) throw badHeader(name, FIELD_COUNT_AT, `${count} fields`);
  const fields: (NumberField | undefined)[] = [undefined];
  let size = 0;
  for (let i = 0; i < count; i++) {
    const letter = String.fromCharCode(view.getUint8(LETTERS_AT + i));
    const bytes = FIELD_BYTES[letter];
    if (bytes === undefined)
      throw badHeader(name, LETTERS_AT + i, `the field ${JSON.stringify(letter)}`);
    const isFloat = letter === 'f' || letter === 'd';
    fields.push({ at: size, bytes, isSigned: 'bhilq'.includes(letter), isFloat });
    size += bytes;
  }
  const told = view.getUint32(REQUEST_BYTES_AT, true);
  if (told !== size)
    throw badHeader(name, REQUEST_BYTES_AT, `${told} bytes a request, its fields have ${size}`);

  const object = fields[view.getUint8(OBJECT_FIELD_AT)];
  if (object === undefined || object.isFloat)
    throw badHeader(name, OBJECT_FIELD_AT, 'no field of whole numbers for the object');
  const time = fields[view.getUint8(TIME_FIELD_AT)];
  const operation = fields[view.getUint8(OPERATION_FIELD_AT)];
  return {
    skip: 1024,
    size,
    object,
    ...(time && { time }),
    ...(operation && { operation: operation.at }),
  };
}

function badHeader(name: string, at: number, got: string): TraceError {
  return new TraceError(
    'TRACE_BAD_RECORD',
    `${name}: byte ${at}: the header of lcs has ${got}; is this a trace of libCacheSim?`,
  );
}
