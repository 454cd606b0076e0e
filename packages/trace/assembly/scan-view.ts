// Lines of drmemtrace's view tool; the plain scanner is src/readers/drmemtrace-view.ts.
import { appendAddress, hasRoom, ScanState, threadId } from './scan-state';
import { farNewlineFrom } from './text-masks';
import { clearWrongDigit, readDecimal, readHex, wrongDigit } from './text-numbers';

const AT: i8 = 64;
const BLANK: u32 = 32;
const POINT: u32 = 46;
const LARGE_T: u32 = 84;
const LARGE_W: u32 = 87;
/** `read` and `writ` and `ifet` as little-endian words. */
const READ: u32 = 0x64616572;
const WRIT: u32 = 0x74697277;
const IFET: u32 = 0x74656669;

// @ts-ignore: decorator
@inline
function otherThanOrdinals(at: usize): i32 {
  const bytes = v128.load(at);
  const ordinals = v128.or(
    i8x16.le_u(i8x16.sub(bytes, i8x16.splat(48)), i8x16.splat(10)),
    i8x16.eq(bytes, i8x16.splat(<i8>BLANK)),
  );
  return i8x16.bitmask(ordinals) ^ 0xffff;
}

/** The first byte from `at` on that is no digit, no colon (the byte after 9) and no blank. */
// @ts-ignore: decorator
@inline
function afterOrdinals(at: usize): usize {
  let mask = otherThanOrdinals(at);
  while (mask == 0) mask = otherThanOrdinals((at += 16));
  return at + ctz(mask);
}

/** Within 16 bytes, the first that is at most a blank; 16 where none is. */
// @ts-ignore: decorator
@inline
function wordLength(at: usize): usize {
  return ctz(i8x16.bitmask(i8x16.le_u(v128.load(at), i8x16.splat(32))) | 0x10000);
}

/** The first at sign within 48 bytes of `at`, or 0. */
// @ts-ignore: decorator
@inline
function signFrom(at: usize): usize {
  for (let end = at + 48; at < end; at += 16) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(AT)));
    if (mask != 0) return at + ctz(mask);
  }
  return 0;
}

/**
 * Reads lines from `at` on, each `RECORD INSTRUCTION: [W0.]T123 OPERATION SIZE byte(s) @ 0xADDRESS ...`, as long as
 * there is room and they are as usual; returns where it stopped, at the start of a line or at `to`.
 */
export function scanView(stateAt: usize, at: usize, to: usize): usize {
  const state = changetype<ScanState>(stateAt);
  let lines: u32 = 0;
  clearWrongDigit();
  while (at < to && hasRoom(state)) {
    let next = afterOrdinals(at);
    if (load<u8>(next) == LARGE_W) {
      const points = i8x16.bitmask(i8x16.eq(v128.load(next), i8x16.splat(<i8>POINT)));
      if (points == 0) break;
      const point = next + ctz(points);
      readDecimal(point, point - next - 1);
      next = point + 1;
    }
    if (load<u8>(next) != LARGE_T) break;
    const length = wordLength(next);
    if (length - 2 > 13 || load<u8>(next + length) != BLANK) break;
    const thread = threadId(state, readDecimal(next + length, length - 1));
    next += length + 1;

    const word = load<u32>(next);
    let isFetch = false;
    if (word == IFET) {
      if (load<u16>(next, 4) != 0x6863 || load<u8>(next, 6) != BLANK) break;
      isFetch = true;
    } else if (word == WRIT) {
      if (load<u8>(next, 4) != 101 || load<u8>(next, 5) != BLANK) break;
    } else if (word != READ || load<u8>(next, 4) != BLANK) {
      break;
    }
    // SIZE byte(s) @ 0xADDRESS, whose at sign is within 48 bytes.
    const sign = signFrom(next);
    if (sign == 0) break;
    next = sign + 1;
    if (load<u8>(next) != BLANK || (load<u16>(next, 1) | 0x2000) != 0x7830) break;
    next += 3;
    const digits = ctz(i8x16.bitmask(i8x16.le_u(v128.load(next), i8x16.splat(32))) | 0x10000);
    if (digits == 0 || load<u8>(next + digits) > BLANK) break;
    const address = readHex(next + digits, digits);
    // What was looked at has no newline in it: each of its parts was found where the one before it ended.
    const newline = farNewlineFrom(at);
    if (wrongDigit || newline < next + digits) break;

    if (isFetch) {
      state.time += 1;
    } else {
      if (thread < 0) break;
      store<u16>(state.thread + (<usize>state.length << 1), <u16>thread);
      appendAddress(state, address, <u32>(word == WRIT));
    }
    lines++;
    at = newline + 1;
  }
  state.lines += lines;
  return at;
}
