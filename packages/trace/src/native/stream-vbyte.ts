import { assert } from '@tierlab/core';

/**
 * StreamVByte: u32 values as a control stream of two bits a value (lowest first), then the values' bytes, lowest first.
 * The four codes stand for the byte counts of a *width set*, chosen per column by size. The last group is filled up
 * with zeros, so that a decoder may take whole groups.
 *
 * The encoder, and decoders in plain TypeScript that are the reference for those of `assembly/stream-vbyte.ts`.
 *
 * Source: Lemire, Kurz, Rupp, "Stream VByte: Faster Byte-Oriented Integer Compression", 2017; the width sets are ours.
 */
export const WIDTH_SETS: readonly (readonly [number, number, number, number])[] = [
  [0, 1, 2, 3],
  [1, 2, 3, 4],
  [0, 1, 2, 4],
];

/** Bytes that `value`, a u32, needs: 0 for 0. */
const bytesOf = (value: number): number => (39 - Math.clz32(value)) >> 3;

/** Largest encoding of `count` values, in bytes. */
export const streamBound = (count: number): number => controlBytes(count) * 17;

/** The control bytes of `count` values: one a group of four. */
export const controlBytes = (count: number): number => (count + 3) >> 2;

/** The width set that holds `values[0..count)` in the fewest bytes. */
export function bestWidthSet(values: Uint32Array, count: number): number {
  const sizes = dataBytes(values, count);
  return sizes.indexOf(Math.min(...sizes));
}

/** Bytes of `values[0..count)` in the best width set. */
export const streamBytes = (values: Uint32Array, count: number): number =>
  controlBytes(count) + Math.min(...dataBytes(values, count));

/** Data bytes of `values[0..count)` by width set, without those that fill the last group; Infinity where one is too wide. */
function dataBytes(values: Uint32Array, count: number): number[] {
  const needing = [0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) needing[bytesOf(values[i])]++;
  const [none, one, two, three, four] = needing as [number, number, number, number, number];
  return [
    four > 0 ? Infinity : one + 2 * two + 3 * three,
    none + one + 2 * two + 3 * three + 4 * four,
    one + 2 * two + 4 * (three + four),
  ];
}

/** Writes `values[0..count)` in width set `set` at `out[at]`; gives the offset past the last byte. */
export function encodeStream(
  set: number,
  values: Uint32Array,
  count: number,
  out: Uint8Array,
  at: number,
): number {
  const widths = WIDTH_SETS[set];
  assert(widths !== undefined, `width set ${set} exists`);
  const codes = codeByBytes(widths);
  let data = at + controlBytes(count);
  out.fill(0, at, data);
  for (let i = 0; i < count; i++) {
    let value = values[i];
    const code = codes[bytesOf(value)];
    out[at + (i >> 2)] |= code << ((i & 3) * 2);
    for (let left = widths[code]; left > 0; left--) {
      out[data++] = value;
      value >>>= 8;
    }
  }
  const end = data + (-count & 3) * widths[0];
  out.fill(0, data, end);
  return end;
}

/** The smallest code of `widths` that holds 0, 1, 2, 3 and 4 bytes. */
function codeByBytes(widths: readonly number[]): Uint8Array {
  return Uint8Array.from([0, 1, 2, 3, 4], (bytes) => {
    const code = widths.findIndex((width) => width >= bytes);
    return code === -1 ? 0 : code;
  });
}

/** Decodes `count` values of width set `set` from `bytes[at]`; gives the offset past the last byte. */
export function decodeStream(
  set: number,
  bytes: Uint8Array,
  at: number,
  count: number,
  out: Uint32Array,
): number {
  const widths = WIDTH_SETS[set];
  assert(widths !== undefined, `width set ${set} exists`);
  let data = at + controlBytes(count);
  for (let i = 0; i < count; i++) {
    const width = widths[(bytes[at + (i >> 2)] >> ((i & 3) * 2)) & 3];
    let value = 0;
    for (let k = 0; k < width; k++) value |= bytes[data + k] << (8 * k);
    out[i] = value;
    data += width;
  }
  return data + (-count & 3) * widths[0];
}

/** `values[i]` becomes the zigzag of its difference to `values[i - 1]`, the first one's to 0. */
export function zigzagDifferences(values: Uint32Array, count: number, out: Uint32Array): void {
  let last = 0;
  for (let i = 0; i < count; i++) {
    const difference = (values[i] - last) | 0;
    out[i] = (difference << 1) ^ (difference >> 31);
    last = values[i];
  }
}

/** The inverse of {@link zigzagDifferences}, in place. */
export function sumZigzag(values: Uint32Array, count: number): void {
  let last = 0;
  for (let i = 0; i < count; i++) {
    const code = values[i];
    last = (last + ((code >>> 1) ^ -(code & 1))) >>> 0;
    values[i] = last;
  }
}
