/**
 * Packed columns: u32 values in groups of 64, each group its smallest value (the *base*) and, of every value, what it
 * has above the base, in as many bits as the group's largest needs (its *width*). First the heads of all groups, a u32
 * each: the width in bits 0 to 4, the base above; then the groups' bits, lowest first, 8 * width bytes a group. The last
 * group is filled up with its base.
 *
 * The encoder, and a decoder in plain TypeScript that is the reference for that of `assembly/packed.ts`.
 *
 * Source: frame of reference, as in Goldstein, Ramakrishnan, Shaft, "Compressing Relations and Indexes", 1998.
 */
const GROUP_VALUES = 64;
const HEAD_BYTES = 4;
const WIDTH_BITS = 5;

/** Widest value and largest base: the decoder reads a value from four bytes at any bit, and a head is a u32. */
export const PACKED_WIDTH_MAX = 25;
const BASE_LIMIT = 2 ** (32 - WIDTH_BITS);

/** Groups of `count` values. */
export const packedGroups = (count: number): number => Math.ceil(count / GROUP_VALUES);

/** Bytes of the heads of `count` values. */
export const packedHeadBytes = (count: number): number => packedGroups(count) * HEAD_BYTES;

/** Bytes that `values[0..count)` take when packed; Infinity where a value is too large. */
export function packedBytes(values: Uint32Array, count: number): number {
  let bytes = 0;
  for (let from = 0; from < count; from += GROUP_VALUES) {
    const { base, width } = groupAt(values, from, count);
    if (width > PACKED_WIDTH_MAX || base >= BASE_LIMIT) return Infinity;
    bytes += HEAD_BYTES + (GROUP_VALUES / 8) * width;
  }
  return bytes;
}

/** Writes `values[0..count)` at `out[at]`, which has room for their {@link packedBytes}; gives the offset past them. */
export function encodePacked(
  values: Uint32Array,
  count: number,
  out: Uint8Array,
  at: number,
): number {
  const heads = new DataView(out.buffer, out.byteOffset + at, packedHeadBytes(count));
  let to = at + packedHeadBytes(count);
  for (let from = 0; from < count; from += GROUP_VALUES) {
    const { base, width } = groupAt(values, from, count);
    heads.setUint32((from / GROUP_VALUES) * HEAD_BYTES, base * 2 ** WIDTH_BITS + width, true);
    to = putBits(values, from, Math.min(count, from + GROUP_VALUES), base, width, out, to);
  }
  return to;
}

/** Writes a group's bits at `out[at]`, up to 7 waiting for the next byte; gives the offset past them. */
function putBits(
  values: Uint32Array,
  from: number,
  to: number,
  base: number,
  width: number,
  out: Uint8Array,
  at: number,
): number {
  const end = at + (GROUP_VALUES / 8) * width;
  let waiting = 0;
  let bits = 0;
  for (let i = from; i < to; i++) {
    waiting |= (values[i] - base) << bits;
    for (bits += width; bits >= 8; bits -= 8) {
      out[at++] = waiting;
      waiting >>>= 8;
    }
  }
  if (at < end) out[at++] = waiting;
  out.fill(0, at, end);
  return end;
}

/** Decodes `count` values from `bytes[at]`; gives the offset past them. */
export function decodePacked(
  bytes: Uint8Array,
  at: number,
  count: number,
  out: Uint32Array,
): number {
  const heads = new DataView(bytes.buffer, bytes.byteOffset + at, packedHeadBytes(count));
  let from = at + packedHeadBytes(count);
  for (let i = 0; i < count; i += GROUP_VALUES) {
    const head = heads.getUint32((i / GROUP_VALUES) * HEAD_BYTES, true);
    const width = head & (2 ** WIDTH_BITS - 1);
    for (let k = 0; k < GROUP_VALUES && i + k < count; k++) {
      let value = 0;
      for (let bit = 0; bit < width; bit++) {
        const place = k * width + bit;
        value |= ((bytes[from + (place >> 3)] >> (place & 7)) & 1) << bit;
      }
      out[i + k] = (head >>> WIDTH_BITS) + value;
    }
    from += (GROUP_VALUES / 8) * width;
  }
  return from;
}

function groupAt(
  values: Uint32Array,
  from: number,
  count: number,
): { readonly base: number; readonly width: number } {
  let base = values[from];
  let largest = base;
  const to = Math.min(count, from + GROUP_VALUES);
  for (let i = from + 1; i < to; i++) {
    const value = values[i];
    if (value < base) base = value;
    if (value > largest) largest = value;
  }
  return { base, width: 32 - Math.clz32(largest - base) };
}
