/**
 * Varints of integers up to 2^53 in magnitude: seven bits a byte, lowest first, bit 7 says that more follow.
 * In a signed one bit 6 of the first byte is the sign.
 */

/** Longest varint: 6 + 7 * 7 bits. */
export const VARINT_BYTES = 8;

/** Writes `value` at `out[at]`; gives the offset past it. */
export function encodeVarint(value: number, out: Uint8Array, at: number): number {
  let left = value;
  while (left > 127) {
    out[at++] = (left % 128) + 128;
    left = Math.floor(left / 128);
  }
  out[at++] = left;
  return at;
}

/** Writes the signed differences of `values`, from 0 on, at `out[at]`; gives the offset past them. */
export function encodeSignedVarints(values: Float64Array, out: Uint8Array, at: number): number {
  let last = 0;
  for (const value of values) {
    const difference = value - last;
    const magnitude = Math.abs(difference);
    const rest = Math.floor(magnitude / 64);
    out[at++] = (magnitude % 64) + (difference < 0 ? 64 : 0) + (rest > 0 ? 128 : 0);
    if (rest > 0) at = encodeVarint(rest, out, at);
    last = value;
  }
  return at;
}

/** A position in bytes; reading past the end or a varint that is too long sets `bad`. */
export interface VarintCursor {
  readonly bytes: Uint8Array;
  at: number;
  bad: boolean;
}

export function decodeVarint(cursor: VarintCursor): number {
  let value = 0;
  let scale = 1;
  for (let i = 0; i < VARINT_BYTES; i++) {
    const byte = cursor.bytes[cursor.at++];
    if (byte === undefined) break;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
  cursor.bad = true;
  return 0;
}

/** Reads `count` signed differences, summed from 0 on. */
export function decodeSignedVarints(cursor: VarintCursor, count: number): Float64Array {
  const values = new Float64Array(count);
  let last = 0;
  for (let i = 0; i < count && !cursor.bad; i++) {
    const first = cursor.bytes[cursor.at++];
    if (first === undefined) cursor.bad = true;
    else {
      const magnitude = (first & 63) + (first > 127 ? decodeVarint(cursor) * 64 : 0);
      last += (first & 64) === 0 ? magnitude : -magnitude;
      values[i] = last;
      if (last < 0 || last > Number.MAX_SAFE_INTEGER) cursor.bad = true;
    }
  }
  return values;
}
