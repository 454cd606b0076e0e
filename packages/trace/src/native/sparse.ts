/**
 * Sparse columns: u32 differences of times of which many are 0 and most of the others small, as the misses of a cache
 * have them (a write-back is at the time of its miss). A bit for each value says whether it is 0; each that is not has
 * two bytes, lowest first. The values of every eight sum up to less than 2^16, so that a decoder sums eight in one
 * vector; what a value has beyond that is an *exception*.
 *
 * First the number of exceptions, u32, and for each u32 index and u32 what is to be added to the value; then the bitmap,
 * lowest bit first; then the values.
 *
 * The encoder, and a decoder in plain TypeScript that is the reference for that of `assembly/sparse.ts`.
 */
const GROUP_VALUES = 8;
const GROUP_SUM_LIMIT = 2 ** 16;

/** In a group that sums up to more, values from here on are exceptions: eight smaller ones are below the limit. */
const LARGE = GROUP_SUM_LIMIT / GROUP_VALUES;

const EXCEPTION_BYTES = 8;

const bitmapBytes = (count: number): number => Math.ceil(count / 8);

/** Bytes that `values[0..count)` take as a sparse column. */
export function sparseBytes(values: Uint32Array, count: number): number {
  let bytes = 4 + bitmapBytes(count);
  for (let from = 0; from < count; from += GROUP_VALUES) {
    const to = Math.min(count, from + GROUP_VALUES);
    const large = largeFrom(values, from, to);
    for (let i = from; i < to; i++) {
      if (values[i] >= large) bytes += EXCEPTION_BYTES;
      else if (values[i] > 0) bytes += 2;
    }
  }
  return bytes;
}

/** Writes `values[0..count)` at `out[at]`, which has room for their {@link sparseBytes}; gives the offset past them. */
export function encodeSparse(
  values: Uint32Array,
  count: number,
  out: Uint8Array,
  at: number,
): number {
  const exceptions: [index: number, more: number][] = [];
  for (let from = 0; from < count; from += GROUP_VALUES) {
    const to = Math.min(count, from + GROUP_VALUES);
    const large = largeFrom(values, from, to);
    for (let i = from; i < to; i++) if (values[i] >= large) exceptions.push([i, values[i]]);
  }
  const view = new DataView(out.buffer, out.byteOffset);
  view.setUint32(at, exceptions.length, true);
  for (const [i, [index, more]] of exceptions.entries()) {
    view.setUint32(at + 4 + i * EXCEPTION_BYTES, index, true);
    view.setUint32(at + 8 + i * EXCEPTION_BYTES, more, true);
  }
  const bitmap = at + 4 + exceptions.length * EXCEPTION_BYTES;
  let data = bitmap + bitmapBytes(count);
  out.fill(0, bitmap, data);
  let excepted = 0;
  for (let i = 0; i < count; i++) {
    if (exceptions[excepted]?.[0] === i) excepted++;
    else if (values[i] > 0) {
      out[bitmap + (i >> 3)] |= 1 << (i & 7);
      view.setUint16(data, values[i], true);
      data += 2;
    }
  }
  return data;
}

/** The value from which on those of a group are exceptions; Infinity where the group has none. */
function largeFrom(values: Uint32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i];
  return sum < GROUP_SUM_LIMIT ? Infinity : LARGE;
}

/** Decodes `count` values from `bytes[at]`; gives the offset past them. */
export function decodeSparse(
  bytes: Uint8Array,
  at: number,
  count: number,
  out: Uint32Array,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const exceptions = view.getUint32(at, true);
  const bitmap = at + 4 + exceptions * EXCEPTION_BYTES;
  let data = bitmap + bitmapBytes(count);
  for (let i = 0; i < count; i++) {
    const isSet = (bytes[bitmap + (i >> 3)] >> (i & 7)) & 1;
    out[i] = isSet ? view.getUint16(data, true) : 0;
    if (isSet) data += 2;
  }
  for (let i = 0; i < exceptions; i++) {
    const entry = at + 4 + i * EXCEPTION_BYTES;
    out[view.getUint32(entry, true)] += view.getUint32(entry + 4, true);
  }
  return data;
}
