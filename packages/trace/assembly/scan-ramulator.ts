// Lines of Ramulator's CPU traces; the plain scanner is src/readers/ramulator.ts.
import { appendAddress, hasRoom, ScanState } from './scan-state';
import { clearWrongDigit, readDecimal, readHex, wrongDigit } from './text-numbers';

const NEWLINE: u32 = 10;
const BLANK: u32 = 32;
const NUMBER_LENGTH: usize = 16;
/** Digits of the largest count that is below 2^32 whatever they are. */
const COUNT_LENGTH: usize = 9;

/** Where the word at `at` ends: within 32 bytes, or at their end. */
// @ts-ignore: decorator
@inline
function wordEnd(at: usize): usize {
  const mask = i8x16.bitmask(i8x16.le_u(v128.load(at), i8x16.splat(32)));
  if (mask != 0) return at + ctz(mask);
  return at + 16 + ctz(i8x16.bitmask(i8x16.le_u(v128.load(at, 16), i8x16.splat(32))) | 0x10000);
}

// @ts-ignore: decorator
@inline
function skipBlanks(at: usize): usize {
  while (load<u8>(at) == BLANK) at++;
  return at;
}

/** The address from `from` to `end`; none of more than 16 digits. */
// @ts-ignore: decorator
@inline
function readAddress(from: usize, end: usize): u64 {
  const isPrefixed = (load<u16>(from) | 0x2000) == 0x7830 && end - from > 2;
  const length = isPrefixed ? end - from - 2 : end - from;
  if (length - 1 > NUMBER_LENGTH - 1) {
    isUnusual = true;
    return 0;
  }
  return isPrefixed ? readHex(end, length) : readDecimal(end, length);
}

let isUnusual: bool = false;

/**
 * Reads lines from `at` on, each `COUNT ADDRESS [ADDRESS]`, as long as there is room and they are as usual; returns
 * where it stopped, at the start of a line or at `to`.
 */
export function scanRamulator(stateAt: usize, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  let lines: u32 = 0;
  isUnusual = false;
  clearWrongDigit();
  while (at < to && hasRoom(state)) {
    let end = wordEnd(at);
    if (end - at - 1 > COUNT_LENGTH - 1 || load<u8>(end) != BLANK) break;
    const others = readDecimal(end, end - at);

    let next = skipBlanks(end);
    end = wordEnd(next);
    const read = readAddress(next, end);
    next = skipBlanks(end);
    const hasWriteback = load<u8>(next) != NEWLINE;
    let writeback: u64 = 0;
    if (hasWriteback) {
      end = wordEnd(next);
      writeback = readAddress(next, end);
      next = skipBlanks(end);
    }
    if (isUnusual || wrongDigit || load<u8>(next) != NEWLINE) break;

    state.time += <f64>others + 1;
    appendAddress(state, read, 0);
    if (hasWriteback) appendAddress(state, writeback, 1);
    lines++;
    at = next + 1;
  }
  state.lines += lines;
  return at;
}
