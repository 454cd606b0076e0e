// Lines of valgrind's lackey; the plain scanner is src/readers/lackey.ts.
import { appendAddress, hasRoom, ScanState } from './scan-state';
import { clearWrongDigit, readHex, wrongDigit } from './text-numbers';

const NEWLINE: u32 = 10;
const RETURN: u32 = 13;
const BLANK: u32 = 32;
const COMMA: i8 = 44;
const FETCHES: u32 = 73;
const LOADS: u32 = 76;
const MODIFIES: u32 = 77;
const STORES: u32 = 83;

// @ts-ignore: decorator
@inline
function isDecimal(byte: u32): bool {
  return byte - 48 <= 9;
}

/**
 * Reads lines from `at` on, each ` ? [ILSM] +HEX,DECIMAL`, as long as there is room and they are as usual; returns
 * where it stopped, at the start of a line or at `to`.
 */
export function scanLackey(stateAt: usize, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  let lines: u32 = 0;
  let instructions = state.time;
  clearWrongDigit();
  while (at < to && hasRoom(state)) {
    // The comma is within 16 bytes of all addresses that user space has.
    const commas = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(COMMA)));
    if (commas == 0) break;
    const comma = at + ctz(commas);

    let digits = at + <usize>(load<u8>(at) == BLANK);
    const kind = <u32>load<u8>(digits);
    if (load<u8>(digits, 1) != BLANK) break;
    digits += 2 + <usize>(load<u8>(digits, 2) == BLANK);
    if (comma <= digits) break;
    const address = readHex(comma, comma - digits);
    if (wrongDigit || !isDecimal(load<u8>(comma, 1))) break;

    let end = comma + 2;
    if (load<u8>(end) != NEWLINE) {
      while (isDecimal(load<u8>(end))) end++;
      while (load<u8>(end) == BLANK || load<u8>(end) == RETURN) end++;
      if (load<u8>(end) != NEWLINE) break;
    }
    if (kind == FETCHES) {
      instructions += 1;
    } else {
      if (kind != LOADS && kind != STORES && kind != MODIFIES) break;
      state.time = instructions;
      appendAddress(state, address, <u32>(kind == STORES));
      if (kind == MODIFIES) appendAddress(state, address, 1);
    }
    lines++;
    at = end + 1;
  }
  state.time = instructions;
  state.lines += lines;
  return at;
}
