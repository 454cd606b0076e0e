import { HEX } from './hex.ts';

/** A number read from text: as two 32-bit halves, or as a whole and a fraction. */
export interface ReadNumber {
  low: number;
  high: number;
  /** The whole part of a fraction. */
  whole: number;
  /** Digits after the point as an integer, and 10 to the number of them. */
  fraction: number;
  fractionScale: number;
}

export function createReadNumber(): ReadNumber {
  return { low: 0, high: 0, whole: 0, fraction: 0, fractionScale: 1 };
}

const ZERO = 48;
const POINT = 46;
const SMALL_X = 120;

/**
 * Reads an unsigned 64-bit number of `bytes` from `from` to `to` into `number.low` and `.high`:
 * hexadecimal with a leading `0x` or where `radix` is 16, else decimal. False where it is none.
 */
export function readUnsigned(
  number: ReadNumber,
  bytes: Uint8Array,
  from: number,
  to: number,
  radix: number,
): boolean {
  if (bytes[from] === ZERO && (bytes[from + 1] | 32) === SMALL_X && to - from > 2)
    return readHex(number, bytes, from + 2, to);
  return radix === 16 ? readHex(number, bytes, from, to) : readDecimal(number, bytes, from, to);
}

/**
 * Reads `0x` and at most 16 digits from `from` on into `number.low` and `.high`; returns where they end, or `from`
 * where they are not there.
 */
export function readPrefixedHex(number: ReadNumber, bytes: Uint8Array, from: number): number {
  if (bytes[from] !== ZERO || (bytes[from + 1] | 32) !== SMALL_X) return from;
  let low = 0;
  let high = 0;
  let at = from + 2;
  for (let digit = HEX[bytes[at]]; digit < 16; digit = HEX[bytes[++at]]) {
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | digit;
  }
  if (at === from + 2 || at > from + 18) return from;
  number.low = low;
  number.high = high;
  return at;
}

/** Reads bare hexadecimal digits, at most 64 bits of them. */
export function readHex(number: ReadNumber, bytes: Uint8Array, from: number, to: number): boolean {
  let low = 0;
  let high = 0;
  for (let at = from; at < to; at++) {
    const digit = HEX[bytes[at]];
    if (digit > 15 || high >>> 28 !== 0) return false;
    high = (high << 4) | (low >>> 28);
    low = (low << 4) | digit;
  }
  number.low = low;
  number.high = high;
  return to > from;
}

function readDecimal(number: ReadNumber, bytes: Uint8Array, from: number, to: number): boolean {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return false;
    value = value * 10 + digit;
  }
  if (value <= Number.MAX_SAFE_INTEGER) {
    number.low = value | 0;
    number.high = (value / 4294967296) | 0;
    return to > from;
  }
  if (to - from > 64) return false;
  const exact = BigInt(Buffer.from(bytes.subarray(from, to)).toString('latin1'));
  if (exact >= 1n << 64n) return false;
  number.low = Number(exact & 0xffffffffn) | 0;
  number.high = Number(exact >> 32n) | 0;
  return true;
}

const WHOLE_DIGITS_MAX = 19;

/** Reads `123` or `123.456`, of at most 19 digits before the point, into `number.whole`, `.fraction`, `.fractionScale`. False where it is neither. */
export function readFraction(
  number: ReadNumber,
  bytes: Uint8Array,
  from: number,
  to: number,
): boolean {
  let whole = 0;
  let at = from;
  for (; at < to && bytes[at] !== POINT; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return false;
    whole = whole * 10 + digit;
  }
  // Nanoseconds since 1970 are beyond what a double counts one by one: the nearest to all digits is taken.
  if (whole > Number.MAX_SAFE_INTEGER) {
    if (at - from > WHOLE_DIGITS_MAX) return false;
    whole = Number(Buffer.from(bytes.subarray(from, at)).toString('latin1'));
  }
  let fraction = 0;
  let scale = 1;
  for (at++; at < to; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return false;
    if (scale >= 1e15) continue;
    fraction = fraction * 10 + digit;
    scale *= 10;
  }
  number.whole = whole;
  number.fraction = fraction;
  number.fractionScale = scale;
  return to > from && bytes[from] !== POINT;
}
